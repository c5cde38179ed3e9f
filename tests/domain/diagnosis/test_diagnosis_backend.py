"""A server that is well, but not for its backend or for browsers."""

from dataclasses import replace

import pytest

from monitor.domain.backend import BackendReading
from monitor.domain.canary.reading import Operation
from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.finding import Finding
from monitor.domain.diagnosis.rules.backend import RULES
from tests.domain.diagnosis.cases import (
    DEGRADED,
    RAN,
    UNHEALTHY,
    UNKNOWN,
    case,
    look,
    seen,
    stale,
    well,
)

DOWN = look("status", UNHEALTHY, reason="refused")
OFFLINE = look("backend", DEGRADED, reason="offline")


def found(given: Case) -> list[Finding]:
    return [one for rule in RULES for one in rule(given)]


def causes(given: Case) -> list[str]:
    return [one.cause for one in found(given)]


def batch(reason: str, operation: Operation = Operation.BATCH) -> Look:
    reading = replace(RAN, operation=operation)
    return look("canary.b", DEGRADED, reason=reason, reading=reading)


def test_nothing_is_found_of_a_healthy_server() -> None:
    assert not found(well())
    assert not found(well(look("backend"), look("browser")))
    assert not found(case(OFFLINE))


@pytest.mark.parametrize("reason", ["offline", "timeout", "backend_error"])
def test_a_backend_that_says_otherwise_disagrees(reason: str) -> None:
    (one,) = found(well(look("backend", DEGRADED, reason=reason)))

    assert one.cause == "backend_disagrees"
    assert one.because.endswith(f"backend: backend says {reason}")
    assert {fact.key.check for fact in one.facts} == {"backend", "status"}


def test_a_backend_that_is_right_does_not_disagree() -> None:
    assert not found(well(OFFLINE, DOWN))
    assert not found(well(OFFLINE, stale("status")))


def test_a_slow_backend_that_answers_is_healthy() -> None:
    slow = seen(
        "backend",
        because="the backend says that the server is online, in 9.400 s",
        reading=BackendReading(api="v1", online=True, code=200),
        duration=9.4,
    )

    assert not found(well(look("backend", last=slow)))


def test_a_backend_that_refuses_how_we_ask_is_our_fault() -> None:
    refused = look("backend", UNKNOWN, reason="request_refused")

    assert not found(well(refused))


@pytest.mark.parametrize("reason", ["server_offline", "processing_failed"])
def test_a_batch_that_fails_alone_is_the_backends(reason: str) -> None:
    assert causes(well(batch(reason))) == ["backend_disagrees"]


def test_both_ways_are_told_once() -> None:
    both = well(OFFLINE, batch("server_offline"))

    assert causes(both) == ["backend_disagrees"]


@pytest.mark.parametrize(
    "other",
    [
        batch("slow"),
        batch("too_fast"),
        batch("processing_failed", Operation.AGE),
        replace(batch("blank"), health=UNHEALTHY),
        stale("canary.b"),
        look("canary.b", DEGRADED, reason="server_offline"),
    ],
)
def test_other_canaries_say_nothing_of_a_backend(other: Look) -> None:
    assert not found(well(other))


@pytest.mark.parametrize("cause", ["mixed_content", "cors_blocked"])
def test_browsers_that_may_not_call_are_told(cause: str) -> None:
    page = look("browser", DEGRADED, reason=cause, because="refused")

    (one,) = found(well(page))

    assert (one.cause, one.because) == (cause, "refused")
    assert not found(well(page, DOWN))
    assert not found(case(page))


def test_other_troubles_of_a_browser_are_nobodys() -> None:
    assert not found(well(look("browser", DEGRADED, reason="timeout")))
    assert not found(well(look("browser", UNKNOWN, reason="server_error")))
