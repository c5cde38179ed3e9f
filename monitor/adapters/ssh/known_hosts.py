"""OpenSSH's known_hosts file: which keys belong to a host.

Read here rather than by paramiko, which knows neither patterns nor
`@revoked`. A line that cannot be read is left out: its key is then not
known, and the host is refused.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from monitor.domain.errors import Unreadable

LARGEST = 1 << 20
"""Bytes of a known_hosts file that we read; 1 MiB is 5,000 hosts."""

DEFAULT_PORT = 22
"""The one port that known_hosts files do not name."""

_MARKERS = {"@revoked", "@cert-authority"}
_HASHED = "|1|"
_FIELDS = 3
_LENGTH = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownKey:
    """One line: host patterns, key type, the key itself."""

    patterns: tuple[str, ...]
    kind: str
    blob: bytes
    revoked: bool = False

    def belongs_to(self, name: str) -> bool:
        """Tell whether the line is about this host name."""
        hits = [p for p in self.patterns if _matches(p.lstrip("!"), name)]
        return bool(hits) and not any(p.startswith("!") for p in hits)


def parse(text: str) -> tuple[KnownKey, ...]:
    """Return the usable lines.

    Certificate authorities are left out: we check plain host keys.
    """
    keys = (_parse_line(line.split()) for line in text.splitlines())
    return tuple(key for key in keys if key)


def known_for(
    keys: Iterable[KnownKey], address: str, port: int
) -> tuple[KnownKey, ...]:
    """Return the lines about a host, which is `[host]:port` off port 22."""
    name = host_name(address, port)
    return tuple(key for key in keys if key.belongs_to(name))


def host_name(address: str, port: int) -> str:
    """Return what a known_hosts file calls a machine."""
    plain = address.lower()
    return plain if port == DEFAULT_PORT else f"[{plain}]:{port}"


def read(file: Path) -> str:
    """Return a file's text, nothing where there is none.

    Raises `Unreadable`.
    """
    try:
        with file.open("rb") as opened:
            text = opened.read(LARGEST + 1)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise Unreadable(
            f"cannot read {file}: {error.strerror}; let the monitor's user"
            " read its known_hosts_file"
        ) from error
    if len(text) > LARGEST:
        raise Unreadable(
            f"cannot use {file}: it is longer than {LARGEST} bytes; name a"
            " known_hosts file with the monitor's hosts only"
        )
    return text.decode(errors="replace")


def fingerprint(blob: bytes) -> str:
    """Return a key's fingerprint as `ssh-keygen -l` prints it."""
    digest = hashlib.sha256(blob).digest()
    return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")


def _parse_line(fields: Sequence[str]) -> KnownKey | None:
    marker = fields[0] if fields and fields[0] in _MARKERS else ""
    fields = fields[1:] if marker else fields
    if len(fields) < _FIELDS or marker == "@cert-authority":
        return None
    blob = _decoded(fields[2])
    if _kind_inside(blob) != fields[1].encode():
        return None
    return KnownKey(
        patterns=tuple(fields[0].split(",")),
        kind=fields[1],
        blob=blob,
        revoked=marker == "@revoked",
    )


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def _kind_inside(blob: bytes) -> bytes:
    end = _LENGTH + int.from_bytes(blob[:_LENGTH], "big")
    return blob[_LENGTH:end]


def _matches(pattern: str, name: str) -> bool:
    if pattern.startswith(_HASHED):
        return _hash_matches(pattern, name)
    wild = re.escape(pattern.lower())
    wild = wild.replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(wild, name) is not None


def _hash_matches(pattern: str, name: str) -> bool:
    salt, _, digest = pattern.removeprefix(_HASHED).partition("|")
    shown = hmac.digest(_decoded(salt), name.encode(), "sha1")
    return hmac.compare_digest(shown, _decoded(digest))
