"""uvicorn, without its log, its way with signals and its patience."""

import asyncio
import signal
import ssl
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from socket import socket

import uvicorn
from starlette.types import ASGIApp
from typing_extensions import override

from monitor.daemon.tls import LiveContext
from monitor.domain.errors import ConfigurationError
from monitor.web.door import Door
from monitor.web.protocol import Deadlines, GuardedProtocol

_GRACE = 2
"""Seconds that requests under way get at the end."""
_KEEP_ALIVE = 20
"""Seconds between requests: a scrape every 15 s keeps its connection."""
_BACKLOG = 1024
"""Connections that the kernel holds until we come to them."""
_HANDSHAKE = 5.0
"""Seconds for a TLS handshake."""
PATIENT = Deadlines()


def nothing() -> None:
    """Do nothing."""


class GuestServer(uvicorn.Server):
    """Serves inside a program that handles its signals itself.

    `ending` is called when it begins to end: whoever streams stops then.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        tls: ssl.SSLContext | None = None,
        ending: Callable[[], None] = nothing,
        deadlines: Deadlines = PATIENT,
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=GuardedProtocol,
                ws="none",
                log_config=None,
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,  # anybody could claim to be loopback
                lifespan="off",
                timeout_graceful_shutdown=_GRACE,
                timeout_keep_alive=_KEEP_ALIVE,
            )
        )
        self._tls = LiveContext(tls) if tls is not None else None
        self._ending = ending
        self._deadlines = deadlines
        self._door: Door | None = None

    @override
    async def startup(self, sockets: list[socket] | None = None) -> None:
        await self.lifespan.startup()
        self._door = Door(asyncio.get_running_loop().time)
        self.servers = [await self._listen(sock) for sock in sockets or ()]
        self.started = True

    async def change_tls(self, tls: ssl.SSLContext) -> None:
        """Serve new connections with another certificate.

        Connections that are there keep theirs. Raises `ConfigurationError`
        where plain http is served.
        """
        if self._tls is None:
            raise ConfigurationError(
                "cannot serve TLS where plain http is served: restart the"
                " monitor (server.tls)"
            )
        self._tls.replace(tls)

    @override
    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        self._ending()
        await super().shutdown(sockets)

    @override
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def _listen(self, sock: socket) -> asyncio.Server:
        loop = asyncio.get_running_loop()
        return await loop.create_server(
            self._protocol,
            sock=sock,
            ssl=self._tls,
            backlog=_BACKLOG,
            ssl_handshake_timeout=_HANDSHAKE if self._tls else None,
        )

    def _protocol(self) -> asyncio.Protocol:
        if self._door is None:
            raise RuntimeError("cannot serve before startup")
        return GuardedProtocol(
            self._door,
            self._deadlines,
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )


class DaemonServer(GuestServer):
    """Ends on SIGINT and SIGTERM.

    uvicorn raises the signal again when it has ended; then nobody would
    clean up after the looks that are under way.
    """

    @override
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._end)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    def _end(self) -> None:
        self.should_exit = True


@asynccontextmanager
async def serving(
    app: ASGIApp,
    sock: socket,
    *,
    tls: ssl.SSLContext | None = None,
    ending: Callable[[], None] = nothing,
    deadlines: Deadlines = PATIENT,
) -> AsyncIterator[GuestServer]:
    """Serve an application for as long as the block lasts."""
    server = GuestServer(app, tls=tls, ending=ending, deadlines=deadlines)
    task = asyncio.create_task(server.serve([sock]))
    try:
        yield server
    finally:
        server.should_exit = True
        await task
