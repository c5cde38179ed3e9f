"""Six simulated hours with faults: memory stays where it was."""

import gc
import tracemalloc

import pytest
from typing_extensions import override

from monitor.domain.fleet import Host, Target
from monitor.domain.gpu.reading import GpuReading
from monitor.domain.health import Health
from monitor.domain.observation import CheckKey, Kind, Observation, Reading
from monitor.domain.status import StatusReading
from monitor.engine.board import Board
from monitor.engine.check import Check
from monitor.engine.schedule import Schedule
from monitor.engine.watch import Watch
from monitor.outputs.metrics import Metrics
from monitor.ports import Told
from tests.fakes.clock import FakeClock
from tests.fakes.probe import FakeProbe, check_of, seen
from tests.fakes.scheduler import FakeScheduler
from tests.fakes.store import FakeStore
from tests.outputs.house import CARD, LOST, ME, RUN

TARGETS, HOSTS = 50, 10
HOUR = 3600.0
SCRAPE = 300.0
GROWN = 64 * 1024
"""Bytes that four hours may add: 0.03 for each of the 35,000 looks would
be 1 kB, one kept object for each fault 100 kB."""


class ForgetfulStore(FakeStore):
    @override
    async def remember(self, told: Told) -> None:
        pass


class Unsteady(FakeProbe):
    """Down, broken, or telling something new, each in its own rhythm."""

    def __init__(self, clock: FakeClock, key: CheckKey, nth: int) -> None:
        super().__init__(clock, key)
        self._nth = nth

    @override
    async def look(self) -> Observation:
        minute = int(self.clock.now() // 60) + 7 * self._nth
        if minute % 97 == 0:
            raise RuntimeError(f"a defect of ours at minute {minute}")
        bad = minute % 20 < 3
        return seen(
            Health.UNHEALTHY if bad else Health.HEALTHY,
            key=self.key,
            at=self.clock.now(),
            reading=self._reading(minute, bad=bad),
            probe=_KINDS[self.key.check],
        )

    def _reading(self, minute: int, *, bad: bool) -> Reading:
        if self.key.kind is Kind.HOST:
            return GpuReading(
                driver_version=f"590.{minute // 240 % 2}",
                cuda_version="13.1",
                gpus=() if bad else (CARD,),
                faults=(LOST,) if bad else (),
            )
        if self.key.check == "status":
            version = f"3.5.{minute // 120 % 3}"
            return StatusReading(dialect="rest", code=200, version=version)
        return RUN


_KINDS = {"status": "status", "gpu": "gpu", "canary.enhance": "canary"}


def _check(clock: FakeClock, of: str, check: str, nth: int) -> Check:
    kind = Kind.HOST if check == "gpu" else Kind.TARGET
    key = CheckKey(kind=kind, subject=of, check=check)
    interval = {"gpu": 15.0, "status": 30.0}.get(check, 300.0)
    probe = Unsteady(clock, key, nth)
    return check_of(probe, kind=_KINDS[check], interval=interval)


def _checks(clock: FakeClock) -> list[Check]:
    checks = [_check(clock, f"gpu{n}", "gpu", n) for n in range(HOSTS)]
    checks += [
        _check(clock, f"studio{nth}", check, nth)
        for nth in range(TARGETS)
        for check in ("status", "canary.enhance")
    ]
    return checks


class House:
    """50 servers on 10 machines, watched in simulated time."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.scheduler = FakeScheduler(self.clock)
        checks = _checks(self.clock)
        targets = [
            Target(name=f"studio{n}", url="http://x", dialect="rest")
            for n in range(TARGETS)
        ]
        hosts = [Host(name=f"gpu{n}") for n in range(HOSTS)]
        board = Board(targets, hosts, checks)
        self.metrics = Metrics(board, self.clock, ME, process=False)
        watch = Watch(
            clock=self.clock,
            board=board,
            store=ForgetfulStore(),
            tell=self.metrics.heard,
        )
        schedule = Schedule(self.scheduler, self.clock, watch)
        for check in checks:
            schedule.add(check)

    async def pass_hours(self, hours: float) -> None:
        for _ in range(int(hours * HOUR / SCRAPE)):
            await self.scheduler.pass_time(SCRAPE)
            self.metrics.render()


def _held() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_memory_is_flat_from_the_second_to_the_sixth_hour() -> None:
    house = House()
    tracemalloc.start()
    try:
        await house.pass_hours(2)
        early = _held()
        await house.pass_hours(4)
        late = _held()
    finally:
        tracemalloc.stop()

    assert abs(late - early) < GROWN
