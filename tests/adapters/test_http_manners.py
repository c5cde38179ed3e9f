"""What becomes of a request to servers with bad manners."""

import asyncio

import pytest

from monitor.adapters.http.client import HttpClient
from monitor.domain.answer import NoAnswer
from tests.servers.manners import (
    Manner,
    black_hole,
    drips,
    free_port,
    hangs,
    resets,
    says,
    serving,
)

LIMIT = 10_000
FOR_EVER = 20
"""Seconds that no deadline of ours lets anything last."""
OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


async def failure_of(
    url: str, *, within: float = 5, client: HttpClient | None = None
) -> NoAnswer:
    with pytest.raises(NoAnswer) as caught:
        await (client or HttpClient()).get(url, within=within, limit=LIMIT)
    return caught.value


async def failure_at(manner: Manner, *, within: float = 5) -> NoAnswer:
    async with serving(manner) as served:
        failure = await failure_of(f"{served.url}/x", within=within)
        if served.requests:
            await asyncio.wait_for(served.gone.wait(), 5)
    return failure


async def test_a_refused_connection_says_so() -> None:
    url = f"http://127.0.0.1:{free_port()}/api/v1/status"

    failure = await failure_of(url)

    assert failure.reason == "refused"
    assert str(failure) == (
        f"cannot reach {url}: connection refused; check that FaceFusion "
        "runs there, on this port, and not only on 127.0.0.1"
    )
    assert failure.phases.resolve == 0
    assert failure.phases.connect is None


async def test_a_server_that_hangs_times_out_after_connecting() -> None:
    failure = await failure_at(hangs(), within=0.2)

    assert failure.reason == "timeout"
    assert "connected, but no answer within 0.2 s" in str(failure)
    assert failure.phases.connect is not None
    assert failure.phases.processing is None


async def test_a_server_that_hangs_after_its_headers_times_out() -> None:
    head = OK + b"Content-Length: 5\r\n\r\nab"

    failure = await failure_at(hangs(head), within=0.2)

    assert failure.reason == "timeout"
    assert "the answer was not complete within 0.2 s" in str(failure)
    assert failure.phases.processing is not None
    assert failure.phases.transfer is None


@pytest.mark.parametrize(
    ("first", "drop", "reason"),
    [
        (OK, b"X: y\r\n", "timeout"),
        (OK + b"\r\n", b"x", "timeout"),
        (OK + b"Content-Length: 9999\r\n\r\n", b"x", "timeout"),
        (CHUNKED, b"1\r\nx\r\n", "timeout"),
        (b"", b"S", "protocol"),
    ],
)
async def test_a_trickle_does_not_outlive_the_deadline(
    first: bytes, drop: bytes, reason: str
) -> None:
    async with asyncio.timeout(FOR_EVER):
        failure = await failure_at(drips(first, drop, pause=0.02), within=0.3)

    assert failure.reason == reason


@pytest.mark.parametrize(
    "garbage",
    [
        b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n",
        b"\x15\x03\x01\x00\x02\x02\x28",
        b"\r\n\r\n",
        b"HTTP/banana 200 OK\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 099 Odd\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        OK + b"no colon\r\n\r\n",
        OK + b"Content-Length: -5\r\n\r\n",
        OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n",
        OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
        OK + b"Transfer-Encoding: gzip\r\n\r\n",
    ],
)
async def test_garbage_in_the_place_of_http_is_refused_at_once(
    garbage: bytes,
) -> None:
    failure = await failure_at(hangs(garbage))

    assert failure.reason == "protocol"
    assert "the answer is not valid HTTP" in str(failure)
    assert "http against https" in str(failure)


@pytest.mark.parametrize(
    "first",
    [
        b"",
        b"HTT",
        OK,
        OK + b"Content-Length: 9\r\n\r\nabc",
        CHUNKED + b"3\r\nab",
    ],
)
async def test_a_connection_closed_too_early_says_so(first: bytes) -> None:
    failure = await failure_at(says(first))

    assert failure.reason == "reset"
    assert "closed before the whole answer came" in str(failure)


@pytest.mark.parametrize("first", [b"", OK + b"\r\nab"])
async def test_a_reset_connection_says_so(first: bytes) -> None:
    failure = await failure_at(resets(first))

    assert failure.reason == "reset"


async def test_a_caller_who_gives_up_leaves_no_connection_behind() -> None:
    async with serving(hangs()) as served:
        request = HttpClient().get(served.url, within=60, limit=LIMIT)
        task = asyncio.create_task(request)
        await asyncio.wait_for(served.came.wait(), 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(served.gone.wait(), 5)


@pytest.mark.parametrize(
    "url",
    [
        "gopher://127.0.0.1/",
        "file:///etc/passwd",
        "http:///api/v1/status",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:port/",
        "http://[::1/",
        "http://127.0.0.1/\x00",
        "http://127.0.0.1/\ud800",
        "no address at all",
        "",
    ],
)
async def test_what_is_no_web_address_is_named(url: str) -> None:
    failure = await failure_of(url)

    assert failure.reason == "failed"
    assert str(failure).startswith("cannot reach ")
    assert "it must be like http://192.168.1.10:9002" in str(failure)


async def test_secrets_in_an_address_are_never_told() -> None:
    port = free_port()
    url = f"http://annette:hunter2@127.0.0.1:{port}/x?token=s3cret#frag"

    failure = await failure_of(url)

    assert str(failure).startswith(f"cannot reach http://127.0.0.1:{port}/x:")
    for secret in ("annette", "hunter2", "s3cret"):
        assert secret not in str(failure)
        assert secret not in repr(failure)


async def test_a_connection_that_nobody_takes_times_out() -> None:
    with black_hole() as port:
        failure = await failure_of(f"http://127.0.0.1:{port}/", within=0.3)

    assert failure.reason == "timeout"
    assert "no connection within 0.3 s" in str(failure)
    assert failure.phases.connect is None
