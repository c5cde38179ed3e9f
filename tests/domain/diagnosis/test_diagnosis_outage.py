"""A machine that comes back refuses connections until its services are up."""

import pytest

from monitor.domain.diagnosis.case import Case
from monitor.domain.diagnosis.diagnose import diagnose
from monitor.domain.diagnosis.memory import Memory
from monitor.domain.diagnosis.memory.outage import Outage
from monitor.domain.diagnosis.rules.starting import BOOT_GRACE
from tests.domain.diagnosis.cases import (
    ALONE,
    HEALTHY,
    NOW,
    UNHEALTHY,
    UNKNOWN,
    look,
    seen,
    well,
)

HOSTED = ("process", "logs", "jobs", "host", "gpu")
REFUSED = look("status", UNHEALTHY, reason="refused", since=NOW - 40)
NO_TCP = look("network", UNHEALTHY, reason="refused")
UNSEEN = look("process", UNKNOWN, reason="timeout")


def back(seconds: float | None, *, process_is_seen: bool = False) -> Case:
    silent_at = None if seconds is None else NOW - seconds
    looks = (REFUSED, NO_TCP) + (() if process_is_seen else (UNSEEN,))
    return well(*looks, memory=Memory(outage=Outage(silent_at=silent_at)))


def test_a_refusal_right_after_silence_is_a_start() -> None:
    found = diagnose(back(10.0))

    assert (found.cause, found.severity) == ("starting", "info")
    assert "may have booted" in found.because
    assert "process_down" in found.also


@pytest.mark.parametrize("seconds", [None, BOOT_GRACE, -5.0])
def test_a_refusal_at_another_time_is_a_process_that_is_down(
    seconds: float | None,
) -> None:
    assert diagnose(back(seconds)).cause == "process_down"


def test_what_the_process_shows_counts_for_more() -> None:
    assert diagnose(back(10.0, process_is_seen=True)).cause != "starting"


def test_it_counts_without_a_machine_that_we_know_too() -> None:
    memory = Memory(outage=Outage(silent_at=NOW - 10))
    case = well(REFUSED, NO_TCP, target=ALONE, without=HOSTED, memory=memory)

    assert diagnose(case).cause == "starting"


def test_only_a_look_at_the_way_that_nobody_answers_is_silence() -> None:
    silent = Outage().learn(
        seen("network", UNHEALTHY, reason="timeout", at=NOW)
    )

    assert silent.silent_at is not None
    assert silent.silent_at >= NOW
    for other in (
        seen("network", UNHEALTHY, reason="refused", at=NOW),
        seen("network", HEALTHY, at=NOW),
        seen("status", UNHEALTHY, reason="timeout", at=NOW),
    ):
        assert Outage().learn(other) == Outage()
        assert silent.learn(other) is silent
