"""What the backend's answer means: by its body, never by its code alone."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.answer import Answer, NoAnswer, Phases
from monitor.domain.backend import (
    APIS,
    BackendReading,
    is_certain,
    judge_answer,
    judge_silence,
    speaks,
)
from monitor.domain.errors import CannotReach
from monitor.domain.health import Health
from tests.fakes.facefusion import PHASES, answer

V1 = b'{"online": true, "url": "http://gpu1:9002", "status_code": 200}'
V1_OFFLINE = (
    b'{"online": false, "url": "http://gpu1:9002", "error": "refused"}'
)
LEGACY = b'{"is_online": true, "status": "online", "message": "accessible"}'
LEGACY_OFFLINE = (
    b'{"is_online": false, "status": "offline", "message": "not accessible"}'
)
NO_ROUTE = b'{"detail": "Not Found"}'
NOBODY = (
    b'{"detail": {"error": "Character not found", "status_code": 404,'
    b' "error_code": "RESOURCE_NOT_FOUND", "details": {}}}'
)
PAGE = b"<html><title>StoryCanvas</title></html>"


@pytest.mark.parametrize(("api", "body"), [("v1", V1), ("legacy", LEGACY)])
def test_a_server_that_is_online_there_is_healthy(
    api: str, body: bytes
) -> None:
    verdict = judge_answer(api, answer(body))

    assert (verdict.health, verdict.reason) == (Health.HEALTHY, "")
    assert verdict.reading == BackendReading(
        api=api, online=True, code=200, phases=PHASES
    )
    assert f"the backend ({api}) says that the server is online" in (
        verdict.because
    )


@pytest.mark.parametrize(
    ("api", "body", "words"),
    [
        ("v1", V1_OFFLINE, '("refused")'),
        ("legacy", LEGACY_OFFLINE, '("not accessible")'),
    ],
)
def test_a_200_that_says_offline_is_offline(
    api: str, body: bytes, words: str
) -> None:
    verdict = judge_answer(api, answer(body))

    assert (verdict.health, verdict.reason) == (Health.DEGRADED, "offline")
    assert verdict.reading.online is False
    assert words in verdict.because


@pytest.mark.parametrize(
    ("code", "body", "reason", "health"),
    [
        (404, NO_ROUTE, "no_such_api", Health.DEGRADED),
        (404, b"<html>404</html>", "no_such_api", Health.DEGRADED),
        (405, b'{"detail": "Method Not Allowed"}', "no_such_api", None),
        (404, NOBODY, "not_found", Health.DEGRADED),
        (404, b'{"detail": "Character c1 not found"}', "not_found", None),
        (422, b'{"detail": []}', "request_refused", Health.UNKNOWN),
        (400, b"{}", "request_refused", Health.UNKNOWN),
        (500, b"{}", "backend_error", Health.DEGRADED),
        (502, PAGE, "backend_error", Health.DEGRADED),
        (503, b"{}", "unavailable", Health.DEGRADED),
        (401, b"{}", "credentials", Health.DEGRADED),
        (403, b"{}", "credentials", Health.DEGRADED),
        (405, b'{"detail": {"error": "x"}}', "status_code", None),
        (204, b"", "status_code", Health.DEGRADED),
        (302, b"", "status_code", Health.DEGRADED),
        (200, PAGE, "error_page", Health.DEGRADED),
        (200, b"", "bad_body", Health.DEGRADED),
        (200, b"[]", "bad_body", Health.DEGRADED),
        (200, b"{", "bad_body", Health.DEGRADED),
        (200, b'{"online": "yes"}', "bad_body", Health.DEGRADED),
        (200, b'{"online": 1}', "bad_body", Health.DEGRADED),
        (200, LEGACY, "bad_body", Health.DEGRADED),
    ],
)
def test_failures_are_told_apart(
    code: int, body: bytes, reason: str, health: Health | None
) -> None:
    verdict = judge_answer("v1", answer(body, code=code))

    assert verdict.reason == reason
    assert verdict.health is (health or Health.DEGRADED)
    assert verdict.reading.online is None
    assert verdict.reading.code == code


def test_a_redirect_says_where_to() -> None:
    verdict = judge_answer(
        "v1", answer(b"", code=301, location="https://canvas.example/x")
    )

    assert verdict.reason == "redirect"
    assert "https://canvas.example/x" in verdict.because


def test_the_words_of_the_backend_are_repeated() -> None:
    verdict = judge_answer("legacy", answer(NOBODY, code=404))

    assert '("Character not found")' in verdict.because


def test_an_error_cannot_call_the_server_online() -> None:
    verdict = judge_answer("v1", answer(V1, code=500))

    assert verdict.reading.online is None
    assert verdict.reason == "backend_error"


def test_a_backend_that_is_silent_is_degraded_with_what_was_reached() -> None:
    phases = Phases(resolve=0.0, connect=0.001)
    error = NoAnswer("cannot reach it", reason="timeout", phases=phases)

    verdict = judge_silence("v1", error)

    assert (verdict.health, verdict.reason) == (Health.DEGRADED, "timeout")
    assert verdict.because == "no answer from the backend: cannot reach it"
    assert verdict.reading == BackendReading(api="v1", phases=phases)


def test_our_own_trouble_tells_nothing_about_the_backend() -> None:
    verdict = judge_silence("v1", CannotReach("cannot", reason="failed"))

    assert verdict.health is Health.UNKNOWN
    assert verdict.reading == BackendReading(api="v1")


@pytest.mark.parametrize(
    ("api", "said", "speaking", "certain"),
    [
        ("v1", answer(V1), True, True),
        ("v1", answer(LEGACY), False, False),
        ("legacy", answer(LEGACY_OFFLINE), True, True),
        ("legacy", answer(V1), False, False),
        ("v1", answer(PAGE), False, False),
        ("v1", answer(NO_ROUTE, code=404), False, False),
        ("v1", answer(NOBODY, code=404), True, False),
        ("v1", answer(b"{}", code=500), True, False),
        ("v1", answer(b"{}", code=422), True, False),
    ],
)
def test_an_api_is_known_by_its_words(
    api: str, said: Answer, *, speaking: bool, certain: bool
) -> None:
    assert speaks(api, said) is speaking
    assert is_certain(api, said) is certain


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
FIELDS = st.dictionaries(
    st.sampled_from(
        ["online", "is_online", "status", "detail", "error", "message", "url"]
    ),
    SCALARS | st.dictionaries(st.text(max_size=8), SCALARS, max_size=3),
)
BODIES = st.binary(max_size=80) | FIELDS.map(lambda f: json.dumps(f).encode())


@given(
    api=st.sampled_from(APIS),
    body=BODIES,
    code=st.integers(min_value=100, max_value=599),
    location=st.sampled_from(["", "/elsewhere"]),
)
def test_any_answer_is_judged_in_one_printable_line(
    api: str, body: bytes, code: int, location: str
) -> None:
    said = answer(body, code=code, location=location)

    verdict = judge_answer(api, said)

    assert verdict.because.isprintable()
    assert bool(verdict.reason) == (verdict.health is not Health.HEALTHY)
    assert verdict.health is not Health.UNHEALTHY
    if not verdict.reason:
        assert verdict.reading.online is True
        assert code == 200
    if code == 200 and is_certain(api, said):
        assert speaks(api, said)
