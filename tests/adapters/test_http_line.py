"""Bytes over a bare socket."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import pytest

from monitor.adapters.http.line import PlainLine
from monitor.adapters.http.ready import readable

BIG = b"x" * (4 * 1024 * 1024)


@contextlib.contextmanager
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Give two sockets that are connected."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.settimeout(0)
        theirs.settimeout(0)
        yield ours, theirs


@contextlib.contextmanager
def line() -> Iterator[tuple[PlainLine, socket.socket]]:
    """Give a line, and the socket at its other end."""
    with pair() as (ours, theirs):
        yield PlainLine(ours), theirs


async def read_all(sock: socket.socket, length: int) -> bytes:
    loop, got = asyncio.get_running_loop(), bytearray()
    while len(got) < length:
        got += await loop.sock_recv(sock, 1 << 20)
    return bytes(got)


async def test_more_than_the_kernel_takes_at_once_is_sent_whole() -> None:
    with line() as (ours, theirs):
        async with asyncio.timeout(20):
            reading = asyncio.create_task(read_all(theirs, len(BIG)))
            await ours.send(BIG)

            assert await reading == BIG


async def test_what_is_sent_while_the_kernel_is_full_waits() -> None:
    with pair() as (sock, theirs):
        full = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                full += sock.send(BIG)
        async with asyncio.timeout(20):
            reading = asyncio.create_task(read_all(theirs, full + 3))
            await PlainLine(sock).send(b"end")

            assert (await reading)[-3:] == b"end"


async def test_the_end_is_empty() -> None:
    with line() as (ours, theirs):
        theirs.close()

        assert await ours.receive() == b""


async def test_a_false_alarm_is_waited_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits = 0

    async def hasty(sock: socket.socket) -> None:
        nonlocal waits
        waits += 1
        if waits > 1:
            await readable(sock)

    monkeypatch.setattr("monitor.adapters.http.line.readable", hasty)
    with line() as (ours, theirs):
        waiting = asyncio.create_task(ours.receive())
        await asyncio.sleep(0)

        theirs.send(b"hi")

        assert await waiting == b"hi"
    assert waits == 2


async def test_who_gives_up_waiting_leaves_the_socket_usable() -> None:
    with line() as (ours, theirs):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await ours.receive()
        theirs.send(b"late")

        assert await ours.receive() == b"late"
