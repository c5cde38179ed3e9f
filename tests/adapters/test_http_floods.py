"""Answers that are too long, too many, or packed."""

import asyncio
import gzip

import pytest

from monitor.adapters.http.client import HttpClient
from monitor.adapters.http.exchange import MAX_EVENTS, MAX_HEAD
from monitor.domain.answer import NoAnswer
from tests.servers.manners import (
    Manner,
    answers,
    floods,
    hangs,
    says,
    serving,
)

LIMIT = 10_000
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


async def failure_at(manner: Manner, *, within: float = 5) -> NoAnswer:
    async with serving(manner) as served:
        with pytest.raises(NoAnswer) as caught:
            await HttpClient().get(served.url, within=within, limit=LIMIT)
        await asyncio.wait_for(served.gone.wait(), 5)
    return caught.value


async def test_an_endless_body_is_refused_at_its_limit() -> None:
    failure = await failure_at(floods(OK + b"\r\n", b"x" * 65536))

    assert failure.reason == "too_large"
    assert "the answer is longer than 10000 bytes" in str(failure)


async def test_ten_megabytes_of_json_are_refused_before_they_come() -> None:
    huge = b'{"a": "' + b"x" * 10_000_000 + b'"}'

    failure = await failure_at(answers(huge))

    assert failure.reason == "too_large"
    assert failure.phases.transfer is None


async def test_a_body_that_is_announced_too_long_is_not_waited_for() -> None:
    failure = await failure_at(hangs(OK + b"Content-Length: 10001\r\n\r\n"))

    assert failure.reason == "too_large"


async def test_a_body_one_byte_over_its_limit_is_refused() -> None:
    failure = await failure_at(answers(b"x" * (LIMIT + 1)))

    assert failure.reason == "too_large"


async def test_a_chunked_body_over_its_limit_is_refused() -> None:
    chunk = b"1000\r\n" + b"x" * 4096 + b"\r\n"

    failure = await failure_at(floods(CHUNKED, chunk))

    assert failure.reason == "too_large"


async def test_a_gzip_bomb_is_never_unpacked_beyond_the_limit() -> None:
    bomb = gzip.compress(bytes(8_000_000))
    assert len(bomb) < LIMIT

    failure = await failure_at(answers(bomb, b"Content-Encoding: gzip"))

    assert failure.reason == "too_large"


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        pytest.param(b"br", b"x", id="another coding"),
        pytest.param(b"gzip, gzip", gzip.compress(b"x"), id="twice"),
        pytest.param(b"gzip", b"not gzip", id="garbage"),
        pytest.param(b"gzip", gzip.compress(b"short")[:-9], id="cut short"),
        pytest.param(b"gzip", 2 * gzip.compress(b"x"), id="two members"),
        pytest.param(b"deflate", b"\x00", id="garbage without a frame"),
    ],
)
async def test_an_encoding_we_cannot_undo_is_refused(
    coding: bytes, body: bytes
) -> None:
    failure = await failure_at(answers(body, b"Content-Encoding: " + coding))

    assert failure.reason == "protocol"


@pytest.mark.parametrize(
    "nonsense",
    [
        b"zz\r\nabc\r\n",
        b"-1\r\nabc\r\n",
        b"3\r\nabcdef\r\n",
        b"F" * 30 + b"\r\n",
        b"0\r\nno colon\r\n\r\n",
    ],
)
async def test_chunked_nonsense_is_refused(nonsense: bytes) -> None:
    failure = await failure_at(hangs(CHUNKED + nonsense))

    assert failure.reason == "protocol"


async def test_a_chunk_header_without_an_end_is_refused() -> None:
    failure = await failure_at(floods(CHUNKED, b"1;" + b"x" * 1000))

    assert failure.reason == "protocol"


async def test_too_many_chunks_are_refused() -> None:
    dust = b"1\r\nx\r\n" * 1000
    url_limit = 10 * MAX_EVENTS

    async with serving(floods(CHUNKED, dust)) as served:
        with pytest.raises(NoAnswer) as caught:
            await HttpClient().get(served.url, within=20, limit=url_limit)

    assert caught.value.reason == "protocol"
    assert "more than 10000 pieces" in str(caught.value)


async def test_dust_leaves_the_event_loop_to_others() -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    dust = CHUNKED + b"1\r\nx\r\n" * 2000 + b"0\r\n\r\n"
    async with serving(says(dust)) as served:
        other = asyncio.create_task(others())
        await HttpClient().get(served.url, within=5, limit=LIMIT)
        other.cancel()

    assert turns > 20


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (OK, b"X-Flood: " + b"x" * 1000 + b"\r\n"),
        (OK + b"X: ", b"x" * 1000),
        (b"HTTP/1.1 200 ", b"x" * 1000),
    ],
)
async def test_a_flood_of_headers_is_refused(
    first: bytes, again: bytes
) -> None:
    failure = await failure_at(floods(first, again))

    assert failure.reason == "protocol"
    assert MAX_HEAD < 100_000


async def test_a_flood_of_interim_answers_is_refused() -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\n" * 100

    failure = await failure_at(floods(b"", interim), within=20)

    assert failure.reason == "protocol"
