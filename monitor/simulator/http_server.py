"""Serves an ASGI application behind a door, in the running event loop.

uvicorn's HTTP protocol without its server: that one needs 0.1 s to notice
that it should stop, and a door must shut at once.
"""

import asyncio
import socket

from fastapi import FastAPI
from starlette.types import ASGIApp
from uvicorn import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from monitor.simulator.door import ADDRESS, Door


class HttpServer:
    """One application on one port of 127.0.0.1."""

    def __init__(self, name: str, app: ASGIApp, *, port: int) -> None:
        self.door = Door(name, port, self._welcome)
        self._config = Config(
            app, log_config=None, lifespan="off", ws="none", http=H11Protocol
        )
        self._state = ServerState()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def url(self) -> str:
        """Return the address to reach it at."""
        return f"http://{ADDRESS}:{self.door.port}"

    def attach(self) -> None:
        """Serve in this event loop; the door is still shut."""
        self._loop = asyncio.get_running_loop()
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
        tasks = list(self._state.tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _welcome(self, connection: socket.socket) -> None:
        if self._loop is None:
            connection.close()
            return
        self._loop.call_soon_threadsafe(self._receive, connection)

    def _receive(self, connection: socket.socket) -> None:
        connection.setblocking(False)  # noqa: FBT003 - socket takes no keyword
        task = asyncio.ensure_future(
            asyncio.get_running_loop().connect_accepted_socket(
                self._speak, connection
            )
        )
        self._state.tasks.add(task)
        task.add_done_callback(self._state.tasks.discard)

    def _speak(self) -> H11Protocol:
        protocol = H11Protocol(self._config, self._state, {})
        protocol.access_log = False
        return protocol

    def _cut(self) -> None:
        for connection in list(self._state.connections):
            connection.transport.abort()


def bare_app() -> FastAPI:
    """Return an application without pages of its own."""
    return FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
