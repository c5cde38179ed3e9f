"""An open connection: bytes go out, bytes come in."""

import asyncio
import contextlib
import socket
from ssl import SSLContext
from typing import Protocol, Self

from monitor.adapters.http.ready import readable

PIECE = 16 * 1024
"""Bytes received at once."""


class Line(Protocol):
    """A connection for one request. Its methods raise OSError."""

    async def send(self, data: bytes) -> None:
        """Send everything."""
        ...

    async def receive(self) -> bytes:
        """Return what came, at most `PIECE` bytes; empty at the end."""
        ...

    def hang_up(self) -> None:
        """Close at once, without waiting for the other side."""
        ...


class PlainLine:
    """A line without TLS, straight on the socket.

    One bare exchange on loopback costs 120-140 us of CPU this way, whatever
    the loop; 160-190 with the loop's own sock_* methods, 130 (uvloop) to
    210 (asyncio) with its transports, and half as much again with streams.
    """

    __slots__ = ("_sock",)

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    async def send(self, data: bytes) -> None:
        """Send everything."""
        try:
            sent = self._sock.send(data)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            loop = asyncio.get_running_loop()
            await loop.sock_sendall(self._sock, data[sent:])

    async def receive(self) -> bytes:
        """Return what came; empty at the end."""
        while True:
            await readable(self._sock)
            with contextlib.suppress(BlockingIOError):
                return self._sock.recv(PIECE)

    def hang_up(self) -> None:
        """Close at once."""
        self._sock.close()


class TlsLine:
    """A line with TLS, on asyncio's streams."""

    __slots__ = ("_reader", "_writer")

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def shake_hands(
        cls, sock: socket.socket, trust: SSLContext, name: str
    ) -> Self:
        """Return the line once the server proved to be `name`.

        Raises UnicodeError for what is no name; uvloop would say so on
        stderr and hold on to the socket.
        """
        try:
            name.encode("idna")
            streams = await asyncio.open_connection(
                sock=sock, ssl=trust, server_hostname=name
            )
        except BaseException:
            sock.close()
            raise
        return cls(*streams)

    async def send(self, data: bytes) -> None:
        """Send everything."""
        self._writer.write(data)
        await self._writer.drain()

    async def receive(self) -> bytes:
        """Return what came; empty at the end."""
        return await self._reader.read(PIECE)

    def hang_up(self) -> None:
        """Close at once: a polite close may wait 30 s for the server."""
        self._writer.transport.abort()
