"""A theatre: a sick server, its machine's gate, and monitors that act.

Everything lives in simulated time; `play` runs a story in it.
"""
# ruff: noqa: ARG002 - it stands for ports, which say more than it looks at

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TypeVar, cast

from monitor.domain.canary.reading import CanaryReading, Operation, Result
from monitor.domain.diagnosis.case import Case
from monitor.domain.errors import NotConfigured
from monitor.domain.fleet import Target
from monitor.domain.gpu.reading import GpuReading
from monitor.domain.health import Health
from monitor.domain.machine.reading import MachineReading
from monitor.domain.observation import CheckKey, Kind, Observation, Reading
from monitor.domain.recovery.audit import flaws
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.digest import digest
from monitor.domain.recovery.gpu_table import gpu_table, to_end
from monitor.domain.recovery.identity import Identity
from monitor.domain.recovery.machine_use import GpuTable, MachineUse
from monitor.domain.recovery.past import Deed
from monitor.domain.recovery.plan import Aim, Approval, BreakGlass, Plan
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.situation import SecondLook, Situation, Work
from monitor.domain.recovery.words import Action, State
from monitor.domain.service.reading import ServiceReading
from monitor.engine.check import Check
from monitor.engine.events import Event
from monitor.engine.recovery.desk_telling import Herald
from monitor.engine.recovery.planning_aim import processes_of
from monitor.engine.recovery.planning_past import lock_on
from monitor.engine.recovery.runner import Runner
from monitor.engine.recovery.runner_kit import Kit
from monitor.engine.recovery.scene import Seen
from monitor.engine.recovery.sweep import Sweeper
from monitor.engine.recovery.words_of import of_change, of_plan
from monitor.ports.recovery import Hand, Journal
from tests.domain.recovery.situations import (
    ANN,
    TARGET,
    diagnosis,
    policy,
    situation,
)
from tests.fakes.crashing import Crash, Crashing, Fuse
from tests.fakes.hand import FakeHand
from tests.fakes.journal import FakeJournal
from tests.fakes.probe import FakeProbe
from tests.stories.simulated.clockwork import Clockwork, StoryClock

_T = TypeVar("_T")
SWEEPS = 5.0


def play(story: Callable[[], Awaitable[_T]]) -> _T:
    """Run a story in simulated time, to its end."""

    async def whole() -> _T:
        return await story()

    with asyncio.Runner(loop_factory=Clockwork) as runner:
        return runner.run(whole())


class Theatre:
    """What is there whichever monitor lives: world, journal, and wishes.

    `users` are users' jobs that go on; `gone` takes the target out of the
    configuration. `results` are what canaries come to, the last for ever.
    """

    def __init__(self) -> None:
        self.clock = StoryClock(asyncio.get_running_loop())
        self.hand = FakeHand(self.clock)
        self.journal = FakeJournal()
        self.target = replace(TARGET, start_grace=60.0)
        self.users: tuple[str, ...] = ()
        self.gone = False
        self.status_looks = True
        self.results: list[Result] = [Result.COLD]
        self.canaries: Sequence[str] = ("canary.enhance-gfpgan_1.4",)
        self.agrees: bool | None = True
        self.looks_take = 0.5
        self.canary_takes = 8.0
        self.broken: Exception | None = None
        self.told: list[Event] = []
        self.held: list[str] = []
        self.runs = 0
        self.mode = "auto"
        self.counts_waiting = True
        self.cannot_hold = False
        self.skips_canaries = 0
        self.cut_off = ""
        self.glass: BreakGlass | None = None
        self.action = Action.RESTART
        self.gpu: GpuReading | None = None
        self.machine: MachineReading | None = None
        self.host_reason = ""
        self.machine_use: MachineUse | None = None
        self.past: tuple[Deed, ...] = ()
        self.neighbours: tuple[str, ...] = ()

    def monitor(self, owner: str, fuse: Fuse | None = None) -> "Monitor":
        """Begin another monitor."""
        return Monitor(self, owner, fuse or Fuse())

    def plan(self, id_: str = "p1", by: Principal = ANN) -> Plan:
        """Return a plan as it would be made now."""
        aim = self.aim(self.hand.service())
        return Plan(
            id=id_,
            aim=aim,
            digest=digest(aim),
            reason="it hangs",
            by=by,
            cause="hung",
            created_at=self.clock.now(),
            expires_at=self.clock.now() + 900.0,
            gates=(),
        )

    def aim(self, service: object = None, processes: object = None) -> Aim:
        reading = self.hand.service() if service is None else service
        planned = cast("tuple[Identity, ...]", processes or ())
        return Aim(
            action=self.action,
            target="studio",
            url=self.target.url,
            host="gpu1",
            manager="systemd",
            unit="facefusion.service",
            directory="/opt/facefusion",
            port=self.hand.port,
            boot_id=reading.boot_id,  # type: ignore[attr-defined]
            processes=self.ended(reading, planned),  # type: ignore[arg-type]
            steps=("restart it",),
        )

    def table(self, service: ServiceReading | None) -> GpuTable | None:
        """Return who is on the cards, as the gates see it."""
        if self.gpu is None or service is None:
            return None
        return gpu_table(self.gpu, service, at=self.clock.now())

    def ended(
        self, service: ServiceReading, planned: tuple[Identity, ...]
    ) -> tuple[Identity, ...]:
        """Return whom its action ends, as the scene has it."""
        table = self.table(service)
        if self.action is Action.FREE_GPU_MEMORY and table is not None:
            return to_end(table)
        return processes_of(service, planned)

    async def applied(
        self,
        owner: str = "a",
        *,
        plan: Plan | None = None,
        state: State = State.READY,
        id_: str = "c1",
    ) -> Change:
        """Keep a plan and the change that it was applied as."""
        plan = plan or self.plan()
        now = self.clock.now()
        await self.journal.keep_plan(plan, of_plan("planned", plan, ANN, now))
        change = Change(
            id=id_,
            plan=plan.id,
            action=plan.aim.action,
            target=plan.aim.target,
            host=plan.aim.host,
            by=ANN,
            state=state,
            because="applied",
            created_at=now,
            updated_at=now,
            expires_at=plan.expires_at,
            owner=owner if state is State.READY else "",
        )
        entry = of_change("applied", change, "ann", now)
        return await self.journal.apply(change, entry)

    def outcomes(self, plan: str = "p1") -> list[str]:
        """Return every outcome that the audit has of a request."""
        entries = (one.entry for one in self.journal.chain)
        return [e.outcome for e in entries if e.plan == plan and e.outcome]

    def change(self, id_: str = "c1") -> Change:
        return self.journal.all_changes[id_]

    def steps(self, id_: str = "c1") -> list[str]:
        """Return what the audit tells of a change, in order."""
        entries = (one.entry for one in self.journal.chain)
        return [one.what for one in entries if one.change == id_]

    def flaws(self) -> list[str]:
        head = self.journal.chain[-1] if self.journal.chain else None
        return list(flaws(self.journal.chain, head))


@dataclass
class Monitor:
    """One monitor's life. `die` is what `kill -9` does to it."""

    theatre: Theatre
    owner: str
    fuse: Fuse = field(default_factory=Fuse)

    def __post_init__(self) -> None:
        there = self.theatre
        journal = cast("Journal", Crashing(there.journal, self.fuse))
        self._hand = cast("Hand", Crashing(there.hand, self.fuse))
        self.has_hand = True
        self.kit = Kit(
            clock=there.clock,
            journal=journal,
            herald=Herald(journal, self.tell),
            scene=self,
            hands=lambda *_: self._hand if self.has_hand else None,
            look=self.look,
            canaries=self.canaries,
            case=lambda _, now: Case(now=now, target=there.target),
            diagnosis=lambda _: diagnosis(),
            hold=self.hold,
            tell=self.tell,
            owner=self.owner,
            on=lambda _: ("studio", *there.neighbours),
        )
        self.runner = Runner(self.kit)
        self.sweeper = Sweeper(self.kit, self.runner)

    def tell(self, event: Event) -> None:
        if not self.fuse.blown:
            self.theatre.told.append(event)

    @contextmanager
    def hold(self, target: str) -> Iterator[None]:
        if self.theatre.cannot_hold:
            raise ZeroDivisionError
        self.theatre.held.append(target)
        try:
            yield
        finally:
            self.theatre.held.remove(target)

    def canaries(self, target: str) -> Sequence[Check]:
        probe = FakeProbe(self.theatre.clock)
        return [
            Check(
                key=_key(target, name),
                kind="canary",
                probe=probe,
                interval=300.0,
                timeout=30.0,
                deadline=60.0,
            )
            for name in self.theatre.canaries
        ]

    # Its eyes.

    async def look(self, key: CheckKey) -> Observation | None:
        there = self.theatre
        is_canary = key.check.startswith("canary")
        await asyncio.sleep(
            there.canary_takes if is_canary else there.looks_take
        )
        if there.broken is not None:
            raise there.broken
        if is_canary and there.skips_canaries:
            there.skips_canaries -= 1
            return None
        if is_canary:
            return self._canary(key)
        if key.kind is Kind.HOST:
            return self._at_machine(key)
        if key.check == "process":
            reading = there.hand.service()
            well = bool(reading.listeners)
            reason = "" if well else "not_listening"
            if there.hand.stopped:
                reason = "stopped"
            return self._seen(key, reason, reading)
        if not there.status_looks:
            return None
        return self._seen(key, "" if there.hand.status_passes else "timeout")

    def _at_machine(self, key: CheckKey) -> Observation:
        there, reason = self.theatre, self.theatre.host_reason
        reading = there.gpu if key.check == "gpu" else there.machine
        return self._seen(key, reason, None if reason else reading)

    def _canary(self, key: CheckKey) -> Observation:
        there = self.theatre
        if there.cut_off:
            return self._seen(key, there.cut_off)
        result = there.results[min(there.runs, len(there.results) - 1)]
        there.runs += 1
        reading = CanaryReading(
            canary=key.check,
            operation=Operation.ENHANCE,
            model="gfpgan_1.4",
            result=result,
        )
        bad = result not in {Result.OK, Result.COLD}
        return self._seen(key, result.value if bad else "", reading)

    def _seen(
        self, key: CheckKey, reason: str, reading: Reading | None = None
    ) -> Observation:
        return Observation(
            key=key,
            probe=key.check,
            at=self.theatre.clock.now(),
            duration=0.5,
            health=Health.UNHEALTHY if reason else Health.HEALTHY,
            because=f"{key.check} {reason or 'is well'}",
            reason=reason,
            reading=reading,
        )

    # Its scene.

    def _target(self) -> Target:
        if self.theatre.gone:
            raise NotConfigured("cannot act: no target has this name")
        return self.theatre.target

    def target(self, name: str) -> Target:
        return self._target()

    async def observe(self, target: str, action: Action) -> Seen:
        self._target()
        status = await self.look(_key(target, "status"))
        process = await self.look(_key(target, "process"))
        return Seen(
            at=self.theatre.clock.now(),
            service=self.theatre.hand.service(),
            status=status,
            second=SecondLook(agrees=self.theatre.agrees, because="timeout"),
            process=process,
        )

    def aim(
        self,
        target: str,
        action: Action,
        seen: Seen,
        break_glass: BreakGlass | None = None,
        *,
        planned: tuple[Identity, ...] = (),
    ) -> Aim:
        return self.theatre.aim(seen.service, planned)

    async def situation(  # noqa: PLR0913 - as the scene has it
        self,
        target: str,
        action: Action,
        seen: Seen,
        *,
        by: Principal,
        approvals: tuple[Approval, ...] = (),
        break_glass: BreakGlass | None = None,
        change: str = "",
        waited: float = 0.0,
        parent: str = "",
    ) -> Situation:
        there = self.theatre
        host = there.change(change).host
        return situation(
            now=there.clock.now(),
            service=seen.service,
            second=seen.second,
            by=by,
            approvals=approvals,
            break_glass=there.glass,
            policy=policy(mode=there.mode),
            work=Work(
                jobs=there.users,
                moves=True,
                waited=waited * there.counts_waiting,
            ),
            lock=await lock_on(self.kit.journal, host, besides=change),
            parent=parent,
            action=action,
            gpu=there.table(seen.service),
            machine=there.machine_use,
            past=there.past,
        )

    # Its life.

    async def carry(self, change: Change, within: float = 3000.0) -> None:
        """Begin a change and wait until nobody carries it, or we died."""
        self.runner.begin(change)
        await self.until(lambda: not self.runner.carries(change.id), within)

    async def until(
        self, is_so: Callable[[], bool], within: float = 3000.0
    ) -> None:
        async with asyncio.timeout(within):
            while not (is_so() or self.fuse.blown):  # noqa: ASYNC110 - in simulated time
                await asyncio.sleep(0.5)

    async def sweep_until_quiet(self, within: float = 20_000.0) -> None:
        """Sweep as a daemon does, until nothing is open or held."""
        journal = self.theatre.journal
        async with asyncio.timeout(within):
            while not self.fuse.blown:
                with suppress(Crash):
                    await self.sweeper.sweep()
                changes = journal.all_changes.values()
                if all(o.is_over for o in changes) and not journal.all_locks:
                    return
                await asyncio.sleep(SWEEPS)

    async def die(self) -> None:
        """End every task at once; nothing it does reaches anybody."""
        self.fuse.blown = True
        mine = asyncio.current_task()
        acting = self.theatre.hand.acting
        rest = asyncio.all_tasks() - {mine} - acting
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)


def _key(target: str, check: str) -> CheckKey:
    return CheckKey(kind=Kind.TARGET, subject=target, check=check)
