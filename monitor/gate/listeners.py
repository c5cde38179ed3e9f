"""Who listens on which TCP port, from /proc/net alone."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import struct
from collections.abc import Sequence
from typing import NamedTuple

from monitor.gate.processes import ProcessSeen, stat_of
from monitor.gate.procfiles import (
    PORTS,
    all_pids,
    host_text,
    whole_number,
)
from monitor.gate.roots import ROOT

_LISTEN = "0A"
_DESCRIPTORS_READ = 65536
_ROW, _ROWS = 1024, 16384
_DOCKER_DNS = "127.0.0.11"
"""Docker's own resolver listens there inside of every container."""


class Listening(NamedTuple):
    """A TCP socket in LISTEN; `uid` is whose it is.

    `waiting` is how many connections nobody has accepted yet.
    """

    address: str
    port: int
    uid: int
    inode: int
    waiting: int = 0


def parse_tcp(text: str) -> list[Listening]:
    """Return the listeners in /proc/net/tcp or tcp6.

    What is no line of it is left out.
    """
    lines = (_parse_line(line.split()) for line in text.split("\n"))
    return [one for one in lines if one]


def _parse_line(fields: Sequence[str]) -> Listening | None:
    if len(fields) < 10 or fields[3] != _LISTEN:  # noqa: PLR2004
        return None
    where, _, port = fields[1].partition(":")
    uid, inode = whole_number(fields[7]), whole_number(fields[9])
    _, _, received = fields[4].partition(":")
    try:
        address, number = _address(where), int(port, 16)
        waiting = int(received, 16)
    except ValueError:
        return None
    if uid is None or inode is None or number not in PORTS:
        return None
    return Listening(address, number, uid, inode, waiting)


def _address(text: str) -> str:
    """Return an address that the kernel wrote as words of its own order."""
    if len(text) not in (8, 32):
        raise ValueError(text)
    words = [int(text[at : at + 8], 16) for at in range(0, len(text), 8)]
    packed = b"".join(struct.pack("=I", one & 0xFFFFFFFF) for one in words)
    if len(packed) == 4:  # noqa: PLR2004
        return str(ipaddress.IPv4Address(packed))
    address = ipaddress.IPv6Address(packed)
    return str(address.ipv4_mapped or address)


def listening(*where: str) -> list[Listening]:
    """Return who listens in a namespace: `("net",)` or `("1", "net")`."""
    return [
        one
        for table in ("tcp", "tcp6")
        for one in parse_tcp(_listener_lines("proc", *where, table))
    ]


def _listener_lines(*where: str) -> str:
    """Return the head of a table: the kernel writes listeners first.

    A busy host has thousands of connections after them.
    """
    lines = []
    with contextlib.suppress(OSError), open(ROOT.path(*where), "rb") as file:
        lines.append(file.readline(_ROW))
        for _ in range(_ROWS):
            line = file.readline(_ROW)
            if line.split()[3:4] != [_LISTEN.encode()]:
                break
            lines.append(line)
    return b"".join(lines).decode("utf-8", "replace")


def sockets_of(pid: int) -> set[int] | None:
    """Return a process' sockets, None where we may not see them."""
    folder = ROOT.path("proc", str(pid), "fd")
    found = set()
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return set()
    except OSError:
        return None
    for name in names[:_DESCRIPTORS_READ]:
        try:
            link = os.readlink(os.path.join(folder, name))
        except OSError:
            continue
        if link.startswith("socket:["):
            found.add(whole_number(link[8:-1]) or 0)
    return found


class Ears:
    """Who of a service listens, and in which network.

    `host` is who listens in our network, where that is known already.
    """

    def __init__(
        self,
        processes: Sequence[ProcessSeen],
        host: list[Listening] | None = None,
    ) -> None:
        self._processes = processes
        self.host = listening("net") if host is None else host
        self._owned_by, self._hidden = self._owners()
        self.inside, self.in_container = self._own()

    def _own(self) -> tuple[list[Listening], bool]:
        """Return the sockets of the network that the service lives in.

        Sockets have one number on the whole machine: when nothing is in
        both lists, the lists are of two networks.
        """
        known = any(one.inode in self._owned_by for one in self.host)
        if known or not self._processes:
            return self.host, False
        own = listening(str(self._processes[0].pid), "net")
        here = {one.inode for one in self.host}
        shared = any(one.inode in here for one in own)
        apart = not shared and bool(own or self.host)
        readable = host_text("proc", str(self._processes[0].pid), "net", "tcp")
        if not apart or readable is None:
            return self.host, False
        return own, True

    def owned(self) -> list[tuple[Listening, int | None]]:
        """Return the service's listeners, each with its process.

        The process is None where only the user fits; in a network of its
        own everything that listens belongs to the service.
        """
        return [
            (one, self._owned_by.get(one.inode))
            for one in self.inside
            if one.inode in self._owned_by
            or (one.uid in self._hidden and not self.in_container)
            or (self.in_container and one.address != _DOCKER_DNS)
        ]

    def _owners(self) -> tuple[dict[int, int], set[int]]:
        owners: dict[int, int] = {}
        hidden = set()
        for process in self._processes:
            found = sockets_of(process.pid)
            if found is None:
                hidden.add(process.uid)
            for inode in found or ():
                # Children inherit sockets: the parent comes first.
                owners.setdefault(inode, process.pid)
        return owners, hidden


def who_listens(one: Listening) -> dict[str, object]:
    """Return who a stranger on a port is, as far as we may know."""
    for pid in all_pids():
        if one.inode in (sockets_of(pid) or ()):
            stat = stat_of(pid)
            name = stat.name if stat else None
            return {"pid": pid, "uid": one.uid, "name": name}
    return {"pid": None, "uid": one.uid, "name": None}
