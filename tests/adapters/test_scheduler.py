"""APScheduler behind its door: late runs run, and say how late."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from monitor.adapters.clock import SystemClock
from monitor.adapters.scheduler import ApScheduler
from monitor.ports import Due

CLOCK = SystemClock()


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


async def test_a_check_runs_at_its_time_and_every_interval(
    scheduler: ApScheduler,
) -> None:
    runs, first = Runs(3), CLOCK.now() + 0.05

    scheduler.every("studio", interval=0.1, first=first, turn=runs.turn)
    async with asyncio.timeout(5):
        await runs.enough.wait()

    planned = [round(due.at - first, 3) for due in runs.due]
    assert planned[:3] == [0, 0.1, 0.2]


async def test_runs_that_came_due_while_the_loop_was_held_are_not_dropped(
    scheduler: ApScheduler,
) -> None:
    runs, first = Runs(), CLOCK.now() + 0.05

    scheduler.every("studio", interval=30, first=first, turn=runs.turn)
    time.sleep(1.3)  # noqa: ASYNC251 - the fault under test: a held loop
    async with asyncio.timeout(5):
        await runs.enough.wait()

    assert [due.missed for due in runs.due] == [0]
    assert runs.due[0].at == pytest.approx(first)
    assert runs.began[0] - runs.due[0].at > 1


async def test_runs_folded_into_one_are_counted_as_missed(
    scheduler: ApScheduler,
) -> None:
    runs, first = Runs(), CLOCK.now() + 0.05

    scheduler.every("studio", interval=0.2, first=first, turn=runs.turn)
    time.sleep(0.75)  # noqa: ASYNC251 - the fault under test: a held loop
    async with asyncio.timeout(5):
        await runs.enough.wait()

    assert runs.due[0].missed == 3


async def test_one_look_out_of_turn_leaves_the_regular_ones_alone(
    scheduler: ApScheduler,
) -> None:
    runs = Runs(2)
    now = CLOCK.now()

    scheduler.every("studio", interval=60, first=now + 0.1, turn=runs.turn)
    scheduler.once("studio again", at=now, turn=runs.turn)
    async with asyncio.timeout(5):
        await runs.enough.wait()

    assert [round(due.at - now, 2) for due in runs.due] == [0, 0.1]


async def test_a_second_look_out_of_turn_replaces_the_first(
    scheduler: ApScheduler,
) -> None:
    first, second = Runs(), Runs()

    scheduler.once("again", at=CLOCK.now() + 0.1, turn=first.turn)
    scheduler.once("again", at=CLOCK.now() + 0.1, turn=second.turn)
    async with asyncio.timeout(5):
        await second.enough.wait()

    assert first.due == []


async def test_a_cancelled_check_never_runs(scheduler: ApScheduler) -> None:
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
