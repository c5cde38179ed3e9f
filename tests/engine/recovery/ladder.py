"""A ladder to climb: a desk whose rungs end as a test wants it.

The climb, its ledger and the journal are real, and time is simulated.
"""
# ruff: noqa: ARG002 - it stands for ports, which say more than it looks at

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from monitor.domain.diagnosis.diagnosis import Diagnosis
from monitor.domain.errors import MonitorError, NotConfigured, Superseded
from monitor.domain.recovery.audit import Entry
from monitor.domain.recovery.change import Change, ended, moved
from monitor.domain.recovery.plan import Plan
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.refusal import RefusedPlan
from monitor.domain.recovery.situation import SecondLook, Situation
from monitor.domain.recovery.verdict import Verdict
from monitor.domain.recovery.words import RUNGS, Action, Outcome, State
from monitor.domain.service.reading import ServiceReading
from monitor.engine.recovery import desk_people, desk_stopping
from monitor.engine.recovery.asked import Asked
from monitor.engine.recovery.climb import Climbing
from monitor.engine.recovery.desk_room import Room
from monitor.engine.recovery.runner_kit import Kit
from monitor.engine.recovery.scene import Scene, Seen
from monitor.engine.recovery.words_of import of_change, of_plan
from tests.domain.recovery.situations import (
    ANN,
    MACHINE,
    TABLE,
    diagnosis,
    situation,
)
from tests.engine.recovery.theatre import Theatre
from tests.engine.recovery.wards_parts import Carried


@dataclass
class Fate:
    """What becomes of a rung: refused, or carried for so many seconds.

    Where it is not sent it ends before its intent. `lasts` are the seconds
    before it, too.
    """

    outcome: Outcome = Outcome.FAILED
    sent: bool = True
    done: bool = True
    lasts: float = 20.0
    refuses: MonitorError | None = None
    applies: MonitorError | None = None
    gates: tuple[Verdict, ...] = ()
    approvals: int = 0


@dataclass
class Eyes:
    """What is seen of the server: a diagnosis, by when it is seen."""

    theatre: Theatre
    found: Diagnosis = field(default_factory=diagnosis)
    is_gone: bool = False
    takes: float = 1.0
    later: list[tuple[float, Diagnosis]] = field(default_factory=list)
    service: ServiceReading | None = None
    weighed: list[tuple[Action, str]] = field(default_factory=list)
    moves_at: float | None = None

    async def observe(self, target: str, action: Action) -> Seen:
        await asyncio.sleep(self.takes)
        if self.is_gone:
            raise NotConfigured("cannot act: no target has this name")
        return Seen(
            at=self.theatre.clock.now(),
            service=self.service,
            status=None,
            second=SecondLook(agrees=True, because="timeout"),
        )

    async def situation(  # noqa: PLR0913 - as the scene has it
        self,
        target: str,
        action: Action,
        seen: Seen,
        *,
        by: Principal,
        change: str = "",
        parent: str = "",
    ) -> Situation:
        self.weighed.append((action, parent))
        now = self.theatre.clock.now()
        while self.later and self.later[0][0] <= now:
            self.found = self.later.pop(0)[1]
        found = situation(
            action=action,
            by=by,
            diagnosis=self.found,
            now=now,
            gpu=TABLE,
            machine=MACHINE,
        )
        if self.moves_at is None or now < self.moves_at:
            return found
        return replace(found, target=replace(found.target, host="gpu9"))


class Ladder:
    """One server with a `recover`, and what its rungs will come to."""

    def __init__(self) -> None:
        self.theatre = there = Theatre()
        self.journal, self.clock = there.journal, there.clock
        self.fates = {one: Fate() for one in RUNGS}
        self.eyes = Eyes(there)
        self.asked: list[Asked] = []
        self.applied: list[str] = []
        self.carrying: set[asyncio.Task[None]] = set()
        self.monitor = there.monitor("a")
        self.kit: Kit = replace(self.monitor.kit, scene=self.eyes)  # type: ignore[arg-type] # as far as a climb looks
        self.room = Room(
            clock=there.clock,
            journal=there.journal,
            tell=self.kit.tell,
            herald=self.kit.herald,
            runner=Carried(),
            scene=cast("Scene", None),
            new_id=lambda: "none",
            owner="a",
            canaries=lambda _: (),
        )

    # A desk.

    async def plan(self, asked: Asked, by: Principal) -> Plan:
        self.asked.append(asked)
        fate = self.fates[asked.action]
        if fate.refuses is not None:
            raise fate.refuses
        made = self.theatre.plan(f"plan-{asked.action.value}", by)
        is_reboot = asked.action is Action.REBOOT
        plan = replace(
            made,
            aim=replace(made.aim, action=asked.action),
            parent=asked.parent,
            reason=asked.reason,
            gates=fate.gates,
            confirm="gpu1" if is_reboot else "studio",
            approvals=1 if is_reboot else fate.approvals,
        )
        await self.journal.keep_plan(plan, self.entry(plan))
        return plan

    async def apply(
        self, plan_id: str, by: Principal, *, confirm: str = ""
    ) -> Change:
        plan = self.journal.records[plan_id].plan
        fate = self.fates[plan.aim.action]
        if fate.applies is not None:
            raise fate.applies
        state = State.WAITING if plan.approvals else State.READY
        now = self.clock.now()
        change = Change(
            id=f"change-{plan.aim.action.value}",
            plan=plan.id,
            action=plan.aim.action,
            target="studio",
            host="gpu1",
            by=by,
            state=state,
            because="applied",
            created_at=now,
            updated_at=now,
            expires_at=plan.expires_at,
            owner="a",
            parent=plan.parent,
            progress="applied",
        )
        entry = of_change("applied", change, by.who, now)
        await self.journal.apply(change, entry)
        self.applied.append(plan_id)
        self._spawn(change, fate)
        return change

    async def cancel(self, change_id: str, by: Principal) -> Change:
        return await desk_stopping.cancel(self.room, change_id, by)

    async def deny(self, plan_id: str, by: Principal) -> None:
        await desk_people.deny(self.room, plan_id, by, "no")

    def _spawn(self, change: Change, fate: Fate) -> None:
        task = asyncio.create_task(self._carry(change, fate))
        self.carrying.add(task)
        task.add_done_callback(self.carrying.discard)

    async def _carry(self, change: Change, fate: Fate) -> None:
        try:
            await asyncio.sleep(fate.lasts)
            if change.state is State.WAITING:
                change = await self._moved(change, State.READY)
            if fate.sent:
                change = await self._moved(change, State.INTENT)
                await asyncio.sleep(fate.lasts)
            over = replace(change, done=fate.done and fate.sent)
            now = self.clock.now()
            over = ended(over, fate.outcome, "as it was to be", now)
            await self._keep(change, over)
        except Superseded:
            return

    async def _moved(self, change: Change, to: State) -> Change:
        after = moved(change, to, f"it is {to.value}", self.clock.now())
        await self._keep(change, after)
        return after

    async def _keep(self, before: Change, after: Change) -> None:
        entry = of_change(after.state.value, after, "a", self.clock.now())
        await self.journal.move(
            after, entry, expected=before.state, owner=before.owner
        )

    # A climb.

    async def recover(self, id_: str = "c1", by: Principal = ANN) -> Change:
        """Keep a `recover` that was applied just now."""
        made = self.theatre.plan(f"p-{id_}", by)
        plan = replace(made, aim=replace(made.aim, action=Action.RECOVER))
        change = await self.theatre.applied(plan=plan, id_=id_)
        kept = replace(change, by=by)
        self.journal.all_changes[id_] = kept
        return kept

    def climbing(self, change: Change) -> Climbing:
        return Climbing(self.kit, self, change)

    async def climb(self, within: float = 20_000.0) -> Change:
        """Climb to the end, and return what became of it."""
        change = await self.recover()
        async with asyncio.timeout(within):
            await self.climbing(change).run()
        return self.change()

    def begin(self, change: Change) -> asyncio.Task[None]:
        return asyncio.create_task(self.climbing(change).run())

    async def moved_by_others(self, change: Change) -> Change:
        """Let another monitor end a climb, and return what it is then."""
        over = ended(
            change, Outcome.INTERRUPTED, "it seemed dead", self.clock.now()
        )
        await self._keep(change, over)
        return over

    def entry(self, plan: Plan) -> Entry:
        """Return the audit's entry of a plan that was made."""
        return of_plan("planned", plan, plan.by, self.clock.now())

    def change(self, id_: str = "c1") -> Change:
        return self.journal.all_changes[id_]

    @property
    def climbed(self) -> list[Action]:
        """Return the rungs that were asked for, in order."""
        return [one.action for one in self.asked]

    def rungs(self, id_: str = "c1") -> list[str]:
        """Return what the audit says of the rungs."""
        entries = [one.entry for one in self.journal.chain]
        of = [e for e in entries if e.what == "rung" and e.change == id_]
        return [one.because for one in of]

    def said(self) -> Sequence[str]:
        """Return whatever was said of the climb, in order."""
        told = (getattr(one, "change", None) for one in self.theatre.told)
        return [o.progress for o in told if o and o.id == "c1"]


def refused(gate: str = "budget") -> RefusedPlan:
    return RefusedPlan(f"cannot do it: {gate}: it refuses", steps=(), gates=())
