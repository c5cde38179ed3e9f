"""Serves an ASGI application behind a door, in the running event loop.

uvicorn's HTTP protocol without its server: that one needs 0.1 s to notice
that it should stop, and a door must shut at once.
"""

import asyncio
import socket

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from monitor.simulator.door import ADDRESS, Door


class HttpServer:
    """One application on one port of 127.0.0.1."""

    def __init__(self, name: str, app: ASGIApp, *, port: int) -> None:
        self.door = Door(name, port, self._welcome)
        self._app = app
        self._state = ServerState()
        self._config = Config(
            self._run,
            interface="asgi3",
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            proxy_headers=False,
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._arriving: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Return the address to reach it at."""
        return f"http://{ADDRESS}:{self.door.port}"

    def attach(self) -> None:
        """Serve in this event loop; the door is reserved and still shut."""
        self._loop = asyncio.get_running_loop()
        if not self._config.loaded:
            self._config.load()
        self.door.reserve()

    def drop(self) -> None:
        """Cut every connection, as a process that dies does."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._cut)

    async def close(self) -> None:
        """Shut the door, cut every connection, end every request."""
        await asyncio.to_thread(self.door.release)
        self._cut()
        await asyncio.sleep(0)  # connections learn that they are cut
        tasks = [*self._arriving, *self._state.tasks]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _welcome(self, connection: socket.socket) -> None:
        connection.settimeout(0)
        if self._loop is None:
            connection.close()
        else:
            self._loop.call_soon_threadsafe(self._receive, connection)

    def _receive(self, connection: socket.socket) -> None:
        task = asyncio.ensure_future(self._arrive(connection))
        self._arriving.add(task)
        task.add_done_callback(self._arriving.discard)

    async def _arrive(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        await loop.connect_accepted_socket(self._speak, connection)

    def _speak(self) -> H11Protocol:
        protocol = H11Protocol(self._config, self._state, {})
        protocol.access_log = False
        return protocol

    def _cut(self) -> None:
        for connection in list(self._state.connections):
            connection.transport.abort()

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        except asyncio.CancelledError:
            return  # the server is closing; uvicorn would log a traceback


def bare_app() -> FastAPI:
    """Return an application without pages of its own."""
    return FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
