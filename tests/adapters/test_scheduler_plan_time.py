"""The plan's own time, and the grid of runs on it."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.scheduler.plan_time import Grid, PlanTime

HOUR = 3600.0
DAY = 24 * HOUR


class TwoClocks:
    """The time of day and the time that passes, moved apart by hand."""

    def __init__(self) -> None:
        self.wall = 1_800_000_000.0
        self.passed = 5_000.0

    def now(self) -> float:
        return self.wall

    def monotonic(self) -> float:
        return self.passed

    def pass_time(self, seconds: float) -> None:
        self.wall += seconds
        self.passed += seconds


def told_by(plan: PlanTime) -> datetime:
    """Ask as APScheduler does."""
    return datetime.now(plan)  # noqa: TID251 - the very call under test


@pytest.mark.parametrize("jump", [-HOUR, DAY])
def test_a_clock_that_is_set_does_not_move_the_plan(jump: float) -> None:
    clocks = TwoClocks()
    plan = PlanTime(clocks)
    before = told_by(plan)

    clocks.wall += jump
    clocks.pass_time(10)

    assert told_by(plan) - before == timedelta(seconds=10)


def test_a_run_is_planned_as_far_ahead_as_its_unix_time() -> None:
    clocks = TwoClocks()
    plan = PlanTime(clocks)

    planned = plan.planned(clocks.wall + 30)

    assert planned - told_by(plan) == timedelta(seconds=30)


@pytest.mark.parametrize("jump", [-HOUR, 0, DAY])
def test_a_run_is_as_late_as_time_has_passed_since(jump: float) -> None:
    clocks = TwoClocks()
    plan = PlanTime(clocks)
    planned = plan.planned(clocks.wall + 1)

    clocks.wall += jump
    clocks.pass_time(3)

    assert clocks.now() - plan.unix(planned) == pytest.approx(2)


def test_a_plan_time_is_the_same_in_its_own_zone() -> None:
    plan = PlanTime(TwoClocks())
    planned = plan.planned(1_800_000_030.0)

    assert planned.astimezone(plan) is planned
    assert planned.tzname() == "plan"
    assert planned.dst() == timedelta(0)


@given(
    interval=st.floats(0.5, DAY),
    held=st.floats(0, 400 * DAY),
)
def test_the_last_run_that_is_due_is_found_at_once(
    interval: float, held: float
) -> None:
    first = PlanTime(TwoClocks()).planned(1_800_000_000.0)
    step = timedelta(seconds=interval)
    now = first + timedelta(seconds=held)
    grid = Grid(first, step)

    late = grid.get_next_fire_time(first, now)
    following = grid.get_next_fire_time(late, now)

    assert (late - first) % step == timedelta(0)
    assert first < late <= max(now, first + step)
    assert following > now
    assert following - max(late, now) <= step


def test_the_first_run_is_where_it_was_asked_for() -> None:
    first = PlanTime(TwoClocks()).planned(1_800_000_000.0)
    grid = Grid(first, timedelta(seconds=30))

    assert grid.get_next_fire_time(None, first + timedelta(days=1)) == first
