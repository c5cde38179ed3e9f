"""What is left when nothing else explains the evidence."""

from dataclasses import replace

import pytest

from monitor.domain.diagnosis.case import Look
from monitor.domain.diagnosis.diagnose import diagnose
from tests.domain.diagnosis.cases import (
    CANARY,
    DEGRADED,
    HEALTHY,
    NOW,
    UNHEALTHY,
    UNKNOWN,
    case,
    look,
    stale,
    well,
)


def test_a_healthy_server_has_nothing() -> None:
    found = diagnose(well())

    assert (found.cause, found.health) == ("none", HEALTHY)
    assert found.is_well


@pytest.mark.parametrize("check", ["status", "network", "process"])
def test_what_nothing_explains_is_told_as_it_is(check: str) -> None:
    odd = look(check, UNHEALTHY, reason="odd", because="it glows")

    found = diagnose(well(odd))

    assert (found.cause, found.health) == ("unexplained", UNHEALTHY)
    assert found.severity == "critical"
    assert f"{check} is unhealthy: it glows" in found.because
    assert [fact.key.check for fact in found.facts] == [check]


def test_one_that_is_degraded_waits_for_the_morning() -> None:
    found = diagnose(well(look("process", DEGRADED, reason="odd")))

    assert (found.health, found.severity) == (DEGRADED, "warning")


def test_the_worst_of_several_counts_and_all_are_named() -> None:
    found = diagnose(
        well(
            look("network", DEGRADED, reason="odd"),
            look("process", UNHEALTHY, reason="odd"),
        )
    )

    assert found.health is UNHEALTHY
    assert "process is unhealthy" in found.because
    assert "network is degraded" in found.because
    assert found.because.index("process") < found.because.index("network")


@pytest.mark.parametrize("check", ["logs", "jobs", "host", "gpu"])
def test_logs_jobs_and_the_machine_are_not_the_server(check: str) -> None:
    assert diagnose(well(look(check, DEGRADED, reason="odd"))).is_well


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (stale("status"), "nothing fresh"),
        (look("status", UNKNOWN, because="cannot open a socket"), "socket"),
        (replace(look("status", UNHEALTHY), grounds=None), "cannot be told"),
    ],
    ids=["stale", "our fault", "of another life"],
)
def test_without_a_status_nothing_is_known(status: Look, told: str) -> None:
    case_of_status = well()
    looks = {**case_of_status.looks, "status": status}

    found = diagnose(replace(case_of_status, looks=looks))

    assert (found.cause, found.health) == ("no_data", UNKNOWN)
    assert found.severity == "info"
    assert told in found.because


def test_a_server_that_nobody_looks_at_is_not_known() -> None:
    found = diagnose(case())

    assert found.cause == "no_data"
    assert "not looked at" in found.because


def test_what_is_bad_explains_missing_data() -> None:
    bad = look("network", UNHEALTHY, reason="odd")

    found = diagnose(well(stale("status"), bad))

    assert (found.cause, found.also) == ("unexplained", ("no_data",))


@pytest.mark.parametrize("check", ["network", "process", CANARY])
def test_what_failed_before_the_status_went_well_is_past(check: str) -> None:
    odd = look(check, UNHEALTHY, reason="odd", at=NOW - 10)

    def found(since: float) -> str:
        return diagnose(well(odd, look("status", since=since))).cause

    assert found(NOW - 9) == "none"
    assert found(NOW - 10) == "unexplained"


def test_a_status_without_a_beginning_ends_nothing() -> None:
    odd = look("network", UNHEALTHY, reason="odd", at=NOW - 10)
    status = replace(look("status"), since=None)

    assert diagnose(well(odd, status)).cause == "unexplained"
