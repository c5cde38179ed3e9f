"""What is read at a glance means what h11 says it means."""

import h11
import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.adapters.http.asked import asked
from monitor.adapters.http.usual import usual

LIMIT = 1000
PLAIN = b"HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 2\r\n\r\nhi"
GET = asked(httpx.Request("GET", "http://gpu1:9002/api/v1/status"), b"")

lines = st.sampled_from(
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.0 503 \r\n",
        b"HTTP/1.1 204 No Content\r\n",
        b"HTTP/1.1 304\r\n",
        b"HTTP/1.1 100 Continue\r\n",
        b"HTTP/2.0 200 OK\r\n",
        b"HTTP/1.1 200 OK\n",
        b"Content-Length: 2\r\n",
        b"content-length:2 \r\n",
        b"Content-Length: +2\r\n",
        b"Content-Length: 2, 2\r\n",
        b"Content-Length: 002\r\n",
        b"Content-Length: 2000\r\n",
        b"Content-Length: 99999999999999999999\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Server:\t a  b \t\r\n",
        b"Server : x\r\n",
        b" folded\r\n",
        b"X: \xe4\r\n",
        b"X: a\x00b\r\n",
        b"X: a\rb\r\n",
        b": nameless\r\n",
        b"X:\r\n",
        b"\r\n",
        b"\n",
        b"hi",
        b"2\r\nhi\r\n0\r\n\r\n",
    ]
)
pieces = st.lists(lines | st.binary(max_size=6), max_size=9).map(b"".join)
answers = pieces | pieces.map(lambda rest: b"HTTP/1.1 200 OK\r\n" + rest)


def by_h11(data: bytes) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    talk = GET.spoken(10_000)
    talk.receive_data(data)
    head, body = talk.next_event(), b""
    assert isinstance(head, h11.Response)
    while isinstance(event := talk.next_event(), h11.Data):
        body += event.data
    assert isinstance(event, h11.EndOfMessage)
    return head.status_code, list(head.headers), body


@given(answers)
@example(PLAIN)
@example(PLAIN.replace(b"Server: x", b"Server:\t x \t"))
@example(PLAIN.replace(b"Server: x", b"Content-Length: 2"))
def test_what_is_read_at_a_glance_is_what_h11_reads(data: bytes) -> None:
    read = usual(data, limit=LIMIT)

    if read is not None:
        head, body = read
        assert (head.code, head.headers, body) == by_h11(data)


def test_a_plain_answer_is_read_at_a_glance() -> None:
    read = usual(PLAIN, limit=LIMIT)

    assert read is not None
    assert (read[0].code, read[1]) == (200, b"hi")
    assert read[0].get(b"server") == "x"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        PLAIN[:-1],
        PLAIN + b"!",
        PLAIN[:40],
        PLAIN.replace(b"HTTP/1.1 200 OK", b"HTTP/1.1 204 OK"),
        PLAIN.replace(b"HTTP/1.1 200 OK", b"HTTP/1.1 304 OK"),
        PLAIN.replace(b"HTTP/1.1 200 OK", b"HTTP/1.1 103 OK"),
        PLAIN.replace(b"HTTP/1.1 200 OK", b"HTTP/1.1 999 OK"),
        PLAIN.replace(b"Server: x", b"Content-Length: 2"),
        PLAIN.replace(b"Server: x", b"Transfer-Encoding: chunked"),
        PLAIN.replace(b"Server: x", b"Server: \xe4"),
        PLAIN.replace(b"Server: x", b" folded: x"),
        PLAIN.replace(b"Content-Length: 2\r\n", b""),
        PLAIN.replace(b": 2\r\n", b": 0000000002\r\n"),
        PLAIN.replace(b": 2\r\n", b": \r\n"),
        PLAIN.replace(b": 2\r\n", b": +2\r\n"),
        PLAIN.replace(b"\r\n\r\n", b"\n\n"),
    ],
)
def test_what_is_unusual_is_left_to_h11(data: bytes) -> None:
    assert usual(data, limit=LIMIT) is None


def test_a_body_beyond_the_limit_is_left_to_h11() -> None:
    assert usual(PLAIN, limit=2) is not None
    assert usual(PLAIN, limit=1) is None


@pytest.mark.parametrize(
    ("method", "has"), [("HEAD", False), ("GET", True), ("POST", True)]
)
def test_an_answer_to_head_is_not_as_long_as_it_says(
    method: str, *, has: bool
) -> None:
    request = httpx.Request(method, "http://gpu1:9002/")

    assert asked(request, b"").has_answer is has
