"""uvicorn, without its log and without its way with signals."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from socket import socket

import uvicorn
from fastapi import FastAPI
from typing_extensions import override

REQUESTS_AT_ONCE = 256
_GRACE = 2
"""Seconds that requests under way get at the end."""


class GuestServer(uvicorn.Server):
    """Serves inside a program that handles its signals itself."""

    def __init__(self, app: FastAPI) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                log_level="warning",
                access_log=False,
                server_header=False,
                lifespan="off",
                timeout_graceful_shutdown=_GRACE,
                limit_concurrency=REQUESTS_AT_ONCE,
            )
        )

    @override
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


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
async def serving(app: FastAPI, sock: socket) -> AsyncIterator[None]:
    """Serve an application for as long as the block lasts."""
    server = GuestServer(app)
    task = asyncio.create_task(server.serve([sock]))
    try:
        yield
    finally:
        server.should_exit = True
        await task
