"""Records a host key in a known_hosts file, on purpose and once."""

import base64
import os
from enum import StrEnum
from pathlib import Path

from monitor.adapters.ssh.host_keys import HostKey
from monitor.adapters.ssh.known_hosts import (
    fingerprint,
    host_name,
    known_for,
    parse,
    read,
)
from monitor.adapters.ssh.settings import SshSettings
from monitor.domain.errors import MonitorError, Unreadable

_MODE = 0o644


class NotRecorded(MonitorError):
    """A host key that cannot, or must not, be recorded."""


class Recorded(StrEnum):
    """What became of the key."""

    NEW = "recorded"
    KNOWN = "known already"


def record(key: HostKey, settings: SshSettings, name: str) -> Recorded:
    """Add a key to the machine's known_hosts file. Raises `NotRecorded`.

    Nothing in the file changes. A revoked key stays out, and a second key
    of one kind too: more lines mean more trust.
    """
    file = settings.known_hosts_file
    try:
        text = read(file)
    except Unreadable as error:
        raise NotRecorded(str(error)) from error
    known = known_for(parse(text), settings.address, settings.port)
    where = host_name(settings.address, settings.port)
    same = [one for one in known if one.blob == key.blob]
    if any(one.revoked for one in same):
        raise NotRecorded(
            f"cannot record the key {key.fingerprint} of host '{name}': it"
            f" is revoked in {file}; ask why before you take that line out"
        )
    if same:
        return Recorded.KNOWN
    for old in known:
        if old.kind == key.kind and not old.revoked:
            raise NotRecorded(
                f"cannot record the key {key.fingerprint} of host '{name}':"
                f" {file} has another of its kind,"
                f" {fingerprint(old.blob)}; when the machine was installed"
                " anew, take that one out first with `ssh-keygen -R"
                f" '{where}' -f '{file}'`"
            )
    _append(file, text, line(key, settings))
    return Recorded.NEW


def line(key: HostKey, settings: SshSettings) -> str:
    """Return the line of a known_hosts file, without a newline."""
    blob = base64.b64encode(key.blob).decode()
    name = host_name(settings.address, settings.port)
    return f"{name} {key.kind} {blob}"


def _append(file: Path, before: str, added: str) -> None:
    """Write one line in one go: who reads meanwhile sees all of it or none."""
    start = "" if not before or before.endswith("\n") else "\n"
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    try:
        opened = os.open(file, flags, _MODE)
        try:
            os.write(opened, f"{start}{added}\n".encode())
            os.fsync(opened)
        finally:
            os.close(opened)
    except OSError as error:
        raise NotRecorded(
            f"cannot write {file}: {error.strerror}; check its permissions,"
            " or add this line yourself: " + added
        ) from error
