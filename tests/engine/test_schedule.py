"""Every check at its own phase, sooner while in doubt."""

import asyncio
import itertools

from monitor.domain.fleet import Target
from monitor.domain.health import Health
from monitor.domain.history import Kept
from monitor.domain.judgement import Track
from monitor.domain.observation import CheckKey, Kind
from monitor.engine.board import Board
from monitor.engine.check import Check
from monitor.engine.events import Event, Looked, Skipped, Started
from monitor.engine.schedule import Schedule
from monitor.engine.watch import Watch
from monitor.ports import Due
from tests.fakes.clock import FakeClock
from tests.fakes.probe import FakeProbe, check_of
from tests.fakes.scheduler import FakeScheduler
from tests.fakes.store import FakeStore

STUDIO = Target(name="studio", url="http://x", dialect="rest")


class House:
    def __init__(self, interval: float = 30.0) -> None:
        self.clock = FakeClock()
        self.scheduler = FakeScheduler(self.clock)
        self.probe = FakeProbe(self.clock)
        self.check = check_of(self.probe, interval=interval)
        self.board = Board(
            [STUDIO],
            [],
            [self.check],
        )
        self.events: list[Event] = []
        watch = Watch(
            clock=self.clock,
            board=self.board,
            store=FakeStore(),
            tell=self.events.append,
        )
        self.schedule = Schedule(self.scheduler, self.clock, watch)
        self.schedule.add(self.check)

    def looked_at(self) -> list[float]:
        return [e.seen.at for e in self.events if isinstance(e, Looked)]

    def health(self) -> Health:
        return self.board.health("studio", self.clock.now())


async def test_the_first_look_comes_within_five_seconds() -> None:
    house = House()

    await house.scheduler.pass_time(5)

    assert house.probe.looks == 1
    assert house.health() is Health.HEALTHY


async def test_looks_keep_their_interval_and_phase() -> None:
    house = House()

    await house.scheduler.pass_time(5 + 30 + 300)

    gaps = _gaps(house.looked_at()[1:])
    assert len(gaps) in {9, 10}
    assert gaps == [30.0] * len(gaps)


async def test_a_bad_look_is_confirmed_after_two_seconds() -> None:
    house = House()
    await house.scheduler.pass_time(60)
    house.probe.health = Health.UNHEALTHY
    before = len(house.looked_at())

    await house.scheduler.pass_time(30)

    looks = house.looked_at()[before:]
    assert _gaps(looks)[:2] == [2.0, 2.0]
    assert house.health() is Health.UNHEALTHY


async def test_unhealthy_within_ten_seconds_of_the_first_failed_look() -> None:
    house = House()
    await house.scheduler.pass_time(60)
    house.probe.health = Health.UNHEALTHY
    seen = len(house.looked_at())
    while len(house.looked_at()) == seen:
        await house.scheduler.pass_time(0.5)

    await house.scheduler.pass_time(9)

    assert house.health() is Health.UNHEALTHY


async def test_healing_is_confirmed_as_fast() -> None:
    house = House()
    house.probe.health = Health.UNHEALTHY
    await house.scheduler.pass_time(60)
    house.probe.health = Health.HEALTHY

    await house.scheduler.pass_time(30 + 2)

    assert house.health() is Health.HEALTHY


async def test_a_settled_opinion_is_not_asked_again_early() -> None:
    house = House()
    house.probe.health = Health.UNHEALTHY
    await house.scheduler.pass_time(60)
    before = len(house.looked_at())

    await house.scheduler.pass_time(300)

    assert len(house.looked_at()) - before == 10


async def test_a_look_that_cannot_tell_is_not_repeated_early() -> None:
    house = House()
    await house.scheduler.pass_time(60)
    house.probe.health = Health.UNHEALTHY
    before = len(house.looked_at())
    while len(house.looked_at()) == before:
        await house.scheduler.pass_time(0.5)
    house.probe.health = Health.UNKNOWN
    before = len(house.looked_at())

    await house.scheduler.pass_time(300)

    assert len(house.looked_at()) - before <= 11


async def test_a_confirmation_no_sooner_than_the_next_run_is_left_out() -> (
    None
):
    house = House(interval=2.0)
    await house.scheduler.pass_time(60)
    house.probe.health = Health.UNHEALTHY
    before = len(house.looked_at())

    await house.scheduler.pass_time(20)

    assert _gaps(house.looked_at()[before:]) == [2.0] * 9


async def test_draining_waits_for_a_look_under_way() -> None:
    house = House()
    house.probe.gate = asyncio.Event()
    passing = asyncio.create_task(house.scheduler.pass_time(5))
    await house.probe.begun.wait()

    draining = asyncio.create_task(house.schedule.drain(10))
    house.probe.gate.set()
    await asyncio.gather(draining, passing)

    assert len(house.looked_at()) == 1


async def test_draining_cuts_off_what_does_not_end() -> None:
    house = House()
    house.probe.gate = asyncio.Event()
    passing = asyncio.create_task(house.scheduler.pass_time(5))
    await house.probe.begun.wait()

    await house.schedule.drain(0.01)
    await passing

    assert house.looked_at() == []
    assert house.probe.cleaned


async def test_draining_nothing_ends_at_once() -> None:
    house = House()

    await house.schedule.drain(10)

    assert house.looked_at() == []


def _gaps(times: list[float]) -> list[float]:
    return [round(b - a, 3) for a, b in itertools.pairwise(times)]


async def test_a_check_that_was_removed_is_not_looked_at_again() -> None:
    house = House()
    await house.scheduler.pass_time(60)
    house.probe.health = Health.UNHEALTHY
    await house.scheduler.pass_time(31)
    looks = house.probe.looks

    under_way = house.schedule.remove(house.check.key)
    await house.scheduler.pass_time(300)

    assert under_way == []
    assert house.scheduler.jobs == {}
    assert house.probe.looks == looks


async def test_a_check_that_is_removed_names_its_look_under_way() -> None:
    house = House()
    house.probe.gate = asyncio.Event()
    passing = asyncio.create_task(house.scheduler.pass_time(5))
    await house.probe.begun.wait()

    [task] = house.schedule.remove(house.check.key)
    house.probe.gate.set()
    await passing

    assert task.done()
    assert house.schedule.remove(house.check.key) == []


async def test_first_canaries_are_spread_over_a_minute() -> None:
    clock = FakeClock()
    scheduler = FakeScheduler(clock)
    probes = [FakeProbe(clock, _canary(number)) for number in range(50)]
    checks = [check_of(p, kind="canary", interval=300) for p in probes]
    board = Board([], [], checks)
    watch = Watch(
        clock=clock, board=board, store=FakeStore(), tell=lambda _: None
    )
    schedule = Schedule(scheduler, clock, watch)
    began = clock.now()

    for check in checks:
        schedule.add(check)

    first = [
        scheduler.jobs[f"{check.key.label} again"].at - began
        for check in checks
    ]
    assert 40 < max(first) <= 60
    assert 0 <= min(first) < 20


def _canary(number: int) -> CheckKey:
    name = f"canary.c{number}"
    return CheckKey(kind=Kind.TARGET, subject="studio", check=name)


class _Moving:
    """A look that is being stored while the configuration changes."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.scheduler = FakeScheduler(self.clock)
        self.probes = [FakeProbe(self.clock), FakeProbe(self.clock)]
        self.probes[0].health = Health.UNHEALTHY
        self.old, self.new = (
            check_of(probe, interval=3600) for probe in self.probes
        )
        self.board = Board([STUDIO], [], [self.old])
        self.store = FakeStore()
        watch = Watch(
            clock=self.clock,
            board=self.board,
            store=self.store,
            tell=lambda _: None,
        )
        self.schedule = Schedule(self.scheduler, self.clock, watch)
        self.schedule.add(self.old)
        good = Track(health=Health.HEALTHY, recent=(Health.HEALTHY,))
        self.board.restore(Kept(key=self.old.key, track=good))

    async def change(self, *checks: Check) -> None:
        """Look, and change while that look waits for the store."""
        self.store.locked = asyncio.Event()
        job = self.scheduler.jobs["studio/status"]
        turn = asyncio.ensure_future(job.turn(Due(at=0.0)))
        await self.probes[0].begun.wait()
        await asyncio.wait({turn}, timeout=0.01)
        for key in self.board.rewire([STUDIO], [], checks).checks:
            self.schedule.remove(key)
        for check in checks:
            self.schedule.add(check)
        self.store.locked.set()
        await turn
        await self.scheduler.pass_time(60)


async def test_a_look_that_ends_late_takes_nothing_from_the_new_check() -> (
    None
):
    moving = _Moving()

    await moving.change(moving.new)

    assert [probe.looks for probe in moving.probes] == [1, 1]


async def test_a_look_that_ends_late_brings_no_removed_check_back() -> None:
    moving = _Moving()

    await moving.change()

    assert moving.probes[0].looks == 1


async def test_a_bad_look_of_a_removed_check_is_not_confirmed() -> None:
    house = House()
    await house.scheduler.pass_time(60)
    house.probe.health = Health.UNHEALTHY
    house.probe.gate = asyncio.Event()
    house.probe.begun.clear()
    passing = asyncio.create_task(house.scheduler.pass_time(31))
    await house.probe.begun.wait()
    looks = house.probe.looks

    house.schedule.remove(house.check.key)
    house.probe.gate.set()
    await passing
    await house.scheduler.pass_time(60)

    assert house.scheduler.jobs == {}
    assert house.probe.looks == looks


async def test_a_look_under_way_is_named_after_another_was_skipped() -> None:
    house = House()
    house.probe.gate = asyncio.Event()
    job = house.scheduler.jobs["studio/status"]
    long = asyncio.ensure_future(job.turn(Due(at=0.0)))
    await house.probe.begun.wait()

    await job.turn(Due(at=30.0))  # skipped: the first is still under way
    [under_way] = house.schedule.remove(house.check.key)

    assert not under_way.done()
    house.probe.gate.set()
    await long


async def test_a_look_that_is_asked_for_comes_at_once() -> None:
    house = House(interval=3600)
    await house.scheduler.pass_time(60)
    before = house.clock.now()

    house.schedule.soon(house.check.key)
    await house.scheduler.pass_time(0.1)

    assert house.looked_at()[-1] == before
    assert house.probe.looks == 2


async def test_a_check_in_doubt_is_not_asked_sooner_than_it_is_confirmed() -> (
    None
):
    house = House(interval=3600)
    await house.scheduler.pass_time(60)
    house.probe.health = Health.UNHEALTHY
    begun = house.clock.now()

    for _ in range(20):
        house.schedule.soon(house.check.key)
        await house.scheduler.pass_time(0.25)

    assert [at - begun for at in house.looked_at()[1:4]] == [0.0, 2.0, 4.0]


async def test_a_look_asked_for_during_a_look_waits_for_its_end() -> None:
    house = House(interval=3600)
    house.probe.gate = asyncio.Event()
    passing = asyncio.create_task(house.scheduler.pass_time(5))
    await house.probe.begun.wait()
    house.schedule.soon(house.check.key)
    again = house.scheduler.jobs.pop("studio/status again")
    asked = asyncio.ensure_future(again.turn(Due(at=again.at)))
    await asyncio.wait({asked}, timeout=0.01)
    during = house.probe.looks

    house.probe.gate.set()
    await asyncio.gather(asked, passing)

    assert (during, house.probe.looks) == (1, 2)


async def test_looks_asked_for_during_a_look_are_one_and_not_late() -> None:
    house = House(interval=3600)
    house.probe.gate = asyncio.Event()
    passing = asyncio.create_task(house.scheduler.pass_time(5))
    await house.probe.begun.wait()
    house.schedule.soon(house.check.key)
    again = house.scheduler.jobs.pop("studio/status again")
    asked = [
        asyncio.ensure_future(again.turn(Due(at=again.at))) for _ in range(3)
    ]
    await asyncio.wait(asked, timeout=0.01)
    house.clock.pass_time(8)

    house.probe.gate.set()
    await asyncio.gather(passing, *asked)

    lags = [one.lag for one in house.events if isinstance(one, Started)]
    assert house.probe.looks == 2
    assert not [one for one in house.events if isinstance(one, Skipped)]
    assert lags[-1] == 0


async def test_a_check_that_left_before_its_turn_is_not_looked_at() -> None:
    house = House(interval=3600)
    await house.scheduler.pass_time(60)
    house.schedule.soon(house.check.key)
    again = house.scheduler.jobs["studio/status again"]

    house.schedule.remove(house.check.key)
    house.schedule.soon(house.check.key)
    await again.turn(Due(at=again.at))

    assert house.scheduler.jobs == {}
    assert house.probe.looks == 1


async def test_a_first_look_that_waits_is_taken_off_with_its_check() -> None:
    house = House()

    house.schedule.remove(house.check.key)
    await house.scheduler.pass_time(10)

    assert house.probe.looks == 0


async def test_a_clock_set_back_during_a_look_delays_no_confirmation() -> None:
    house = House()
    await house.scheduler.pass_time(60)
    house.probe.health = Health.UNHEALTHY
    house.probe.gate = asyncio.Event()
    passing = asyncio.create_task(house.scheduler.pass_time(31))
    await house.probe.begun.wait()
    house.clock.time -= 3600
    house.probe.gate.set()
    await asyncio.wait({passing}, timeout=0.05)

    again = house.scheduler.jobs.get("studio/status again")

    assert again is None or again.at <= house.clock.now() + 2
    await passing
