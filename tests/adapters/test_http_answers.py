"""What comes back from servers with good manners."""

import asyncio
import base64
import json
import zlib

import httpx
import pytest

from monitor.adapters.http.client import HttpClient
from monitor.adapters.http.direct import DirectTransport
from monitor.domain.answer import Answer
from tests.servers.addresses import leads_to
from tests.servers.manners import Served, answers, hangs, says, serving

LIMIT = 1000


async def get(url: str, *, client: HttpClient | None = None) -> Answer:
    return await (client or HttpClient()).get(url, within=5, limit=LIMIT)


def head_of(served: Served) -> dict[str, str]:
    """Return the headers of the one request that came."""
    (request,) = served.requests
    lines = request.decode().partition("\r\n\r\n")[0].split("\r\n")[1:]
    pairs = (line.split(": ", 1) for line in lines)
    return {name.lower(): value for name, value in pairs}


async def test_an_answer_comes_back_whole() -> None:
    async with serving(answers(b'{"a": 1}', code=200)) as served:
        answer = await get(f"{served.url}/api/v1/status")

    assert answer.code == 200
    assert answer.content_type == "application/json"
    assert answer.body == b'{"a": 1}'
    assert served.requests[0].startswith(b"GET /api/v1/status HTTP/1.1\r\n")


@pytest.mark.parametrize("code", [201, 204, 302, 404, 500, 999])
async def test_an_answer_of_any_code_is_an_answer(code: int) -> None:
    async with serving(answers(b"", code=code)) as served:
        answer = await get(served.url)

    assert answer.code == code


async def test_the_phases_add_up_to_the_duration() -> None:
    async with serving(answers()) as served:
        answer = await get(served.url)

    phases = answer.phases
    assert phases.resolve == 0
    assert phases.tls == 0
    assert phases.connect is not None
    assert phases.processing is not None
    assert phases.transfer is not None
    total = phases.connect + phases.processing + phases.transfer
    assert answer.duration == pytest.approx(total, abs=1e-6)
    assert 0 < answer.duration < 5


async def test_waiting_for_the_answer_is_processing() -> None:
    async def thinks(
        _: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await asyncio.sleep(0.2)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
        await asyncio.sleep(0.1)
        writer.write(b"ok")
        await writer.drain()

    async with serving(thinks) as served:
        answer = await get(served.url)

    phases = answer.phases
    assert phases.processing is not None
    assert phases.transfer is not None
    assert 0.19 < phases.processing < 0.19 + 1
    assert 0.09 < phases.transfer < 0.09 + 1
    assert answer.duration >= phases.processing + phases.transfer


async def test_a_name_is_resolved_and_the_look_up_is_timed() -> None:
    client = HttpClient(resolve=leads_to("127.0.0.1"))
    async with serving(answers()) as served:
        url = f"http://gpu1.example:{served.port}/"
        answer = await get(url, client=client)

    assert answer.phases.resolve is not None
    assert answer.phases.resolve > 0
    assert head_of(served)["host"] == f"gpu1.example:{served.port}"


async def test_an_ipv6_address_is_reached() -> None:
    async with serving(answers(), host="::1") as served:
        answer = await get(served.url)

    assert answer.code == 200
    assert answer.phases.resolve == 0
    assert head_of(served)["host"] == f"[::1]:{served.port}"


async def test_every_request_has_a_connection_of_its_own() -> None:
    client = HttpClient()
    async with serving(answers()) as served:
        await get(served.url, client=client)
        await get(served.url, client=client)

    assert len(served.requests) == 2
    assert b"Connection: close\r\n" in served.requests[0]


async def test_the_connection_is_closed_when_the_answer_is_there() -> None:
    stays = hangs(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    async with serving(stays) as served:
        await get(served.url)
        await asyncio.wait_for(served.gone.wait(), 5)


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async with serving(answers(b"", b"Location: /", code=302)) as served:
        answer = await get(f"{served.url}/api/v1/status")

    assert (answer.code, answer.location) == (302, "/")
    assert len(served.requests) == 1


async def test_interim_answers_are_skipped() -> None:
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    async with serving(says(interim, interim, final)) as served:
        answer = await get(served.url)

    assert (answer.code, answer.body) == (200, b"ok")


async def test_a_chunked_body_is_put_together() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with serving(
        says(head, b"3\r\nabc\r\n", b"2\r\nde\r\n0\r\n\r\n")
    ) as served:
        answer = await get(served.url)

    assert answer.body == b"abcde"


async def test_a_body_without_a_length_ends_with_the_connection() -> None:
    async with serving(says(b"HTTP/1.0 200 OK\r\n\r\n", b"all")) as served:
        answer = await get(served.url)

    assert answer.body == b"all"


async def test_only_plain_bodies_are_asked_for() -> None:
    async with serving(answers()) as served:
        await get(served.url)

    assert head_of(served)["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    ("coding", "bits"),
    [("gzip", 31), ("x-gzip", 31), ("deflate", 15), ("deflate", -15)],
)
async def test_a_compressed_body_that_nobody_asked_for_is_unpacked(
    coding: str, bits: int
) -> None:
    packer = zlib.compressobj(wbits=bits)
    packed = packer.compress(b"plain") + packer.flush()
    header = f"Content-Encoding: {coding}".encode()
    async with serving(answers(packed, header)) as served:
        answer = await get(served.url)

    assert answer.body == b"plain"


async def test_a_body_of_exactly_the_limit_is_accepted() -> None:
    async with serving(answers(b"x" * LIMIT)) as served:
        answer = await get(served.url)

    assert len(answer.body) == LIMIT


async def test_json_is_posted_below_the_base_url() -> None:
    async with serving(answers()) as served:
        client = HttpClient(f"{served.url}/prefix/")
        await client.send("POST", "/run", json={"ä": 1}, within=5, limit=LIMIT)

    head, _, body = served.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /prefix/run HTTP/1.1")
    assert b"content-type: application/json" in head.lower()
    assert json.loads(body) == {"ä": 1}


async def test_credentials_in_the_address_become_basic_auth() -> None:
    async with serving(answers()) as served:
        await get(f"http://ann:p%40ss@127.0.0.1:{served.port}/")

    sent = head_of(served)
    told = base64.b64decode(sent["authorization"].removeprefix("Basic "))
    assert told == b"ann:p@ss"
    assert sent["host"] == f"127.0.0.1:{served.port}"


async def test_proxies_in_the_environment_are_not_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    async with serving(answers()) as served:
        answer = await get(served.url)

    assert answer.code == 200


async def test_the_transport_serves_an_httpx_client_too() -> None:
    packed = zlib.compress(b'{"a": 1}')
    async with (
        serving(answers(packed, b"Content-Encoding: deflate")) as served,
        httpx.AsyncClient(transport=DirectTransport()) as client,
    ):
        response = await client.post(served.url, json={"b": 2})

    assert response.json() == {"a": 1}
    assert response.extensions["phases"].tls == 0
    assert served.requests[0].endswith(b'{"b":2}')


async def test_a_client_closes() -> None:
    await HttpClient().close()
