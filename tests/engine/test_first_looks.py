"""For how long it is too early to think otherwise."""

from dataclasses import replace

import pytest

from monitor.domain.diagnosis.case import Case
from monitor.domain.diagnosis.cause import NONE
from monitor.domain.diagnosis.diagnosis import Diagnosis, made_of
from monitor.domain.diagnosis.finding import Finding
from monitor.engine.first_looks import (
    FIRST_CANARIES,
    FIRST_LOOKS,
    JUMP,
    FirstLooks,
)
from tests.domain.diagnosis.cases import HEALTHY, UNHEALTHY, look, stale, well
from tests.fakes.clock import FakeClock

CANARY = "canary.swap"
RUN = look(CANARY, UNHEALTHY, reason="processing_failed")
RECALLED = replace(RUN, seen=None, grounds=None)
"""A canary of which ill was thought before a restart."""


def said(cause: str) -> Diagnosis:
    return made_of(Finding(cause=cause, because=f"it is {cause}"), 0.0)


FAILED, WELL = said("processing_failed"), said(NONE)


def after(case: Case, seconds: float, held: Diagnosis = FAILED) -> bool:
    """Return whether it is too early so many seconds after a start."""
    looks = FirstLooks(FakeClock())
    looks.are_awaited(case, held, WELL)

    return looks.are_awaited(replace(case, now=case.now + seconds), held, WELL)


def test_all_checks_are_waited_for_and_not_for_ever() -> None:
    case = well(stale("gpu"))

    assert after(case, 1.0)
    assert not after(case, FIRST_LOOKS)
    assert not after(well(), 1.0)


def test_no_data_is_believed_when_there_was_time_to_look() -> None:
    looks, case = FirstLooks(FakeClock()), well()
    nothing = said("no_data")

    assert looks.are_awaited(case, FAILED, nothing)
    assert not looks.are_awaited(
        replace(case, now=case.now + FIRST_LOOKS), FAILED, nothing
    )


def test_good_news_of_a_server_never_seen_are_believed_at_once() -> None:
    looks = FirstLooks(FakeClock())

    assert not looks.are_awaited(well(stale("gpu")), said("no_data"), WELL)


def test_what_canaries_said_before_a_restart_waits_for_canaries() -> None:
    assert after(well(RECALLED), 1.0)
    assert after(well(RECALLED), FIRST_LOOKS + 1)
    assert not after(well(RECALLED), FIRST_CANARIES)


@pytest.mark.parametrize("canary", [RUN, look(CANARY, HEALTHY), stale(CANARY)])
def test_canaries_that_ran_or_were_well_are_not_waited_for(
    canary: object,
) -> None:
    assert isinstance(canary, type(RUN))

    assert not after(well(canary), FIRST_LOOKS + 1)


def test_a_server_that_was_well_waits_for_no_canary() -> None:
    assert not after(well(RECALLED), FIRST_LOOKS + 1, held=WELL)


def test_a_clock_that_is_set_is_noticed_once() -> None:
    clock = FakeClock()
    looks = FirstLooks(clock)

    clock.pass_time(3600)
    quiet = looks.jumped()
    clock.jump(-JUMP)
    back, then = looks.jumped(), looks.jumped()

    assert (quiet, back, then) == (0.0, -JUMP, 0.0)


def test_waiting_begins_anew_for_whom_it_is_asked() -> None:
    clock = FakeClock()
    looks = FirstLooks(clock)
    case = replace(well(stale("gpu")), now=clock.now())
    looks.are_awaited(case, FAILED, WELL)
    clock.pass_time(FIRST_LOOKS)
    later = replace(case, now=clock.now())

    before = looks.are_awaited(later, FAILED, WELL)
    looks.begin(["studio"])
    again = looks.are_awaited(later, FAILED, WELL)
    clock.pass_time(FIRST_LOOKS)
    looks.forget("studio")

    assert (before, again) == (False, True)
    assert looks.are_awaited(replace(case, now=clock.now()), FAILED, WELL)
