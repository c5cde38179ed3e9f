"""What a canary saw of a server's former life says nothing of this one."""

from dataclasses import replace

import pytest

from monitor.domain.diagnosis.case import Look
from monitor.domain.diagnosis.life import began, in_this_life
from tests.domain.diagnosis.cases import (
    CANARY,
    DEGRADED,
    NOW,
    UNHEALTHY,
    UNKNOWN,
    look,
    seen,
    service_reading,
    stale,
)
from tests.domain.service_parts import process

FAILED = look(CANARY, UNHEALTHY, reason="processing_failed", at=NOW - 60)
"""It ended 59.9 s ago."""


def ran(for_seconds: float, at: float = NOW - 1) -> Look:
    reading = service_reading(
        processes=[process(started_at=NOW - for_seconds)]
    )
    return look("process", reading=reading, at=at)


def test_a_life_begins_when_the_status_is_well_again() -> None:
    assert began(look("status", since=NOW - 300), None) == NOW - 300
    assert began(look("status", UNHEALTHY, since=NOW - 300), None) == 0
    assert began(replace(look("status"), since=None), None) == 0
    assert began(None, None) == 0


def test_a_life_begins_when_the_process_is_started() -> None:
    status = look("status", since=NOW - 3000)

    since = began(status, ran(30))

    assert since == pytest.approx(NOW - 30, abs=1)
    assert began(status, stale("process")) == NOW - 3000


def test_a_process_that_nobody_sees_began_nothing() -> None:
    gone = look("process", reading=service_reading(processes=[]))
    assert began(None, gone) == 0


@pytest.mark.parametrize(
    ("since", "counts"), [(NOW - 50, False), (NOW - 59.9, True)]
)
def test_a_run_that_failed_before_it_is_forgotten(
    since: float, *, counts: bool
) -> None:
    kept = in_this_life(FAILED, since)

    assert kept.is_bad is counts
    assert (kept.seen is not None) is counts
    assert (kept.health is UNKNOWN) is not counts


def test_a_run_that_went_well_before_it_is_kept() -> None:
    good = look(CANARY, at=NOW - 60)

    assert in_this_life(good, NOW) is good


def test_a_run_of_now_is_kept_beside_an_opinion_of_before() -> None:
    again = seen(CANARY, UNHEALTHY, reason="slow", at=NOW - 5)
    mixed = replace(FAILED, health=DEGRADED, seen=again)

    kept = in_this_life(mixed, NOW - 30)

    assert kept.seen is again
    assert (kept.health, kept.grounds) == (UNKNOWN, None)
