"""A ward with three servers whose looks show what a test tells them to."""

from dataclasses import dataclass, replace

from monitor.domain.fleet import Host, Target
from monitor.domain.health import Health
from monitor.domain.judgement import Patience
from monitor.domain.observation import (
    CheckKey,
    Kind,
    Observation,
    Reading,
)
from monitor.engine.board import Board
from monitor.engine.check import Check
from monitor.engine.events import (
    Broke,
    Diagnosed,
    Event,
    Paged,
    PageEnded,
    Reported,
)
from monitor.engine.evidence import CONTROL
from monitor.engine.pager import Pager
from monitor.engine.schedule import Schedule
from monitor.engine.ward import Ward
from monitor.engine.watch import Watch
from monitor.ports import Due
from tests.fakes.clock import FakeClock
from tests.fakes.scheduler import FakeScheduler
from tests.fakes.store import FakeStore

INTERVAL = 30.0
TARGETS = (
    Target(name="annex", url="http://annex", dialect="rest"),
    Target(name="attic", url="http://attic", dialect="rest", host="gpu1"),
    Target(name="studio", url="http://studio", dialect="rest", host="gpu1"),
)
OWN = ("status", "process")


def key(subject: str, check: str) -> CheckKey:
    if check in {"host", "gpu"}:
        return CheckKey(kind=Kind.HOST, subject=subject, check=check)
    return CheckKey(kind=Kind.TARGET, subject=subject, check=check)


@dataclass
class Showing:
    """A probe; what it shows may be changed at any moment."""

    clock: FakeClock
    key: CheckKey
    health: Health = Health.HEALTHY
    reason: str = ""
    reading: Reading | None = None
    looks: int = 0

    async def look(self) -> Observation:
        self.looks += 1
        return Observation(
            key=self.key,
            probe=self.key.check,
            at=self.clock.now(),
            duration=0.0,
            health=self.health,
            because=self.reason or "all is well",
            reason=self.reason,
            reading=self.reading,
        )

    def fails(self, reason: str, health: Health = Health.UNHEALTHY) -> None:
        self.health, self.reason = health, reason

    def works(self) -> None:
        self.health, self.reason = Health.HEALTHY, ""


class Hospital:
    """Three servers, two of them on one machine, and our own network."""

    def __init__(self, *, control: bool = False) -> None:
        self.clock = FakeClock()
        self.scheduler = FakeScheduler(self.clock)
        self.told: list[Event] = []
        self.planned: dict[str, str] = {}
        self.changing: dict[str, str] = {}
        self.lag = 0.0
        self.asked: list[CheckKey] = []
        self.probes = {
            one: Showing(self.clock, one) for one in _keys(control=control)
        }
        self.checks = [_check(probe) for probe in self.probes.values()]
        self.board = Board(TARGETS, [Host(name="gpu1")], self.checks)
        self.watch = Watch(
            clock=self.clock,
            board=self.board,
            store=FakeStore(),
            tell=self.tell,
        )
        self.schedule = Schedule(self.scheduler, self.clock, self.watch)
        for check in self.checks:
            self.schedule.add(check)
        self.pager = Pager(
            tell=self.tell,
            planned=lambda name: self.planned.get(name, ""),
            changing=lambda name: self.changing.get(name, ""),
        )
        self.ward = Ward(
            clock=self.clock,
            board=self.board,
            tell=self.tell,
            soon=self._soon,
            pager=self.pager,
            lag=self._lag,
        )
        self.scheduler.every(
            "ward", interval=1.0, first=self.clock.now(), turn=self._tick
        )

    def tell(self, event: Event) -> None:
        self.told.append(event)
        self.ward.heard(event)

    def probe(self, subject: str, check: str) -> Showing:
        return self.probes[key(subject, check)]

    async def pass_time(self, seconds: float) -> None:
        await self.scheduler.pass_time(seconds)

    async def schedule_due(self, subject: str, check: str) -> None:
        """Look at one check now, and at what is asked for because of it."""
        self.schedule.soon(key(subject, check))
        await self.pass_time(0.0)

    async def until_unsettled(self, target: str) -> None:
        """Pass time until the evidence says what is not believed yet."""
        for _ in range(int(2 * INTERVAL)):
            health = self.ward.health(target, self.clock.now())
            if health is not self.ward.diagnosis(target).health:
                return
            await self.pass_time(1.0)

    async def settle(self) -> None:
        """Let everything be looked at until all is well, and forget it."""
        await self.pass_time(2 * INTERVAL)
        self.told.clear()
        for probe in self.probes.values():
            probe.looks = 0

    def report(self, target: str) -> None:
        self.tell(
            Reported(
                host="gpu1", target=target, kind="exit", because="it ended"
            )
        )

    def cause(self, target: str) -> str:
        return self.ward.diagnosis(target).cause

    def causes(self, target: str) -> list[str]:
        """Return the causes that were told, in order."""
        return [
            one.after.cause
            for one in self.told
            if isinstance(one, Diagnosed) and one.target == target
        ]

    @property
    def pages(self) -> list[Paged | PageEnded]:
        return [one for one in self.told if isinstance(one, Paged | PageEnded)]

    @property
    def broken(self) -> list[Broke]:
        return [one for one in self.told if isinstance(one, Broke)]

    def rewire(self, *targets: Target) -> None:
        """Watch these servers from now on."""
        names = {one.name for one in targets}
        left = [
            check
            for check in self.checks
            if check.key.kind is not Kind.TARGET or check.key.subject in names
        ]
        self.tell(self.board.rewire(targets, [Host(name="gpu1")], left))

    async def _tick(self, _: Due) -> None:
        self.ward.tick()

    def _soon(self, key: CheckKey) -> None:
        self.asked.append(key)
        self.schedule.soon(key)

    def _lag(self) -> float:
        if self.lag < 0:
            raise ValueError("a lag that cannot be")
        return self.lag


def moved(target: Target, url: str) -> Target:
    return replace(target, url=url)


def _keys(*, control: bool) -> list[CheckKey]:
    keys = [key("annex", "status")]
    keys += [key(name, check) for name in ("attic", "studio") for check in OWN]
    keys += [key("gpu1", check) for check in ("host", "gpu")]
    return [*keys, CONTROL] if control else keys


def _check(probe: Showing) -> Check:
    return Check(
        key=probe.key,
        kind=probe.key.check,
        probe=probe,
        interval=INTERVAL,
        timeout=5.0,
        deadline=7.0,
        patience=Patience(),
    )
