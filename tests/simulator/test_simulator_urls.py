"""Canary images that come and go by HTTP."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from monitor.simulator.host import SimulatedHost
from tests.simulator.visitor import ASTRONAUT, NO_TLS, Visitor, portrait


class Shelf:
    """A tiny HTTP server that answers everything with the same bytes."""

    def __init__(self) -> None:
        self.answer = b""
        self.asked = ""
        self.url = ""

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        self.asked = request.decode().splitlines()[0]
        writer.write(self.answer)
        await writer.drain()
        writer.close()

    def holds(self, body: bytes, code: str = "200 OK") -> None:
        head = f"HTTP/1.1 {code}\r\nContent-Length: {len(body)}\r\n\r\n"
        self.answer = head.encode() + body


@pytest.fixture
async def shelf() -> AsyncIterator[Shelf]:
    shelf = Shelf()
    server = await asyncio.start_server(shelf.serve, "127.0.0.1", 0)
    shelf.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield shelf


async def test_an_image_given_by_address_is_fetched_and_served_back(
    studio: SimulatedHost, visitor: Visitor, shelf: Shelf
) -> None:
    shelf.holds(portrait(ASTRONAUT))

    answer = await visitor.post(
        studio, "enhance-face", source_path=f"{shelf.url}/canary-files/a?b=c"
    )

    output = answer.json()["output_path"]
    async with httpx.AsyncClient(verify=NO_TLS) as http:
        image = await http.get(output)
    assert shelf.asked == "GET /canary-files/a?b=c HTTP/1.1"
    assert output.startswith(f"{studio.url}/outputs/enhanced_")
    assert image.headers["content-type"] == "image/png"
    assert image.content.startswith(b"\x89PNG")


async def test_an_unchanged_image_keeps_its_kind(
    studio: SimulatedHost, visitor: Visitor, shelf: Shelf
) -> None:
    studio.faults.switch_on("unchanged_image")
    shelf.holds(portrait(ASTRONAUT))

    answer = await visitor.post(studio, "enhance-face", source_path=shelf.url)

    async with httpx.AsyncClient(verify=NO_TLS) as http:
        image = await http.get(answer.json()["output_path"])
    assert image.headers["content-type"] == "image/jpeg"
    assert image.content == portrait(ASTRONAUT)


@pytest.mark.parametrize(
    "name", ["other.png", "enhanced_0123456789abcdef.png", "..%2fssh_host_key"]
)
async def test_only_outputs_of_jobs_are_served(
    studio: SimulatedHost, name: str
) -> None:
    (studio.workdir / "outputs" / "other.png").write_bytes(b"secret")

    async with httpx.AsyncClient(verify=NO_TLS) as http:
        answer = await http.get(f"{studio.url}/outputs/{name}")

    assert answer.status_code == 404


@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.1/a.jpg",
        "http://example.org/a.jpg",
        "https://127.0.0.1/a.jpg",
        "file:///etc/passwd",
        "http://127.0.0.1:99999/a.jpg",
        "http://[::1",
    ],
)
async def test_no_other_machine_is_ever_asked(
    studio: SimulatedHost, visitor: Visitor, url: str
) -> None:
    answer = await visitor.post(studio, "enhance-face", source_path=url)

    assert answer.status_code == 404
    assert "only fetches http addresses" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"HTTP/1.1 404 Not Found\r\n\r\n", "it answers 404"),
        (
            b"HTTP/1.1 302 Found\r\nLocation: http://192.0.2.1/\r\n\r\n",
            "it answers 302",
        ),
        (b"220 smtp ready\r\n", "cannot fetch"),
        (b"", "cannot fetch"),
        (
            b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 20_000_001,
            "over 20000000 bytes",
        ),
    ],
)
async def test_an_address_that_serves_no_image_is_named(
    studio: SimulatedHost,
    visitor: Visitor,
    shelf: Shelf,
    answer: bytes,
    reason: str,
) -> None:
    shelf.answer = answer

    refused = await visitor.post(studio, "enhance-face", source_path=shelf.url)

    assert refused.status_code == 404
    assert reason in refused.json()["detail"]


async def test_served_outputs_do_not_pile_up(
    studio: SimulatedHost, visitor: Visitor, shelf: Shelf
) -> None:
    outputs = studio.workdir / "outputs"
    for number in range(60):
        (outputs / f"enhanced_{number:016x}.png").write_bytes(b"old")
    shelf.holds(portrait(ASTRONAUT))

    answer = await visitor.post(studio, "enhance-face", source_path=shelf.url)

    left = sorted(path.name for path in outputs.iterdir())
    assert len(left) == 50
    assert answer.json()["output_path"].rpartition("/")[2] in left
