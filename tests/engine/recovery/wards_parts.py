"""What the fleet is made of: people, servers, looks, planned work."""

import asyncio
from dataclasses import dataclass, field, replace

from monitor.domain.fleet import Target
from monitor.domain.health import Health
from monitor.domain.judgement import Patience
from monitor.domain.maintenance import Selector, Window
from monitor.domain.observation import (
    CheckKey,
    Kind,
    Observation,
    Reading,
)
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.identity import Identity
from monitor.domain.recovery.plan import Aim
from monitor.domain.recovery.policy import Budget, Policy
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.words import Action, Trigger
from monitor.domain.service.reading import Process, ServiceReading, Unit
from monitor.engine.check import Check
from monitor.engine.evidence import CONTROL
from monitor.ports.recovery import Errand, HandAnswer
from tests.fakes.clock import FakeClock

ANN = Principal(name="oncall-ann", person="ann")
ANN_AGAIN = Principal(name="laptop-ann", person="ann")
BOB = Principal(name="oncall-bob", person="bob")
CLEO = Principal(name="oncall-cleo", person="cleo")
NOBODY = Principal(name="ci")
RULE = Principal(name="rule hung", trigger=Trigger.AUTOMATION)
TARGETS = (
    Target(name="annex", url="http://annex:9002", dialect="rest", host="gpu2"),
    Target(name="attic", url="http://attic:9002", dialect="rest", host="gpu3"),
    Target(name="porch", url="http://porch:9002", dialect="rest"),
    Target(
        name="studio",
        url="http://studio:9002",
        dialect="rest",
        host="gpu1",
        manager="systemd",
    ),
)
BOOT = "6f0e2c9a-6f7b-4c89-9d9b-0f2c5a3f6d11"
OTHER_BOOT = "0b6f5d52-5a53-4d5e-a7a3-3a6c1e9c7f42"
SERVER = Process(
    pid=4242,
    start_ticks=123_456,
    started_at=999_000.0,
    ppid=1,
    uid=1001,
    user="facefusion",
    state="S",
    name="python",
    cmdline=("python", "facefusion.py", "run"),
    cwd="/opt/facefusion",
    cgroup="/system.slice/facefusion.service",
    is_server=True,
)
CHILD = replace(
    SERVER,
    pid=4300,
    start_ticks=130_000,
    ppid=4242,
    name="ffmpeg",
    cmdline=("ffmpeg",),
    is_server=False,
)
UNIT = Unit(
    manager="systemd",
    name="facefusion.service",
    exists=True,
    load_state="loaded",
    active_state="active",
    sub_state="running",
    main_pid=4242,
    enabled="enabled",
)
READING = ServiceReading(
    manager="systemd",
    port=9002,
    boot_id=BOOT,
    now=1_000_000.0,
    unit=UNIT,
    processes=(SERVER,),
)


def key(subject: str, check: str) -> CheckKey:
    kind = Kind.HOST if check in {"host", "gpu"} else Kind.TARGET
    return CheckKey(kind=kind, subject=subject, check=check)


@dataclass
class Eye:
    """One check; what it shows may be changed at any moment.

    A look waits while `held` is not set, as one over a slow network does;
    `begun` is set when it begins.
    """

    clock: FakeClock
    key: CheckKey
    kind: str
    health: Health = Health.HEALTHY
    reason: str = ""
    because: str = "all is well"
    reading: Reading | None = None
    is_there: bool = True
    held: asyncio.Event | None = None
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    looks: int = 0

    async def look(self) -> Observation:
        self.looks += 1
        self.begun.set()
        if self.held is not None:
            await self.held.wait()
        return Observation(
            key=self.key,
            probe=self.kind,
            at=self.clock.now(),
            duration=0.0,
            health=self.health,
            because=self.because,
            reason=self.reason,
            reading=self.reading,
        )

    def fails(
        self,
        reason: str,
        because: str = "no answer within 5 s",
        health: Health = Health.UNHEALTHY,
    ) -> None:
        self.health, self.reason, self.because = health, reason, because

    def works(self, because: str = "all is well") -> None:
        self.health, self.reason, self.because = Health.HEALTHY, "", because


class Untouched:
    """A hand that nobody may use in this test."""

    async def prepare(
        self, aim: Aim, errand: Errand, *, within: float
    ) -> HandAnswer:
        raise AssertionError((aim, errand, within))

    async def act(
        self, aim: Aim, errand: Errand, *, within: float
    ) -> HandAnswer:
        raise AssertionError((aim, errand, within))

    async def became(
        self, aim: Aim, errand: Errand, *, within: float
    ) -> HandAnswer:
        raise AssertionError((aim, errand, within))


@dataclass
class Carried:
    """A runner that only notes what it is told to carry out."""

    begun: list[Change] = field(default_factory=list)
    woken: list[str] = field(default_factory=list)

    def begin(self, change: Change) -> None:
        self.begun.append(change)

    def wake(self, change_id: str) -> None:
        self.woken.append(change_id)


@dataclass
class Plans:
    """A book of planned work that a test writes into."""

    windows: dict[str, Window] = field(default_factory=dict)

    def planned(self, target: str) -> Window | None:
        return self.windows.get(target)

    def plan(self, target: str, reason: str) -> None:
        self.windows[target] = Window(
            id="w1",
            starts_at=0.0,
            ends_at=2_000_000.0,
            selector=Selector(targets=(target,)),
            reason=reason,
            by="cleo",
            created_at=0.0,
        )


POLICY = Policy(
    mode="suggest",
    allow=frozenset(Action),
    cooldown=600.0,
    budgets={
        Action.RESTART: Budget(most=3, window=3600.0),
        Action.REBOOT: Budget(most=1, window=86_400.0),
    },
)


def reboot_steps(
    *,
    manager: str,
    unit: str,
    host: str,
    processes: tuple[Identity, ...],
    directory: str,
) -> tuple[str, ...]:
    ended = len(processes)
    return (f"reboot {host}: {manager} ends {unit} in {directory} ({ended})",)


def keys_of() -> list[CheckKey]:
    keys = [key(one.name, "status") for one in TARGETS]
    keys += [key("studio", one) for one in ("process", "jobs", "logs")]
    keys += [key("studio", "canary.enhance"), key("gpu1", "gpu"), CONTROL]
    return keys


def check_of(eye: Eye) -> Check:
    is_canary = eye.key.check.startswith("canary.")
    return Check(
        key=eye.key,
        kind="canary" if is_canary else eye.key.check,
        probe=eye,
        interval=30.0,
        timeout=5.0,
        deadline=7.0,
        patience=Patience(),
    )
