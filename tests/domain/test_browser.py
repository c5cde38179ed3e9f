"""What a browser would do, by the Fetch standard."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.answer import Answer
from monitor.domain.browser import (
    BrowserReading,
    asks,
    judge_beforehand,
    judge_preflight,
    judge_silence,
    serialized,
)
from monitor.domain.errors import CannotReach
from monitor.domain.health import Health

PAGE = "https://storycanvas.example"
ORIGIN, METHODS, HEADERS = (
    "access-control-allow-origin",
    "access-control-allow-methods",
    "access-control-allow-headers",
)
ALL = {ORIGIN: "*", METHODS: "*", HEADERS: "*"}


def said(headers: Mapping[str, str], code: int = 200) -> Answer:
    return Answer(
        code=code, content_type="", body=b"", duration=0.01, headers=headers
    )


def test_the_preflight_is_the_one_before_a_job() -> None:
    assert asks(PAGE) == {
        "Origin": PAGE,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }


@pytest.mark.parametrize("code", [500, 502, 599])
def test_a_server_that_fails_at_everything_says_nothing_of_cors(
    code: int,
) -> None:
    verdict = judge_preflight(PAGE, said({}, code))

    assert (verdict.health, verdict.reason) == (Health.UNKNOWN, "server_error")
    assert verdict.because.startswith("cannot tell: the preflight was")
    assert verdict.reading == BrowserReading(origin=PAGE, code=code)


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        (ALL, 200),
        (ALL, 204),
        ({ORIGIN: PAGE, HEADERS: "Content-Type"}, 200),
        ({ORIGIN: "*", HEADERS: "x-a, content-type ,X-B"}, 200),
        ({ORIGIN: "*", METHODS: "GET", HEADERS: "*"}, 200),
        ({ORIGIN: "*", METHODS: ",,", HEADERS: ",*,"}, 200),
    ],
)
def test_a_page_that_may_call_is_healthy(
    headers: Mapping[str, str], code: int
) -> None:
    verdict = judge_preflight(PAGE, said(headers, code))

    assert (verdict.health, verdict.reason) == (Health.HEALTHY, "")
    assert verdict.reading == BrowserReading(
        origin=PAGE, allowed_origin=headers[ORIGIN], code=code
    )


@pytest.mark.parametrize(
    ("headers", "code", "words"),
    [
        ({}, 200, "allows no origin"),
        ({}, 405, "allows no origin"),
        ({**ALL, ORIGIN: ""}, 200, 'only the origin ""'),
        ({**ALL, ORIGIN: "null"}, 200, 'only the origin "null"'),
        ({**ALL, ORIGIN: PAGE + "/"}, 200, "only the origin"),
        ({**ALL, ORIGIN: PAGE.upper()}, 200, "only the origin"),
        ({**ALL, ORIGIN: "http://storycanvas.example"}, 200, "only the"),
        ({**ALL, ORIGIN: f"{PAGE}, {PAGE}"}, 200, "only the origin"),
        (ALL, 404, "was answered 404"),
        (ALL, 302, "was answered 302"),
        ({ORIGIN: "*"}, 200, "does not allow the header content-type"),
        ({ORIGIN: "*", HEADERS: "x-content-type"}, 200, "content-type"),
        ({**ALL, HEADERS: "content type"}, 200, "are malformed"),
        ({**ALL, METHODS: "POST; GET"}, 200, "are malformed"),
    ],
)
def test_a_page_that_may_not_call_is_degraded(
    headers: Mapping[str, str], code: int, words: str
) -> None:
    verdict = judge_preflight(PAGE, said(headers, code))

    assert (verdict.health, verdict.reason) == (
        Health.DEGRADED,
        "cors_blocked",
    )
    assert words in verdict.because
    assert verdict.reading.code == code


@pytest.mark.parametrize(
    ("page", "url", "mixed"),
    [
        (PAGE, "http://192.168.1.10:9002/x", True),
        (PAGE, "http://gpu1.example/x", True),
        (PAGE, "http://localhost.example/x", True),
        (PAGE, "https://gpu1.example/x", False),
        (PAGE, "http://127.0.0.1:9002/x", False),
        (PAGE, "http://127.1.2.3/x", False),
        (PAGE, "http://[::1]:9002/x", False),
        (PAGE, "http://localhost:9002/x", False),
        (PAGE, "http://gpu1.localhost./x", False),
        ("http://storycanvas.example", "http://192.168.1.10:9002/x", False),
        ("http://storycanvas.example", "https://192.168.1.10:9002/x", False),
    ],
)
def test_an_https_page_may_not_call_an_http_server(
    page: str, url: str, *, mixed: bool
) -> None:
    verdict = judge_beforehand(page, url)

    assert (verdict is not None) == mixed
    if verdict is not None:
        assert (verdict.health, verdict.reason) == (
            Health.DEGRADED,
            "mixed_content",
        )
        assert verdict.reading == BrowserReading(
            origin=page, mixed_content=True
        )


def test_a_page_of_the_server_itself_needs_no_leave() -> None:
    verdict = judge_beforehand(
        "http://gpu1:9002", "http://GPU1:9002/api/v1/enhance-face"
    )

    assert verdict is not None
    assert (verdict.health, verdict.reason) == (Health.HEALTHY, "")


def test_no_answer_tells_nothing_about_browsers() -> None:
    verdict = judge_silence(PAGE, CannotReach("cannot", reason="refused"))

    assert (verdict.health, verdict.reason) == (Health.UNKNOWN, "refused")
    assert verdict.reading == BrowserReading(origin=PAGE)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://StoryCanvas.example:443", PAGE),
        ("https://storycanvas.example:8443/x", f"{PAGE}:8443"),
        ("http://storycanvas.example:80", "http://storycanvas.example"),
        ("http://[::1]:9002/x", "http://[::1]:9002"),
    ],
)
def test_an_origin_is_written_as_browsers_send_it(
    url: str, origin: str
) -> None:
    assert serialized(url) == origin


NAMES = [ORIGIN, METHODS, HEADERS, "vary"]
VALUES = st.text(max_size=30) | st.sampled_from(["*", PAGE, "content-type"])


@given(
    headers=st.dictionaries(st.sampled_from(NAMES), VALUES),
    code=st.integers(min_value=100, max_value=599),
)
def test_any_headers_are_judged_and_no_other_origin_gets_leave(
    headers: dict[str, str], code: int
) -> None:
    verdict = judge_preflight(PAGE, said(headers, code))

    assert verdict.because.isprintable()
    assert bool(verdict.reason) == (verdict.health is not Health.HEALTHY)
    if not verdict.reason:
        assert headers[ORIGIN] in {"*", PAGE}
        assert code // 100 == 2
