"""Small loopback servers with the bad manners of real ones.

A manner is what a server does with one connection, once it has read the
head of the request. `serving` runs one on a free port.
"""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field

Manner = Callable[
    [asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]
]


@dataclass(kw_only=True)
class Served:
    """A running server: where it is and what it was asked."""

    host: str
    port: int
    scheme: str = "http"
    requests: list[bytes] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a request has come."""
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a client has left a connection."""

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


@contextlib.asynccontextmanager
async def serving(
    manner: Manner,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    tls: ssl.SSLContext | None = None,
    speaks_first: bool = False,
) -> AsyncIterator[Served]:
    """Run a server until the end of the block."""
    served = Served(host=host, port=0, scheme="https" if tls else "http")
    talks: set[asyncio.Task[None]] = set()

    async def talk(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            with contextlib.suppress(OSError):
                if not speaks_first:
                    served.requests.append(await _request(reader))
                served.came.set()
                await manner(reader, writer)
        except asyncio.CancelledError:
            pass  # the test is over
        finally:
            talks.discard(task)
            writer.transport.abort()
            served.gone.set()

    server = await asyncio.start_server(talk, host, port, ssl=tls)
    served.port = server.sockets[0].getsockname()[1]
    try:
        yield served
    finally:
        server.close()
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await server.wait_closed()


async def _request(reader: asyncio.StreamReader) -> bytes:
    """Return one request as it came, its body included."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        return error.partial
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    return head + await reader.readexactly(length)


def says(*pieces: bytes) -> Manner:
    """Sends these bytes, then closes."""

    async def manner(
        _: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        writer.close()
        await writer.wait_closed()

    return manner


def answers(
    body: bytes = b'{"status": "online"}',
    *headers: bytes,
    code: int = 200,
    kind: bytes = b"application/json",
) -> Manner:
    """Sends one well-formed answer with these extra header lines."""
    head = [
        b"HTTP/1.1 %d Whatever" % code,
        b"Content-Type: " + kind,
        b"Content-Length: %d" % len(body),
        *headers,
    ]
    return says(b"\r\n".join(head) + b"\r\n\r\n" + body)


def hangs(*first: bytes) -> Manner:
    """Sends these bytes, then nothing more, and keeps the line open."""

    async def manner(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(b"".join(first))
        await reader.read()

    return manner


def floods(first: bytes, again: bytes) -> Manner:
    """Sends the first bytes, then the others for ever."""

    async def manner(
        _: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(first)
        while True:
            writer.write(again)
            await writer.drain()

    return manner


def drips(first: bytes, drop: bytes, *, pause: float) -> Manner:
    """Sends the first bytes, then a drop every `pause` seconds for ever."""

    async def manner(
        _: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(first)
        while True:
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(pause)

    return manner


def resets(*first: bytes) -> Manner:
    """Sends these bytes, then resets the connection (RST)."""

    async def manner(
        _: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(b"".join(first))
        await writer.drain()
        sock: socket.socket = writer.get_extra_info("socket")
        linger = (1).to_bytes(4, "little") + bytes(4)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()

    return manner


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port where nobody listens."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as sock:
        sock.bind((host, 0))
        port: int = sock.getsockname()[1]
    return port


@contextlib.contextmanager
def black_hole(host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """Give a port that swallows connections: its queue is full."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.ExitStack() as stack:
        sock = stack.enter_context(socket.socket(family))
        sock.bind((host, port))
        sock.listen(0)
        where = sock.getsockname()
        for _ in range(4):
            caller = stack.enter_context(socket.socket(family))
            caller.settimeout(0)
            caller.connect_ex(where)
        yield where[1]
