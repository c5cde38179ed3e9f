"""Waiting for a socket, on any event loop."""

import asyncio
import socket


async def readable(sock: socket.socket) -> None:
    """Wait until something can be read, or has gone wrong."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    file = sock.fileno()
    loop.add_reader(file, _set, ready)
    try:
        await ready
    finally:
        loop.remove_reader(file)


async def writable(sock: socket.socket) -> None:
    """Wait until something can be written, or has gone wrong."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    file = sock.fileno()
    loop.add_writer(file, _set, ready)
    try:
        await ready
    finally:
        loop.remove_writer(file)


def _set(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
