"""The client's bounds: on time, on size, and on whom it believes."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from typing_extensions import override

from monitor.client import Bounds, Client, NoDaemon, NotOurs

URL = "http://monitor.example:10777"


class Silent(httpx.AsyncBaseTransport):
    """Takes a request and never answers."""

    @override
    async def handle_async_request(
        self, request: httpx.Request
    ) -> httpx.Response:
        await asyncio.Event().wait()
        raise AssertionError(request)


class Dripping(httpx.AsyncByteStream):
    """Sends a little now and then, or one thing for ever."""

    def __init__(self, piece: bytes, *, pause: bool) -> None:
        self._piece = piece
        self._pause = pause

    @override
    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            yield self._piece
            await (asyncio.Event().wait() if self._pause else asyncio.sleep(0))


def answering(stream: httpx.AsyncByteStream) -> httpx.AsyncBaseTransport:
    return httpx.MockTransport(lambda _: httpx.Response(200, stream=stream))


HASTE = Bounds(answer=0.05, silence=0.05)


@pytest.mark.parametrize(
    "transport",
    [
        pytest.param(Silent(), id="silent"),
        pytest.param(answering(Dripping(b" ", pause=True)), id="dripping"),
    ],
)
async def test_every_wait_has_an_end(
    transport: httpx.AsyncBaseTransport,
) -> None:
    async with Client(URL, transport=transport, bounds=HASTE) as client:
        with pytest.raises(NoDaemon, match=r"within 0\.05 s"):
            await client.targets()


@pytest.mark.parametrize(
    "transport",
    [
        pytest.param(Silent(), id="silent"),
        pytest.param(answering(Dripping(b":\n", pause=True)), id="dripping"),
    ],
)
async def test_a_silent_stream_of_events_is_taken_for_dead(
    transport: httpx.AsyncBaseTransport,
) -> None:
    async with Client(URL, transport=transport, bounds=HASTE) as client:
        with pytest.raises(NoDaemon, match="fell silent"):
            await anext(client.events())


async def test_an_answer_without_end_is_cut_off() -> None:
    endless = answering(Dripping(b" " * 2**20, pause=False))

    async with Client(URL, transport=endless) as client:
        with pytest.raises(NotOurs, match="longer than 16777216 bytes"):
            await client.targets()


async def test_a_compressed_answer_is_never_unpacked() -> None:
    def bomb(request: httpx.Request) -> httpx.Response:
        assert request.headers["accept-encoding"] == "identity"
        headers = {"Content-Encoding": "gzip"}
        return httpx.Response(
            200, headers=headers, stream=httpx.ByteStream(b"\x1f\x8b bomb")
        )

    async with Client(URL, transport=httpx.MockTransport(bomb)) as client:
        with pytest.raises(NotOurs):
            await client.targets()


async def test_a_broken_connection_is_told_with_what_helps() -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadError("connection reset", request=request)

    async with Client(URL, transport=httpx.MockTransport(broken)) as client:
        with pytest.raises(NoDaemon, match=r"reset; if it serves TLS, write"):
            await client.targets()
