"""What is there whichever monitor lives: one sick server, and its journal."""
# ruff: noqa: ARG002 - it stands for ports, which say more than it looks at

import asyncio
from dataclasses import replace
from itertools import count

from monitor.domain.diagnosis.diagnosis import Diagnosis
from monitor.domain.fleet import Host, Target
from monitor.domain.health import Health
from monitor.domain.joblog.reading import JobsReading, StartedJob
from monitor.domain.observation import CheckKey, Observation, Reading
from monitor.domain.recovery.plan import Plan
from monitor.domain.recovery.policy import Budget, Policy
from monitor.domain.recovery.words import Action
from monitor.engine.board import Board
from monitor.engine.evidence import Evidence
from monitor.engine.recovery.scene import ServiceAddress
from tests.engine.recovery.model.host import SILENT
from tests.engine.recovery.model.machine import Machine
from tests.engine.recovery.model.slow import Intended, SlowJournal
from tests.engine.recovery.wards_parts import Eye, Plans, check_of, key
from tests.fakes.ward import diagnosed
from tests.stories.simulated.clockwork import StoryClock

LOOKS_TAKE = 0.2
BELIEVED_AFTER = 60.0
"""Seconds until a diagnosis follows what is so."""
COOLDOWN = 60.0
BUDGETS = {
    Action.RESTART: Budget(most=2, window=3600.0),
    Action.FREE_GPU_MEMORY: Budget(most=2, window=3600.0),
    Action.REBOOT: Budget(most=1, window=86_400.0),
}
_CHECKS = ("status", "process", "jobs")
_OF_HOST = ("gpu", "host")


_CHANGES = ("maintenance", "users", "cause", "people", "packages")


class Place:
    """The world of a script; `users` says whether users' work goes on.

    `cause` is what is wrong while it does not serve, `ill_at` since when
    that is believed. `typed` are plans applied with the machine's name.
    """

    def __init__(self) -> None:
        self.clock = StoryClock(asyncio.get_running_loop())
        self.machine = Machine(self.clock)
        self.intents: list[Intended] = []
        self.journal = SlowJournal(self.clock, self.intended, self.kept)
        self.target = Target(
            name="studio",
            url="http://studio:9002",
            dialect="rest",
            host="gpu1",
            manager="systemd",
            start_grace=20.0,
        )
        eyes = [Eye(self.clock, key("studio", o), o) for o in _CHECKS]  # type: ignore[arg-type] # it only asks for the time
        checks = [check_of(eye) for eye in eyes]
        self.board = Board([self.target], [Host(name="gpu1")], checks)
        self.evidence = Evidence(self.board)
        self.book = Plans()
        self.users = False
        self.cause = "hung"
        self.ill_at: float | None = self.clock.monotonic()
        self._ill_since = self.clock.now()
        self.typed: set[str] = set()
        self.changed_at = dict.fromkeys(_CHANGES, 0.0)
        self.policies = {
            "studio": Policy(
                allow=frozenset({Action.RESTART, Action.RECOVER}),
                cooldown=COOLDOWN,
                budgets=BUDGETS,
            )
        }
        self.services = {
            "studio": ServiceAddress(
                manager="systemd",
                unit="facefusion.service",
                directory="/opt/facefusion",
                port=9002,
            )
        }
        self._ids = count(1)

    def new_id(self) -> str:
        return f"id-{next(self._ids)}"

    def intended(self, one: Intended) -> None:
        """Hear of an intent as it becomes durable."""
        self.intents.append(one)

    def kept(self, plan: Plan) -> None:
        """Hear of a plan that was just kept."""

    def diagnosis(self, target: str) -> Diagnosis:
        """Return what is believed: late, as beliefs are."""
        now, since = self.clock.monotonic(), self.machine.passes_since()
        is_well = since is not None and now - since > BELIEVED_AFTER
        if is_well:
            self.ill_at = None
        elif self.ill_at is None:
            self.ill_at, self._ill_since = now, self.clock.now()
        cause = "none" if is_well else self.cause
        began = self.clock.now() if is_well else self._ill_since
        found = diagnosed(cause, because="so it is")
        return replace(found, at=self.clock.now(), since=began)

    async def look(self, check: CheckKey) -> Observation | None:
        """Look at the server as it is when the look ends."""
        machine = self.machine
        if check.check not in {*_CHECKS, *_OF_HOST}:
            return None
        was_down = machine.is_down
        await asyncio.sleep(SILENT if was_down else LOOKS_TAKE)
        if was_down or machine.is_down:
            return self._seen(check, "unreachable")
        if check.check in _OF_HOST:
            is_gpu = check.check == "gpu"
            reading = machine.cards() if is_gpu else machine.machine()
            return self._seen(check, "", reading)
        if check.check == "jobs":
            return self._seen(check, "", self._jobs())
        if check.check == "status":
            return self._seen(
                check, "" if machine.status_passes else "timeout"
            )
        service = machine.service()
        reason = "" if service.listeners else "not_listening"
        return self._seen(check, reason, service)

    def _jobs(self) -> JobsReading:
        now = self.clock.now()
        job = StartedJob(id="swap", updated_at=now, steps=9, steps_done=2)
        started = (job,) if self.users else ()
        return JobsReading(directory="/opt/.jobs", started=started)

    def _seen(
        self, check: CheckKey, reason: str, reading: Reading | None = None
    ) -> Observation:
        return Observation(
            key=check,
            probe=check.check,
            at=self.clock.now(),
            duration=LOOKS_TAKE,
            health=Health.UNHEALTHY if reason else Health.HEALTHY,
            because=f"{check.check} {reason or 'is well'}",
            reason=reason,
            reading=reading,
        )
