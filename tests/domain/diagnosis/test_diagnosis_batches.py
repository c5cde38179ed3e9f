"""Batches go through the backend: their time is not the server's alone."""

from dataclasses import replace

import pytest

from monitor.domain.canary.reading import Operation, Result
from monitor.domain.diagnosis.case import Look
from monitor.domain.diagnosis.diagnose import diagnose
from monitor.domain.health import Health
from tests.domain.diagnosis.cases import (
    CANARY,
    DEGRADED,
    NOW,
    RAN,
    UNHEALTHY,
    look,
    seen,
    stale,
    well,
)

BATCH = "canary.batch"


def batch(health: Health = DEGRADED, *, reason: str = "slow") -> Look:
    reading = replace(
        RAN, operation=Operation.BATCH, model="", result=Result.SLOW
    )
    run = seen(BATCH, health, reason=reason, reading=reading, at=NOW - 5)
    held = look(BATCH, health, reason=reason)
    return replace(held, seen=run, grounds=run)


def test_a_slow_batch_beside_quick_jobs_is_a_slow_backend() -> None:
    assert diagnose(well(batch())).is_well


@pytest.mark.parametrize(
    "beside", [stale(CANARY), look(CANARY, DEGRADED, reason="slow")]
)
def test_beside_jobs_that_are_not_known_to_be_quick_it_counts(
    beside: Look,
) -> None:
    found = diagnose(well(batch(), beside))

    assert found.cause == "slow"
    assert BATCH in {fact.key.check for fact in found.facts}


@pytest.mark.parametrize(
    "given", [batch(UNHEALTHY), batch(reason="unverified")]
)
def test_a_batch_that_is_more_than_slow_counts(given: Look) -> None:
    assert not diagnose(well(given)).is_well


def test_a_slow_job_that_goes_straight_to_the_server_counts() -> None:
    given = look(CANARY, DEGRADED, reason="slow")

    assert diagnose(well(given)).cause == "slow"
