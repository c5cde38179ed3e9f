"""A small fleet to act on: four servers on three machines, one of them sick.

What a look shows is what a test set; the board knows it once it `believes`.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import count

from monitor.domain.diagnosis.diagnosis import Diagnosis
from monitor.domain.diagnosis.finding import Fact
from monitor.domain.fleet import Host
from monitor.domain.joblog.reading import JobsReading
from monitor.domain.judgement import Track
from monitor.domain.observation import (
    CheckKey,
    Observation,
)
from monitor.domain.recovery.words import Action
from monitor.domain.service.reading import Process, ServiceReading
from monitor.domain.status import StatusReading
from monitor.engine.board import Board
from monitor.engine.events import Audited, ChangeTold, Event, PlanTold
from monitor.engine.evidence import CONTROL, Evidence
from monitor.engine.recovery.desk import Desk
from monitor.engine.recovery.scene import Scene, ServiceAddress
from monitor.ports.recovery import Hand
from tests.engine.recovery.wards_parts import (
    POLICY,
    READING,
    TARGETS,
    Carried,
    Eye,
    Plans,
    Untouched,
    check_of,
    key,
    keys_of,
    reboot_steps,
)
from tests.fakes.clock import FakeClock
from tests.fakes.journal import FakeJournal
from tests.fakes.ward import FakeWard, diagnosed


def why_no_hand(host: str, action: Action = Action.RESTART) -> str:
    key = "reboot" if action is Action.REBOOT else "act"
    return f"{host} has no {key}_key_file"


class Fleet:
    """The fleet and a scene of it; `told` is whatever was told."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.journal = FakeJournal()
        self.told: list[Event] = []
        self.carrier = Carried()
        self.book = Plans()
        self.eyes = {one: self._eye(one) for one in keys_of()}
        checks = [check_of(eye) for eye in self.eyes.values()]
        hosts = [Host(name=f"gpu{number}") for number in (1, 2, 3)]
        self.board = Board(TARGETS, hosts, checks)
        self.evidence = Evidence(self.board)
        self.ward = FakeWard(self.board)
        self.policies = {one.name: POLICY for one in TARGETS}
        self.services = {
            one.name: ServiceAddress(
                manager="systemd",
                unit="facefusion.service",
                directory="/opt/facefusion",
                port=9002,
            )
            for one in TARGETS
            if one.host
        }
        self.hands: dict[str, Hand] = {
            f"gpu{number}": Untouched() for number in (1, 2, 3)
        }
        self.scene = self.a_scene()
        self._ids = count(1)
        self.eye("studio", "process").reading = READING
        self.eye("studio", "jobs").reading = JobsReading(
            directory="/opt/facefusion/.jobs"
        )
        self.believe()

    def a_scene(self) -> Scene:
        """Return a scene that can reboot, too, as far as its steps go."""
        made = Scene(
            clock=self.clock,
            board=self.board,
            evidence=self.evidence,
            ward=self.ward,
            book=self.book,
            journal=self.journal,
            policies=lambda: self.policies,
            services=lambda: self.services,
            look=self.look,
            hands=lambda host, _: self.hands.get(host),
            why_no_hand=why_no_hand,
        )
        steps = {**made.steps, Action.REBOOT: reboot_steps}
        return replace(made, steps=steps)

    def a_desk(self, owner: str = "monitor-1") -> Desk:
        """Return a desk; several share the journal, as replicas do."""
        return Desk(
            clock=self.clock,
            journal=self.journal,
            scene=self.scene,
            runner=self.carrier,
            tell=self.tell,
            new_id=self.new_id,
            owner=owner,
        )

    def new_id(self) -> str:
        return f"id-{next(self._ids)}"

    def tell(self, event: Event) -> None:
        self.told.append(event)

    async def look(self, one: CheckKey) -> Observation | None:
        eye = self.eyes.get(one)
        return await eye.look() if eye and eye.is_there else None

    def eye(self, subject: str, check: str) -> Eye:
        return self.eyes[key(subject, check)]

    @property
    def control(self) -> Eye:
        return self.eyes[CONTROL]

    def believe(self) -> None:
        """Put what every check shows now on the board, as the opinion."""
        for eye in self.eyes.values():
            self._post(eye)

    def diagnose(
        self,
        cause: str,
        *checks: str,
        target: str = "studio",
        because: str = "it does not answer",
        since: float | None = None,
    ) -> Diagnosis:
        """Let the ward believe a cause that rests on these checks."""
        now = self.clock.now()
        found = diagnosed(cause, because=because, since=now)
        host = self.board.targets[target].host
        facts = tuple(
            Fact(
                key=key(host if one in {"gpu", "host"} else target, one),
                because=f"{one} speaks for it",
                at=now,
            )
            for one in checks
        )
        began = now if since is None else since
        held = replace(found, facts=facts, since=began)
        self.ward.diagnoses[target] = held
        return held

    def hangs(self, target: str = "studio") -> None:
        """Let a server hang, believed and diagnosed."""
        self.eye(target, "status").fails("timeout")
        self.believe()
        self.diagnose("hung", "status", "process", target=target)

    def heals(self, target: str = "studio") -> None:
        """Let a server answer again, which nobody believes yet."""
        self.eye(target, "status").works()

    def reads(
        self, change: Callable[[ServiceReading], ServiceReading]
    ) -> None:
        """Let the host show another service."""
        eye = self.eye("studio", "process")
        assert isinstance(eye.reading, ServiceReading)
        eye.reading = change(eye.reading)

    def runs(self, *processes: Process) -> None:
        self.reads(lambda one: replace(one, processes=processes))

    def allow(self, target: str = "studio", **settings: object) -> None:
        """Change what may be done to a server."""
        changed = replace(self.policies[target], **settings)  # type: ignore[arg-type] # by name
        self.policies[target] = changed

    @property
    def audited(self) -> list[str]:
        """Return what the audit holds, a word and an outcome each."""
        chain = self.journal.chain
        return [f"{o.entry.what} {o.entry.outcome}".strip() for o in chain]

    @property
    def outcomes(self) -> dict[str, list[str]]:
        """Return all outcomes of each request in the audit."""
        found: dict[str, list[str]] = {}
        for one in self.journal.chain:
            if one.entry.outcome:
                found.setdefault(one.entry.plan, []).append(one.entry.outcome)
        return found

    @property
    def heads(self) -> list[int]:
        return [o.sealed.sequence for o in self.told if isinstance(o, Audited)]

    @property
    def plans_told(self) -> list[PlanTold]:
        return [one for one in self.told if isinstance(one, PlanTold)]

    @property
    def changes_told(self) -> list[ChangeTold]:
        return [one for one in self.told if isinstance(one, ChangeTold)]

    def _eye(self, one: CheckKey) -> Eye:
        status = (
            StatusReading(dialect="rest") if one.check == "status" else None
        )
        return Eye(self.clock, one, one.check, reading=status)

    def _post(self, eye: Eye) -> None:
        now = self.clock.now()
        seen = Observation(
            key=eye.key,
            probe=eye.kind,
            at=now,
            duration=0.0,
            health=eye.health,
            because=eye.because,
            reason=eye.reason,
            reading=eye.reading,
        )
        track = Track(health=eye.health, since=now, because=eye.because)
        self.board.post(self.board.entry(eye.key).check, seen, track)
        self.evidence.saw(seen, track)
