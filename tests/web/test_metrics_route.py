"""One rendering at a time, packed for those who want it."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from threading import Event

import httpx
import pytest
from fastapi import FastAPI
from starlette.exceptions import HTTPException

from monitor.web.outermost import Outermost
from monitor.web.routes import metrics
from monitor.web.serves import unheard

TEXT = b"".join(b'facefusion_up{n="%d"} 1.0\n' % n for n in range(20_000))
KIND = "text/plain; version=0.0.4; charset=utf-8"
BOUND = 10.0


class Rendering:
    """Renders what it is told to, once it may."""

    def __init__(self) -> None:
        self.text = TEXT
        self.error: Exception | None = None
        self.may = Event()
        self.may.set()
        self.begun = asyncio.Event()
        self.times = 0
        self._loop = asyncio.get_running_loop()

    def __call__(self) -> bytes:
        self.times += 1
        self._loop.call_soon_threadsafe(self.begun.set)
        assert self.may.wait(BOUND)
        if self.error is not None:
            raise self.error
        return self.text


@pytest.fixture
async def rendering() -> Rendering:
    return Rendering()


@pytest.fixture
async def client(rendering: Rendering) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(metrics.router(rendering, KIND, ()))
    outermost = Outermost(
        app,
        broke=unheard,
        tokens=(),
        names=lambda: frozenset({"monitor"}),
    )
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(outermost, raise_app_exceptions=False),
        base_url="http://monitor",
        headers={"Accept-Encoding": "identity"},
    ) as made:
        yield made


async def test_a_large_body_arrives_whole(client: httpx.AsyncClient) -> None:
    answer = await client.get("/metrics")

    assert answer.content == TEXT
    assert len(TEXT) > metrics.PIECE
    assert answer.headers["content-type"] == KIND
    assert answer.headers["content-length"] == str(len(TEXT))
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "content-encoding" not in answer.headers


async def test_a_scraper_that_takes_gzip_gets_it(
    client: httpx.AsyncClient,
) -> None:
    headers = {"Accept-Encoding": "gzip"}

    answer = await client.get("/metrics", headers=headers)

    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < len(TEXT) / 5
    assert answer.content == TEXT


async def test_two_encoding_headers_count_as_one(
    client: httpx.AsyncClient,
) -> None:
    headers = [("Accept-Encoding", "br"), ("Accept-Encoding", "gzip;q=0")]

    answer = await client.get("/metrics", headers=headers)

    assert "content-encoding" not in answer.headers


async def test_a_small_body_is_not_packed(
    rendering: Rendering, client: httpx.AsyncClient
) -> None:
    rendering.text = b"facefusion_up 1.0\n"

    answer = await client.get("/metrics", headers={"Accept-Encoding": "gzip"})

    assert "content-encoding" not in answer.headers
    assert answer.content == b"facefusion_up 1.0\n"


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_head_says_what_get_would(
    client: httpx.AsyncClient, encoding: str
) -> None:
    headers = {"Accept-Encoding": encoding}

    asked = await client.head("/metrics", headers=headers)
    got = await client.get("/metrics", headers=headers)

    assert asked.status_code == 200
    assert asked.content == b""
    assert dict(asked.headers) == dict(got.headers)


async def test_who_comes_while_it_is_rendered_gets_the_same(
    rendering: Rendering,
) -> None:
    scrapes = metrics.Scrapes(rendering)
    rendering.may.clear()

    first = asyncio.create_task(scrapes.body(packed=False))
    await asyncio.wait_for(rendering.begun.wait(), BOUND)
    second = asyncio.create_task(scrapes.body(packed=False))
    await settled()
    rendering.may.set()

    assert await first is await second
    assert rendering.times == 1


async def test_a_later_scrape_is_rendered_anew(
    rendering: Rendering, client: httpx.AsyncClient
) -> None:
    await client.get("/metrics")
    rendering.text = b"facefusion_up 0.0\n"

    assert (await client.get("/metrics")).content == b"facefusion_up 0.0\n"


async def test_who_hangs_up_takes_nothing_from_the_others(
    rendering: Rendering,
) -> None:
    scrapes = metrics.Scrapes(rendering)
    rendering.may.clear()
    first = asyncio.create_task(scrapes.body(packed=False))
    await asyncio.wait_for(rendering.begun.wait(), BOUND)
    second = asyncio.create_task(scrapes.body(packed=False))
    await settled()

    first.cancel()
    await settled()
    rendering.may.set()

    assert await second == TEXT
    assert rendering.times == 1


async def test_too_many_that_wait_are_sent_away_and_the_others_served(
    rendering: Rendering,
) -> None:
    scrapes = metrics.Scrapes(rendering)
    rendering.may.clear()
    waiting = [
        asyncio.create_task(scrapes.body(packed=number % 2 == 0))
        for number in range(metrics.MOST_WAITING)
    ]
    await settled()

    with pytest.raises(HTTPException) as refused:
        await scrapes.body(packed=False)
    rendering.may.set()

    assert refused.value.status_code == 503
    assert refused.value.headers == {"Retry-After": "1"}
    assert "cannot render for more than 16" in refused.value.detail
    assert len(set(await asyncio.gather(*waiting))) == 2
    assert await scrapes.body(packed=False) == TEXT


async def test_a_rendering_that_fails_is_an_error_and_not_the_last_one(
    rendering: Rendering, client: httpx.AsyncClient
) -> None:
    rendering.error = ZeroDivisionError("by zero")
    failed = await client.get("/metrics")
    rendering.error = None

    assert failed.status_code == 500
    assert (await client.get("/metrics")).content == TEXT


def test_a_packed_body_is_one_gzip_member_without_a_time() -> None:
    scrapes = metrics.Scrapes(lambda: TEXT)

    async def twice() -> tuple[bytes, bytes]:
        return (
            await scrapes.body(packed=True),
            await scrapes.body(packed=True),
        )

    first, second = asyncio.run(twice())

    assert first == second
    assert gzip.decompress(first) == TEXT


async def settled() -> None:
    """Let every task that can go on go as far as it can."""
    for _ in range(5):
        await asyncio.sleep(0)
