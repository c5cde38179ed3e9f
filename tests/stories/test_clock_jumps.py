"""Somebody sets the clock while servers are watched."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from monitor.adapters.loop import LoopLag
from monitor.adapters.scheduler import ApScheduler
from monitor.domain.fleet import Target
from monitor.domain.health import Health
from monitor.engine.board import Board
from monitor.engine.events import Event, Looked, Started
from monitor.engine.schedule import Schedule
from monitor.engine.watch import Watch
from tests.fakes.jumping_clock import JumpingClock
from tests.fakes.probe import FakeProbe, check_of
from tests.fakes.store import FakeStore

HOUR, DAY = 3600.0, 86_400.0
INTERVAL = 0.1


class House:
    """One server, looked at every 0.1 s by the real scheduler."""

    def __init__(self) -> None:
        self.clock = JumpingClock()
        self.probe = FakeProbe(self.clock)
        self.check = check_of(self.probe, interval=INTERVAL)
        studio = Target(name="studio", url="http://x", dialect="rest")
        self.board = Board([studio], [], [self.check])
        self.events: list[Event] = []

    def tell(self, event: Event) -> None:
        self.events.append(event)

    def health(self) -> Health:
        return self.board.health("studio", self.clock.now())

    def looks(self) -> int:
        return sum(isinstance(event, Looked) for event in self.events)

    def begun(self) -> list[Started]:
        return [event for event in self.events if isinstance(event, Started)]

    async def until(self, met: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not met():
                self.probe.begun.clear()
                await self.probe.begun.wait()
                await asyncio.sleep(0)


@asynccontextmanager
async def watching() -> AsyncIterator[House]:
    house = House()
    scheduler = ApScheduler(house.clock)
    watch = Watch(
        clock=house.clock,
        board=house.board,
        store=FakeStore(),
        tell=house.tell,
    )
    schedule = Schedule(scheduler, house.clock, watch)
    scheduler.start()
    schedule.add(house.check)
    await house.until(lambda: house.looks() >= 3)
    try:
        yield house
    finally:
        scheduler.stop()
        await schedule.drain(1)


@pytest.mark.parametrize("jump", [-HOUR, DAY], ids=["back", "forward"])
async def test_looks_go_on_at_their_interval_when_the_clock_is_set(
    jump: float,
) -> None:
    async with watching() as house:
        before, began = house.looks(), time.monotonic()

        house.clock.jump(jump)
        await house.until(lambda: house.looks() >= before + 10)

        took = time.monotonic() - began
        assert 8 * INTERVAL < took < 3


@pytest.mark.parametrize("jump", [-HOUR, DAY], ids=["back", "forward"])
async def test_no_lag_and_no_lost_runs_are_told_when_the_clock_is_set(
    jump: float,
) -> None:
    lag = LoopLag()
    async with watching() as house:
        lag.start()

        house.clock.jump(jump)
        before = house.looks()
        await house.until(lambda: house.looks() >= before + 5)

        lag.stop()
        assert max(started.lag for started in house.begun()) < 2
        assert sum(started.missed for started in house.begun()) < 20
        assert lag.seconds() < 2


@pytest.mark.parametrize("jump", [-HOUR, DAY], ids=["back", "forward"])
async def test_what_another_clock_saw_is_no_fact_until_the_next_look(
    jump: float,
) -> None:
    async with watching() as house:
        known = house.health()

        house.clock.jump(jump)
        at_once = house.health()
        before = house.looks()
        await house.until(lambda: house.looks() >= before + 2)

        assert (known, at_once) == (Health.HEALTHY, Health.UNKNOWN)
        assert house.health() is Health.HEALTHY
