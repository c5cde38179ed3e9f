"""Whether the key that a machine shows is the one we were told to expect."""

from collections.abc import Sequence
from pathlib import Path
from shlex import quote

from monitor.adapters.ssh.known_hosts import (
    KnownKey,
    fingerprint,
    host_name,
    known_for,
    parse,
    read,
)
from monitor.adapters.ssh.settings import SshSettings
from monitor.domain.errors import CannotReach, Unreadable

_RSA = "ssh-rsa"


class Trust:
    """The host keys that one machine may show.

    `where` names the machine in errors. Raises `CannotReach`.
    """

    def __init__(self, where: str, hop: SshSettings) -> None:
        self._where = where
        self._hop = hop
        self._file = hop.known_hosts_file
        text = _read(self._file, where)
        self._known = known_for(parse(text), hop.address, hop.port)

    def prefer(self, algorithms: Sequence[str]) -> tuple[str, ...]:
        """Return the host key algorithms, those of known keys first.

        A host with several keys then shows the one that we know, instead
        of one that would look changed.
        """
        kinds = {key.kind for key in self._known if not key.revoked}
        return tuple(sorted(algorithms, key=lambda a: _kind(a) not in kinds))

    def check(self, kind: str, blob: bytes) -> None:
        """Accept a known key. Raises `CannotReach` for any other."""
        same = [key for key in self._known if key.blob == blob]
        if any(key.revoked for key in same):
            raise _untrusted(
                f"cannot trust {self._where}: its {_shown(kind, blob)} is "
                f"revoked in {self._file}; somebody said that this key is "
                "no longer safe: ask why before you record another"
            )
        if same:
            return
        old = [k for k in self._known if k.kind == kind and not k.revoked]
        if old:
            raise self._changed(kind, blob, old)
        raise self._refusal(
            f"{_shown(kind, blob)} is not in {self._file}", blob
        )

    def _changed(
        self, kind: str, blob: bytes, old: Sequence[KnownKey]
    ) -> CannotReach:
        expected = " or ".join(fingerprint(key.blob) for key in old)
        return _untrusted(
            f"cannot trust {self._where}: its {_word(kind)} host key CHANGED: "
            f"it shows {fingerprint(blob)}, {self._file} has {expected}; "
            "unless the machine was installed anew, somebody may be in "
            "between; compare it on the machine, then remove the old one with "
            f"`{self._removal}` and {self._advice(blob)}"
        )

    def _refusal(self, flaw: str, blob: bytes) -> CannotReach:
        others = [k for k in self._known if k.blob != blob and not k.revoked]
        kept = ", ".join(
            f"{_word(key.kind)} {fingerprint(key.blob)}" for key in others
        )
        known = f" (which has {kept})" if kept else ""
        return _untrusted(
            f"cannot trust {self._where}: its {flaw}{known}; compare it with"
            f" the one on the machine itself and {self._advice(blob)}"
        )

    def _advice(self, blob: bytes) -> str:
        if self._hop.accept:
            return (
                f"record it with `{self._hop.accept} --fingerprint"
                f" {fingerprint(blob)}`"
            )
        return (
            f"record it with `ssh-keyscan -p {self._hop.port} "
            f"{self._hop.address} >> {quote(str(self._file))}`"
        )

    @property
    def _removal(self) -> str:
        """Return what takes out the old keys: more lines mean more trust."""
        file = quote(str(self._file))
        name = quote(host_name(self._hop.address, self._hop.port))
        return f"ssh-keygen -R {name} -f {file}"


def _read(file: Path, where: str) -> str:
    try:
        return read(file)
    except Unreadable as error:
        raise _untrusted(f"cannot trust {where}: {error}") from error


def _untrusted(text: str) -> CannotReach:
    return CannotReach(text, reason="host_key")


def _kind(algorithm: str) -> str:
    return _RSA if algorithm.startswith("rsa-") else algorithm


def _shown(kind: str, blob: bytes) -> str:
    return f"{_word(kind)} key {fingerprint(blob)}"


def _word(kind: str) -> str:
    return kind.removeprefix("ssh-").split("-")[0].upper()
