"""Somebody who got a key, and tries what one can do with one."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import paramiko

from tests.machines.host import PORT, SystemdHost

WITHIN = 20.0
SFTP_HELLO = bytes((0, 0, 0, 5, 1, 0, 0, 0, 3))
SFTP_VERSION = bytes((2,))


def refusals(host: SystemdHost, key_file: Path) -> list[str]:
    """Return what a key of ffmon is refused, of everything one wants."""
    with paramiko.SSHClient() as client:
        client.load_host_keys(str(host.known_hosts_file))
        client.connect(
            host.address,
            username="ffmon",
            key_filename=str(key_file),
            look_for_keys=False,
            allow_agent=False,
        )
        transport = client.get_transport()
        assert transport is not None
        return _refused(transport)


def _refused(transport: paramiko.Transport) -> list[str]:
    transport.channel_timeout = WITHIN
    asked: dict[str, Callable[[paramiko.Channel], None]] = {
        "command": lambda one: one.exec_command("id; touch /tmp/mine"),
        "shell": lambda one: one.invoke_shell(),
    }
    refused = [
        name
        for name, asks in asked.items()
        if not _runs(transport.open_session(), asks)
    ]
    if not _serves_files(transport.open_session()):
        refused.append("sftp")
    there, here = ("127.0.0.1", PORT), ("127.0.0.1", 1)
    for name, tries in (
        ("pty", lambda: transport.open_session().get_pty()),
        (
            "forwarding",
            lambda: transport.open_channel("direct-tcpip", there, here),
        ),
    ):
        try:
            tries()
        except paramiko.SSHException:
            refused.append(name)
    return refused


def _runs(
    channel: paramiko.Channel, asks: Callable[[paramiko.Channel], None]
) -> bool:
    """Return whether a command of ours was run, by its answer."""
    channel.settimeout(WITHIN)
    asks(channel)
    with contextlib.suppress(OSError):  # a command may have ended already
        channel.sendall(b"id; touch /tmp/mine\n")
        channel.shutdown_write()
    with channel.makefile("rb") as answers:
        told: bytes = answers.read()
    return b"uid=" in told


def _serves_files(channel: paramiko.Channel) -> bool:
    """Return whether an SFTP server says its version.

    It is left a moment to: at the end of its input it goes without a word.
    """
    channel.settimeout(WITHIN)
    channel.invoke_subsystem("sftp")
    channel.sendall(SFTP_HELLO + b"\n")  # the gate waits for a whole line
    with channel.makefile("rb") as answers:
        told: bytes = answers.read(len(SFTP_HELLO))
    return told[4:5] == SFTP_VERSION
