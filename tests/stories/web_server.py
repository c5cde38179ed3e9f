"""A real server on a free port of loopback, for clients with bad manners."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx
from starlette.types import ASGIApp

from monitor.daemon.listen import listen
from monitor.daemon.server import PATIENT, GuestServer, serving
from monitor.web.protocol import Deadlines

HOME = "127.0.0.1"
ELSEWHERE = "127.0.0.2"
CROWD = tuple(f"127.0.1.{number}" for number in range(1, 23))
PATIENCE = 40.0
"""Seconds for an answer: of 1,100 connections made at once on a busy machine
some are made again by the kernel, after 1, 3, 7 and 15 s."""
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class WebServer:
    def __init__(self, server: GuestServer, port: int) -> None:
        self.server = server
        self.port = port

    @property
    def url(self) -> str:
        return f"http://{HOME}:{self.port}"

    async def connect(
        self, source: str = HOME, tls: ssl.SSLContext | None = None
    ) -> Streams:
        return await asyncio.open_connection(
            HOME, self.port, local_addr=(source, 0), ssl=tls
        )

    @asynccontextmanager
    async def silent(
        self, count: int, source: str = ELSEWHERE
    ) -> AsyncIterator[list[Streams]]:
        """Hold connections of one peer that say nothing."""
        async with _held(await self._many([source] * count)) as held:
            yield held

    @asynccontextmanager
    async def crowd(self, count: int) -> AsyncIterator[list[Streams]]:
        """Hold silent connections of so many peers that none has too many.

        A peer with too many loses them to its own, so that one alone fills
        the room only where it is fast.
        """
        sources = [CROWD[at % len(CROWD)] for at in range(count)]
        async with _held(await self._many(sources)) as held:
            yield held

    async def _many(self, sources: Sequence[str]) -> list[Streams]:
        return [await self.connect(source) for source in sources]

    async def get(self, path: str) -> httpx.Response:
        """Ask on a connection of its own."""
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            return await client.get(self.url + path)


@asynccontextmanager
async def web_server(
    app: ASGIApp,
    *,
    tls: ssl.SSLContext | None = None,
    deadlines: Deadlines = PATIENT,
) -> AsyncIterator[WebServer]:
    sock = listen(HOME, 0)
    port = sock.getsockname()[1]
    async with serving(app, sock, tls=tls, deadlines=deadlines) as server:
        yield WebServer(server, port)


@asynccontextmanager
async def _held(held: list[Streams]) -> AsyncIterator[list[Streams]]:
    try:
        yield held
    finally:
        for _, writer in held:
            writer.close()


async def rest(streams: Streams, within: float = 5.0) -> bytes:
    """Return what comes until the other side ends, however it does."""
    said = b""
    try:
        async with asyncio.timeout(within):
            while piece := await streams[0].read(65536):
                said += piece
    except ConnectionError:
        pass
    finally:
        streams[1].close()
    return said
