"""Who listens, asked of the kernel directly, as `ss` does.

/proc/net/tcp walks the table of all connections at every read: 2 ms on a
small machine, ten times that on a large one. Only for our own network.
"""

from __future__ import annotations

import ipaddress
import socket
import struct
from collections.abc import Callable, Iterator

from monitor.gate.listeners import Listening

_SOCK_DIAG = 4
_BY_FAMILY = 20
_DONE, _ERROR = 3, 2
_DUMP = 0x301
_LISTENS = 1 << 10
_HEADER = struct.Struct("=IHHII")
_QUESTION = struct.Struct("=BBBxI48x")
_ANSWER = struct.Struct("=4x2s2x16s28x4xI4xII")
_ANSWERS = 1024
_WAIT = 0.5
_BUFFER = 65536


def open_diag() -> socket.socket:
    """Open the way to the kernel's socket diagnosis. Raises `OSError`."""
    return socket.socket(socket.AF_NETLINK, socket.SOCK_DGRAM, _SOCK_DIAG)


def diag_listening(
    opened: Callable[[], socket.socket] = open_diag,
) -> list[Listening] | None:
    """Return who listens in our network, None where we may not ask."""
    found: list[Listening] = []
    try:
        with opened() as line:
            line.settimeout(_WAIT)
            for family in (socket.AF_INET, socket.AF_INET6):
                line.send(_question(family))
                found += _heard_on(line, family)
    except (OSError, ValueError):
        return None
    return found


def _question(family: int) -> bytes:
    body = _QUESTION.pack(family, socket.IPPROTO_TCP, 0, _LISTENS)
    size = _HEADER.size + len(body)
    return _HEADER.pack(size, _BY_FAMILY, _DUMP, 0, 0) + body


def _heard_on(line: socket.socket, family: int) -> list[Listening]:
    """Read answers until the kernel is done. Raises `ValueError`."""
    found: list[Listening] = []
    for _ in range(_ANSWERS):
        for kind, body in diag_messages(line.recv(_BUFFER)):
            if kind == _DONE:
                return found
            if kind == _ERROR or len(body) < _ANSWER.size:
                raise ValueError(kind)
            found.append(_listener_in(body, family))
    raise ValueError(_ANSWERS)


def diag_messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield type and body of each message. Raises `ValueError`."""
    while data:
        if len(data) < _HEADER.size:
            raise ValueError(len(data))
        size, kind, *_ = _HEADER.unpack_from(data)
        if not _HEADER.size <= size <= len(data):
            raise ValueError(size)
        yield kind, data[_HEADER.size : size]
        data = data[(size + 3) & ~3 :]


def _listener_in(body: bytes, family: int) -> Listening:
    port, source, waiting, uid, inode = _ANSWER.unpack_from(body)
    number = int.from_bytes(port, "big")
    if family == socket.AF_INET:
        address = str(ipaddress.IPv4Address(source[:4]))
    else:
        six = ipaddress.IPv6Address(source)
        address = str(six.ipv4_mapped or six)
    return Listening(address, number, uid, inode, waiting)
