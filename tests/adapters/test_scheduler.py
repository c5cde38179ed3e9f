"""APScheduler behind its door: late runs run, and say how late."""

import asyncio
import gc
import itertools
import time
import weakref
from collections.abc import AsyncIterator

import pytest

from monitor.adapters.clock import SystemClock
from monitor.adapters.scheduler import ApScheduler
from monitor.ports import Due
from tests.fakes.jumping_clock import JumpingClock

CLOCK = SystemClock()
NOISE = 0.02
"""Seconds that may pass between two looks at two clocks."""


@pytest.fixture
async def scheduler() -> AsyncIterator[ApScheduler]:
    made = ApScheduler()
    made.start()
    yield made
    made.stop()


class Runs:
    def __init__(self, wanted: int = 1) -> None:
        self.due: list[Due] = []
        self.began: list[float] = []
        self.wanted = wanted
        self.enough = asyncio.Event()

    async def turn(self, due: Due) -> None:
        self.began.append(CLOCK.now())
        self.due.append(due)
        if len(self.due) >= self.wanted:
            self.enough.set()


def keeps_its_grid(runs: list[Due], interval: float) -> bool:
    """Tell whether each run accounts for the time since the one before."""
    return all(
        later.at - sooner.at
        == pytest.approx((later.missed + 1) * interval, abs=NOISE)
        for sooner, later in itertools.pairwise(runs)
    )


async def test_a_check_runs_at_its_time_and_every_interval(
    scheduler: ApScheduler,
) -> None:
    runs, first = Runs(3), CLOCK.now() + 0.05

    scheduler.every("studio", interval=0.1, first=first, turn=runs.turn)
    async with asyncio.timeout(5):
        await runs.enough.wait()

    assert runs.due[0].at == pytest.approx(first, abs=NOISE)
    assert keeps_its_grid(runs.due, 0.1)


async def test_runs_that_came_due_while_the_loop_was_held_are_not_dropped(
    scheduler: ApScheduler,
) -> None:
    runs, first = Runs(), CLOCK.now() + 0.05

    scheduler.every("studio", interval=30, first=first, turn=runs.turn)
    time.sleep(1.3)  # noqa: ASYNC251 - the fault under test: a held loop
    async with asyncio.timeout(5):
        await runs.enough.wait()

    assert [due.missed for due in runs.due] == [0]
    assert runs.due[0].at == pytest.approx(first, abs=NOISE)
    assert runs.began[0] - runs.due[0].at > 1


async def test_runs_folded_into_one_are_counted_as_missed(
    scheduler: ApScheduler,
) -> None:
    runs, first = Runs(), CLOCK.now() + 0.05

    scheduler.every("studio", interval=0.2, first=first, turn=runs.turn)
    time.sleep(0.75)  # noqa: ASYNC251 - the fault under test: a held loop
    async with asyncio.timeout(5):
        await runs.enough.wait()

    assert runs.due[0].missed >= 3


async def test_one_look_out_of_turn_leaves_the_regular_ones_alone(
    scheduler: ApScheduler,
) -> None:
    runs = Runs(2)
    now = CLOCK.now()

    scheduler.every("studio", interval=60, first=now + 0.1, turn=runs.turn)
    scheduler.once("studio again", at=now, turn=runs.turn)
    async with asyncio.timeout(5):
        await runs.enough.wait()

    planned = [due.at - now for due in runs.due]
    assert planned == pytest.approx([0, 0.1], abs=NOISE)


async def test_a_second_look_out_of_turn_replaces_the_first(
    scheduler: ApScheduler,
) -> None:
    first, second = Runs(), Runs()

    scheduler.once("again", at=CLOCK.now() + 0.1, turn=first.turn)
    scheduler.once("again", at=CLOCK.now() + 0.1, turn=second.turn)
    async with asyncio.timeout(5):
        await second.enough.wait()

    assert first.due == []


async def test_a_cancelled_check_never_runs(
    scheduler: ApScheduler, caplog: pytest.LogCaptureFixture
) -> None:
    gone, other = Runs(), Runs()
    scheduler.every(
        "gone", interval=60, first=CLOCK.now() + 0.05, turn=gone.turn
    )

    scheduler.cancel("gone")
    scheduler.cancel("never there")
    scheduler.once("other", at=CLOCK.now() + 0.1, turn=other.turn)
    async with asyncio.timeout(5):
        await other.enough.wait()

    assert gone.due == []
    assert [r for r in caplog.records if r.levelname == "ERROR"] == []


async def test_a_look_out_of_turn_leaves_nothing_behind(
    scheduler: ApScheduler,
) -> None:
    runs = Runs()
    ran, remembered = runs.enough, weakref.ref(runs)

    scheduler.once("again", at=CLOCK.now(), turn=runs.turn)
    del runs
    async with asyncio.timeout(5):
        await ran.wait()
    await asyncio.sleep(0)
    gc.collect()

    assert remembered() is None


async def test_a_second_plan_of_a_name_replaces_the_first(
    scheduler: ApScheduler,
) -> None:
    first, second, soon = Runs(), Runs(), CLOCK.now() + 0.05

    scheduler.every("studio", interval=60, first=soon, turn=first.turn)
    scheduler.every("studio", interval=60, first=soon, turn=second.turn)
    async with asyncio.timeout(5):
        await second.enough.wait()

    assert first.due == []
    assert len(second.due) == 1


async def test_runs_lost_while_the_loop_was_held_are_counted_once(
    scheduler: ApScheduler,
) -> None:
    runs, first = Runs(3), CLOCK.now() + 0.05

    scheduler.every("studio", interval=0.2, first=first, turn=runs.turn)
    time.sleep(0.75)  # noqa: ASYNC251 - the fault under test: a held loop
    async with asyncio.timeout(5):
        await runs.enough.wait()

    assert runs.due[0].missed >= 3
    assert sum(due.missed for due in runs.due[1:3]) < 3
    assert keeps_its_grid(runs.due, 0.2)


async def test_a_run_that_does_not_end_holds_up_no_other(
    scheduler: ApScheduler,
) -> None:
    begun: list[Due] = []
    third = asyncio.Event()

    async def never_ends(due: Due) -> None:
        begun.append(due)
        if len(begun) == 3:
            third.set()
        await asyncio.Event().wait()

    scheduler.every(
        "studio", interval=0.05, first=CLOCK.now(), turn=never_ends
    )
    async with asyncio.timeout(5):
        await third.wait()

    assert keeps_its_grid(begun, 0.05)


async def test_a_run_that_is_due_but_has_not_begun_can_be_cancelled(
    scheduler: ApScheduler,
) -> None:
    gone, other, now = Runs(), Runs(), CLOCK.now()

    async def cancels(_: Due) -> None:
        scheduler.cancel("b")
        scheduler.cancel("b again")

    scheduler.every("a", interval=60, first=now - 2, turn=cancels)
    scheduler.every("b", interval=60, first=now - 1, turn=gone.turn)
    scheduler.once("b again", at=now - 1, turn=gone.turn)
    scheduler.once("other", at=now + 0.05, turn=other.turn)
    async with asyncio.timeout(5):
        await other.enough.wait()

    assert gone.due == []


@pytest.mark.parametrize("again", [False, True])
async def test_a_check_cancelled_in_its_own_run_runs_to_its_end_and_no_more(
    scheduler: ApScheduler, *, again: bool
) -> None:
    ended: list[Due] = []
    other, now = Runs(), CLOCK.now()

    async def cancels_itself(due: Due) -> None:
        scheduler.cancel("studio")
        scheduler.cancel("studio again")
        await asyncio.sleep(0)
        ended.append(due)

    if again:
        scheduler.once("studio again", at=now, turn=cancels_itself)
    else:
        scheduler.every(
            "studio", interval=0.02, first=now, turn=cancels_itself
        )
    scheduler.once("other", at=now + 0.2, turn=other.turn)
    async with asyncio.timeout(5):
        await other.enough.wait()

    assert len(ended) == 1


async def test_a_look_out_of_turn_can_be_asked_for_in_its_own_run(
    scheduler: ApScheduler,
) -> None:
    runs = Runs(3)

    async def asks_again(due: Due) -> None:
        scheduler.once("again", at=CLOCK.now(), turn=asks_again)
        await runs.turn(due)

    scheduler.once("again", at=CLOCK.now(), turn=asks_again)
    async with asyncio.timeout(5):
        await runs.enough.wait()

    assert [due.missed for due in runs.due[:3]] == [0, 0, 0]


async def test_nothing_begins_once_the_scheduler_is_stopped() -> None:
    scheduler = ApScheduler()
    scheduler.start()
    late, now = Runs(), CLOCK.now()
    stopped = asyncio.Event()

    async def stops(_: Due) -> None:
        scheduler.stop()
        stopped.set()

    scheduler.every("a", interval=60, first=now - 2, turn=stops)
    scheduler.every("b", interval=60, first=now - 1, turn=late.turn)
    async with asyncio.timeout(5):
        await stopped.wait()
    for _ in range(5):
        await asyncio.sleep(0)

    assert late.due == []


async def test_a_run_under_way_outlives_the_end_of_the_scheduler() -> None:
    scheduler = ApScheduler()
    scheduler.start()
    begun, may_end, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def takes_long(_: Due) -> None:
        begun.set()
        await may_end.wait()
        ended.set()

    scheduler.once("studio", at=CLOCK.now(), turn=takes_long)
    async with asyncio.timeout(5):
        await begun.wait()
        scheduler.stop()
        await asyncio.sleep(0)
        may_end.set()
        await ended.wait()


@pytest.mark.parametrize("jump", [-3600.0, 86_400.0])
async def test_a_clock_that_is_set_neither_stalls_nor_doubles_looks(
    jump: float,
) -> None:
    clock = JumpingClock()
    scheduler = ApScheduler(clock)
    scheduler.start()
    runs = Runs(6)
    lags: list[float] = []

    async def turn(due: Due) -> None:
        lags.append(clock.now() - due.at)
        await runs.turn(due)
        if len(runs.due) == 2:
            clock.jump(jump)
            scheduler.once("again", at=clock.now(), turn=runs.turn)

    scheduler.every("studio", interval=0.1, first=clock.now(), turn=turn)
    begun = time.monotonic()
    async with asyncio.timeout(5):
        await runs.enough.wait()
    scheduler.stop()

    assert 0.3 < time.monotonic() - begun < 10
    assert sum(due.missed for due in runs.due) < 10
    assert all(-NOISE < lag < 1 for lag in lags)
    assert abs(runs.due[-1].at - clock.now()) < 2


async def test_one_that_never_started_can_be_stopped() -> None:
    scheduler = ApScheduler()
    scheduler.once("a", at=0.0, turn=Runs(1).turn)

    scheduler.stop()
    scheduler.stop()
