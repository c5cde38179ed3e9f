"""The whole way of a status look, from the socket to the observation."""

import gzip
import json
import time

import pytest

from monitor.adapters.clock import SystemClock
from monitor.adapters.facefusion.rest import STATUS_LIMIT, Rest
from monitor.adapters.http.client import HttpClient
from monitor.adapters.http.names import Resolve
from monitor.domain.health import Health
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.domain.status import StatusReading
from monitor.probes.status import StatusProbe
from tests.servers.addresses import unknown
from tests.servers.manners import (
    Manner,
    answers,
    drips,
    floods,
    free_port,
    hangs,
    resets,
    says,
    serving,
)

KEY = CheckKey(kind=Kind.TARGET, subject="studio", check="status")
WITHIN = 1.0
OK = b"HTTP/1.1 200 OK\r\n"
JSON = OK + b"Content-Type: application/json\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
PAGE = b"<html><title>502 Bad Gateway</title></html>"
LONG = b'{"a": "' + b"x" * 10_000_000 + b'"}'
BOMB = gzip.compress(bytes(20_000_000))
GZIP = b"Content-Encoding: gzip"


async def look(url: str, *, resolve: Resolve | None = None) -> Observation:
    server = Rest(url, HttpClient(resolve=resolve))
    return await StatusProbe(KEY, server, SystemClock(), within=WITHIN).look()


def code_of(seen: Observation) -> int | None:
    assert isinstance(seen.reading, StatusReading)
    return seen.reading.code


@pytest.mark.parametrize(
    ("manner", "reason", "code"),
    [
        pytest.param(
            answers(PAGE, kind=b"text/html"), "error_page", 200, id="HTML"
        ),
        pytest.param(
            answers(PAGE), "error_page", 200, id="HTML that calls itself JSON"
        ),
        pytest.param(
            answers(b'{"a": "\xff"}'), "bad_body", 200, id="invalid UTF-8"
        ),
        pytest.param(
            answers(b'{"a": '), "bad_body", 200, id="half of its JSON"
        ),
        pytest.param(
            answers(b'{"status": "down"}'),
            "reports_trouble",
            200,
            id="says it is down",
        ),
        pytest.param(
            answers(b"{}", code=404), "status_code", 404, id="not found"
        ),
        pytest.param(
            answers(b"{}", code=500), "status_code", 500, id="server error"
        ),
        pytest.param(
            answers(b"", b"Location: /api/v1/status", code=302),
            "redirect",
            302,
            id="a redirect loop",
        ),
        pytest.param(hangs(), "timeout", None, id="accepts and hangs"),
        pytest.param(hangs(OK), "timeout", None, id="hangs in its headers"),
        pytest.param(
            hangs(JSON + b"\r\n{"), "timeout", None, id="hangs in its body"
        ),
        pytest.param(
            drips(JSON + b"\r\n", b" ", pause=0.05),
            "timeout",
            None,
            id="a trickle",
        ),
        pytest.param(
            floods(JSON + b"\r\n", b" " * 65536),
            "too_large",
            None,
            id="an endless body",
        ),
        pytest.param(answers(LONG), "too_large", None, id="10 MB of JSON"),
        pytest.param(answers(BOMB, GZIP), "too_large", None, id="gzip bomb"),
        pytest.param(hangs(b"220 smtp\r\n"), "protocol", None, id="not HTTP"),
        pytest.param(
            floods(OK, b"X: " + b"x" * 1000 + b"\r\n"),
            "protocol",
            None,
            id="a header flood",
        ),
        pytest.param(
            hangs(CHUNKED + b"zz\r\n"), "protocol", None, id="chunked nonsense"
        ),
        pytest.param(says(), "reset", None, id="closes before the answer"),
        pytest.param(resets(), "reset", None, id="resets"),
    ],
)
async def test_bad_manners_make_a_failed_look_in_time(
    manner: Manner, reason: str, code: int | None
) -> None:
    begun = time.monotonic()
    async with serving(manner) as served:
        seen = await look(served.url)

    assert seen.health is Health.UNHEALTHY
    assert seen.reason == reason
    assert code_of(seen) == code
    assert seen.because.isprintable()
    assert time.monotonic() - begun < WITHIN + 10
    assert len(served.requests) == 1


async def test_a_good_server_is_healthy_with_all_its_phases() -> None:
    said = json.dumps({"status": "online", "version": "3.5.4"}).encode()
    async with serving(answers(said)) as served:
        seen = await look(served.url)

    assert seen.health is Health.HEALTHY
    assert isinstance(seen.reading, StatusReading)
    assert (seen.reading.code, seen.reading.version) == (200, "3.5.4")
    assert None not in {
        seen.reading.phases.resolve,
        seen.reading.phases.connect,
        seen.reading.phases.tls,
        seen.reading.phases.processing,
        seen.reading.phases.transfer,
    }


async def test_a_refused_connection_is_unhealthy() -> None:
    seen = await look(f"http://127.0.0.1:{free_port()}")

    assert (seen.health, seen.reason) == (Health.UNHEALTHY, "refused")


async def test_an_unknown_name_is_unhealthy() -> None:
    seen = await look("http://gpu1.example:9002", resolve=unknown)

    assert (seen.health, seen.reason) == (Health.UNHEALTHY, "resolve")


async def test_a_status_of_the_limit_is_still_read() -> None:
    filler = b" " * (STATUS_LIMIT - 2)
    async with serving(answers(b"{" + filler + b"}")) as served:
        seen = await look(served.url)

    assert seen.health is Health.HEALTHY
