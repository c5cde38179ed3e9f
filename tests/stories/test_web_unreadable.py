"""What cannot be read is answered below the app, as carefully as above."""

from collections.abc import AsyncIterator

import pytest

from monitor.web.outermost import HEADERS
from monitor.web.protocol import Deadlines
from tests.stories.web_server import WebServer, rest, web_server
from tests.web.api_house import ApiHouse

HURRIED = Deadlines(head=0.4, body=0.4, read=0.4)


@pytest.fixture
async def server() -> AsyncIterator[WebServer]:
    async with web_server(ApiHouse().app, deadlines=HURRIED) as made:
        yield made


def fields(said: bytes) -> list[tuple[bytes, bytes]]:
    """Return the header fields of an answer."""
    head, _, _ = said.partition(b"\r\n\r\n")
    parted = [line.split(b": ", 1) for line in head.split(b"\r\n")[1:]]
    return [(name, value) for name, value in parted]


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"GET / HTTP/9.9\r\n\r\n", 400),
        (b"GET / HT", 408),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\n" + b"X-A: a\r\n" * 101 + b"\r\n", 431),
    ],
)
async def test_what_cannot_be_read_is_refused_with_every_header_of_ours(
    server: WebServer, sent: bytes, code: int
) -> None:
    streams = await server.connect()

    streams[1].write(sent)
    said = await rest(streams)

    told = fields(said)
    names = [name for name, _ in told]
    assert said.startswith(f"HTTP/1.1 {code} ".encode())
    assert set(HEADERS) <= set(told)
    assert len(set(names)) == len(names)
