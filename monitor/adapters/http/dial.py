"""Opens a connection of its own for one request."""

import asyncio
import contextlib
import errno
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ssl import SSLContext

from monitor.adapters.http.flaws import unresolved
from monitor.adapters.http.line import Line, PlainLine, TlsLine
from monitor.adapters.http.names import Address, Resolve, literal
from monitor.adapters.http.ready import writable
from monitor.adapters.http.stopwatch import Stopwatch

MAX_ADDRESSES = 8
"""Addresses of one name that we try; the rest is ignored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialer:
    """Resolves, connects and, for https, shakes hands.

    Everything must be done at `deadline`, in the loop's time.
    """

    resolve: Resolve
    trust: SSLContext | None
    watch: Stopwatch
    deadline: float

    async def dial(self, host: str, port: int) -> Line:
        """Return the open connection. Raises Flaw and OSError."""
        sock = await self.reach(host, port)
        if self.trust is None:
            self.watch.skipped("tls")
            return PlainLine(sock)
        line = await TlsLine.shake_hands(sock, self.trust, host)
        self.watch.reached("tls")
        return line

    async def reach(self, host: str, port: int) -> socket.socket:
        """Return the connected socket. Raises Flaw and OSError."""
        addresses = await self._addresses(host, port)
        sock = await self._connect(addresses)
        self.watch.reached("connect")
        return sock

    async def _addresses(self, host: str, port: int) -> Sequence[Address]:
        if address := literal(host, port):
            self.watch.skipped("resolve")
            return [address]
        found = await self.resolve(host, port)
        if not found:
            raise unresolved("known, but has no address")
        self.watch.reached("resolve")
        return found[:MAX_ADDRESSES]

    async def _connect(self, addresses: Sequence[Address]) -> socket.socket:
        """Try the addresses in order; the last one's error is the error.

        A silent address may only use its share of the time, so that one
        that answers is still reached before the deadline.
        """
        loop = asyncio.get_running_loop()
        for tried, address in enumerate(addresses[:-1]):
            left = self.deadline - loop.time()
            with contextlib.suppress(OSError):  # TimeoutError is one
                async with asyncio.timeout(left / (len(addresses) - tried)):
                    return await connect(address)
        return await connect(addresses[-1])


async def connect(address: Address) -> socket.socket:
    """Return a connected socket that sends small pieces at once."""
    family, where = address
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(0)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await _reach(sock, where)
    except BaseException:
        sock.close()
        raise
    return sock


async def _reach(sock: socket.socket, where: tuple[object, ...]) -> None:
    code = sock.connect_ex(where)
    if code == errno.EINPROGRESS:
        await writable(sock)
        code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    if code:
        raise OSError(code, os.strerror(code))
