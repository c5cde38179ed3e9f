"""Clients with bad manners, and the server that stays there for others."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from starlette.types import Receive, Scope, Send

from monitor.web.protocol import Deadlines
from tests.stories.web_server import (
    ELSEWHERE,
    PATIENCE,
    WebServer,
    rest,
    web_server,
)
from tests.web.api_house import ApiHouse

HURRIED = Deadlines(head=0.4, body=0.4, read=0.4)
SILENT = 300
LISTENERS = 1000


@pytest.fixture
async def server() -> AsyncIterator[WebServer]:
    async with web_server(ApiHouse(seats=256).app) as made:
        yield made


@pytest.fixture
async def hurried() -> AsyncIterator[WebServer]:
    async with web_server(ApiHouse().app, deadlines=HURRIED) as made:
        yield made


async def test_silent_connections_keep_nobody_out(server: WebServer) -> None:
    async with server.silent(SILENT, ELSEWHERE):
        healthy = await server.get("/-/healthy")
        metrics = await server.get("/metrics")

    assert (healthy.status_code, metrics.status_code) == (200, 200)


async def test_more_silent_connections_than_there_is_room_for(
    server: WebServer,
) -> None:
    async with server.crowd(1100):
        healthy = await server.get("/-/healthy")

    assert healthy.status_code == 200


HEAD_ALONE = (
    b"POST /api/v1/maintenance HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/json\r\nContent-Length: 50\r\n\r\n"
)


async def answers_of(server: WebServer, *paths: str) -> list[int]:
    """Ask while others hold heads whose bodies do not come."""
    async with server.silent(0, ELSEWHERE) as held:
        for _ in range(1010):
            streams = await server.connect(ELSEWHERE)
            streams[1].write(HEAD_ALONE)
            held.append(streams)
        return [(await server.get(path)).status_code for path in paths]


async def test_heads_without_their_bodies_keep_nobody_out(
    server: WebServer,
) -> None:
    codes = await answers_of(server, "/-/healthy", "/metrics")

    assert codes == [200, 200]


async def test_not_even_where_an_answer_waits_for_the_body() -> None:
    async def reads_first(_: Scope, receive: Receive, send: Send) -> None:
        while (message := await receive()).get("more_body", False):
            pass
        if message["type"] == "http.request":
            await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body"})

    async with web_server(reads_first) as server:
        codes = await answers_of(server, "/-/healthy", "/metrics")

    assert codes == [200, 200]


async def test_who_is_being_answered_is_not_cut_off_for_a_crowd() -> None:
    house = ApiHouse()
    house.gate.clear()
    async with web_server(house.app) as server:
        asking = asyncio.create_task(server.get("/probe?target=studio"))
        async with asyncio.timeout(5):
            await house.asked.wait()
        async with server.crowd(1100):
            house.gate.set()
            answer = await asking

    assert answer.status_code == 200


async def test_who_sends_a_body_after_its_answer_waits_like_others() -> None:
    house = ApiHouse()
    async with web_server(house.app) as server:
        streams = await server.connect()
        streams[1].write(
            b"POST /metrics HTTP/1.1\r\nHost: localhost\r\n"
            b"Content-Length: 4\r\n\r\n"
        )
        await streams[0].readuntil(b"\r\n\r\n")
        streams[1].write(b"late")
        # Whoever comes after that was read is younger: wait until it was.
        await server.get("/-/healthy")
        async with server.crowd(1100):
            healthy = await server.get("/-/healthy")
        said = await rest(streams, PATIENCE)

    assert healthy.status_code == 200
    assert b"HTTP/1.1" not in said  # cut off, and nothing more was said


@pytest.mark.timeout(120)
async def test_a_thousand_listeners_are_let_in_or_told_to_come_back(
    server: WebServer,
) -> None:
    request = b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n"
    async with server.silent(LISTENERS, ELSEWHERE) as held:
        for _, writer in held:
            writer.write(request)
        first = [await _status(reader) for reader, _ in held]
        healthy = await server.get("/-/healthy")
        metrics = await server.get("/metrics")

    assert first.count(200) == 256
    assert set(first) <= {200, 503, 429, 0}  # 0: cut off while it waited
    assert (healthy.status_code, metrics.status_code) == (200, 200)


async def _status(reader: asyncio.StreamReader) -> int:
    """Return the status of an answer, 0 for a connection that was cut."""
    try:
        async with asyncio.timeout(10):
            line = await reader.readline()
    except ConnectionError:
        return 0
    return int(line.split()[1]) if line else 0


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"", None),
        (b"GET / HT", 408),
        (b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nX-A: ", 408),
    ],
)
async def test_a_head_that_does_not_come_is_not_waited_for(
    hurried: WebServer, sent: bytes, code: int | None
) -> None:
    streams = await hurried.connect(ELSEWHERE)

    streams[1].write(sent)
    said = await rest(streams)

    assert said.startswith(f"HTTP/1.1 {code} ".encode() if code else b"")
    assert bool(said) is (code is not None)


async def test_a_head_that_comes_drop_by_drop_is_not_waited_for(
    hurried: WebServer,
) -> None:
    streams = await hurried.connect(ELSEWHERE)

    async def drip() -> None:
        for _ in range(1000):
            streams[1].write(b"a")
            await streams[1].drain()
            await asyncio.sleep(0.01)

    streams[1].write(b"GET / HTTP/1.1\r\nX-A: ")
    dripping = asyncio.create_task(drip())
    said = await rest(streams)
    dripping.cancel()

    assert b" 408 " in said or said == b""


async def test_a_body_that_does_not_come_is_not_waited_for(
    hurried: WebServer,
) -> None:
    streams = await hurried.connect(ELSEWHERE)

    streams[1].write(
        b"POST /metrics HTTP/1.1\r\nHost: localhost\r\n"
        b"Content-Length: 50\r\n\r\n{"
    )
    await rest(streams)

    assert streams[0].at_eof()


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nX-A: " + b"a" * 40000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nX-A: " + b"a" * 40000, 431),
        (b"GET / HTTP/1.1\r\n" + b"X-A: a\r\n" * 101 + b"\r\n", 431),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
    ],
)
async def test_a_head_that_is_too_large_or_none_is_a_problem_document(
    server: WebServer, head: bytes, code: int
) -> None:
    streams = await server.connect(ELSEWHERE)

    streams[1].write(head)
    said = await rest(streams)

    top, _, body = said.partition(b"\r\n\r\n")
    assert top.startswith(f"HTTP/1.1 {code} ".encode())
    assert b"application/problem+json" in top
    assert json.loads(body)["status"] == code


async def test_who_does_not_read_an_answer_is_cut_off() -> None:
    async def endless(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200})
        piece = {"body": b"x" * 65536, "more_body": True}
        for _ in range(100_000):
            await send({"type": "http.response.body", **piece})
        ended.set()

    ended = asyncio.Event()
    async with web_server(endless, deadlines=HURRIED) as server:
        streams = await server.connect(ELSEWHERE)
        streams[1].write(b"GET / HTTP/1.1\r\n\r\n")

        async with asyncio.timeout(10):
            await ended.wait()

        assert not server.server.server_state.connections
        streams[1].close()


async def test_requests_one_after_another_share_a_connection(
    server: WebServer,
) -> None:
    streams = await server.connect()
    request = b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n\r\n"

    for _ in range(3):
        streams[1].write(request)
        head = await streams[0].readuntil(b"\r\n\r\n")
        await streams[0].readexactly(len(b"healthy\n"))

        assert head.startswith(b"HTTP/1.1 200 ")
    streams[1].close()


async def test_streams_end_when_the_server_does() -> None:
    house = ApiHouse()
    async with web_server(house.app) as server:
        streams = await server.connect()
        streams[1].write(
            b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n"
            b"Connection: close\r\n\r\n"
        )
        await streams[0].readuntil(b"retry: 3000\n\n")
        house.hub.close()

        said = await rest(streams)

    assert said.endswith(b"0\r\n\r\n")


async def test_a_listener_that_hangs_up_frees_its_seat() -> None:
    house = ApiHouse(seats=1)
    async with web_server(house.app) as server:
        streams = await server.connect()
        streams[1].write(
            b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n"
        )
        await streams[0].readuntil(b"retry: 3000\n\n")
        taken = house.hub.full

        streams[1].close()

        async with asyncio.timeout(5):
            for _ in range(500):
                if not house.hub.full:
                    break
                await asyncio.sleep(0.01)
    assert (taken, house.hub.full) == (True, False)


async def test_listeners_hear_what_happens_over_a_real_connection() -> None:
    house = ApiHouse()
    async with web_server(house.app) as server:
        streams = await server.connect()
        streams[1].write(
            b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n"
        )
        await streams[0].readuntil(b"retry: 3000\n\n")

        house.see()

        async with asyncio.timeout(5):
            await streams[0].readuntil(b"event: transition")
        streams[1].close()


async def test_what_comes_after_a_body_is_no_header(server: WebServer) -> None:
    streams = await server.connect()

    streams[1].write(
        b"GET /-/healthy HTTP/1.1\r\nHost: localhost\r\n"
        b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        b"1\r\na\r\n0\r\n" + b"X-A: a\r\n" * 200 + b"\r\n"
    )
    said = await rest(streams)

    assert said.startswith(b"HTTP/1.1 200 ")
