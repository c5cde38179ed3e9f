"""A desk of recovery that keeps everything in memory and touches nothing."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from monitor.domain.errors import MonitorError, NotConfigured
from monitor.domain.recovery.audit import Entry, Sealed, flaws, seal
from monitor.domain.recovery.change import Change, ended, moved
from monitor.domain.recovery.digest import digest
from monitor.domain.recovery.drill import (
    Drill,
    Exercise,
    Rehearsed,
    Would,
)
from monitor.domain.recovery.identity import Identity
from monitor.domain.recovery.plan import (
    PLAN_LASTS,
    Aim,
    Approval,
    Plan,
    PlanRecord,
)
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.refusal import (
    NotYours,
    PlanOver,
    RefusedPlan,
    UnknownRequest,
    WrongConfirmation,
)
from monitor.domain.recovery.verdict import Verdict, refused
from monitor.domain.recovery.words import Action, Outcome, State, Word
from monitor.engine.recovery.asked import Asked
from tests.fakes.clock import FakeClock

SERVER = Identity(
    boot_id="0b1c2d3e-0000-4000-8000-000000000001",
    pid=4711,
    start_ticks=8_914_203,
    uid=1000,
    cmdline=(
        "/opt/facefusion/venv/bin/python",
        "/opt/facefusion/facefusion.py",
        "run",
        "--source-paths",
        "/home/carol/private.jpg",
    ),
    cwd="/opt/facefusion",
    cgroup="/system.slice/facefusion.service",
    is_server=True,
)
STEPS = ("systemctl restart facefusion.service", "prove that it serves")
WELL = (
    Verdict(gate="mode", word=Word.ALLOWED, because="recovery is on"),
    Verdict(gate="cooldown", word=Word.ALLOWED, because="nothing was done"),
)

REHEARSAL = Drill(
    target="studio",
    at=0.0,
    cause="none",
    exercises=(
        Exercise(
            what="acting gate of gpu1",
            passed=True,
            because="it prepared a restart and gave out a nonce",
        ),
        Exercise(
            what="reboot gate of gpu1",
            passed=None,
            because="ssh.reboot_key_file is not set",
        ),
    ),
    rungs=(
        Rehearsed(
            action=Action.RESTART,
            would=Would.RUN,
            because="every gate allows it",
            gates=WELL,
            steps=STEPS,
            notes=("pid 7 is left alone",),
        ),
        Rehearsed(
            action=Action.FREE_GPU_MEMORY,
            would=Would.NOT_APPLICABLE,
            because="nothing of ours holds GPU memory",
        ),
        Rehearsed(
            action=Action.REBOOT,
            would=Would.WAIT,
            because="another person must approve it",
            gates=WELL,
            steps=("reboot gpu1",),
            by_hand=("sudo systemctl reboot",),
        ),
    ),
)


class FakeRecovery:
    """Plans by `gates`, needs `approvals`, asks for `confirm`.

    While `fails` is set everything raises it. To verify takes until `go_on`.
    """

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.gates: tuple[Verdict, ...] = WELL
        self.approvals = 0
        self.confirm = "studio"
        self.notes: tuple[str, ...] = ()
        self.bystanders: tuple[str, ...] = ()
        self.by_hand: tuple[str, ...] = ()
        self.fails: MonitorError | None = None
        self.verifying = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.asked: list[Asked] = []
        self.records: dict[str, PlanRecord] = {}
        self.kept: dict[str, Change] = {}
        self.chain: list[Sealed] = []
        self.rehearsal = REHEARSAL
        self.drilled: list[tuple[str, str]] = []

    async def plan(self, asked: Asked, by: Principal) -> Plan:
        self._store()
        self.asked.append(asked)
        id_ = f"p{len(self.asked)}"
        if refused(self.gates):
            self._note("refused", id_, by, outcome=Outcome.REFUSED)
            raise RefusedPlan(
                f"cannot {asked.action} {asked.target}: a gate refuses",
                steps=STEPS,
                gates=self.gates,
            )
        made = self._plan(id_, asked, by)
        self.records[id_] = PlanRecord(plan=made)
        self._note("planned", id_, by, reason=asked.reason)
        return made

    async def apply(
        self, plan_id: str, by: Principal, *, confirm: str = ""
    ) -> Change:
        record = self._open(plan_id)
        if confirm != record.plan.confirm:
            raise WrongConfirmation(
                f"cannot apply plan {plan_id}: type {record.plan.confirm}"
            )
        change = self._change(record, by)
        self.kept[change.id] = change
        self.records[plan_id] = replace(record, change=change.id)
        self._note("applied", plan_id, by)
        return change

    async def approve(self, plan_id: str, by: Principal) -> PlanRecord:
        record = self._open(plan_id)
        plan = record.plan
        if by.who == plan.by.who:
            raise NotYours(f"cannot approve plan {plan_id}: you asked for it")
        given = Approval(
            plan=plan_id, digest=plan.digest, by=by, at=self.clock.now()
        )
        self._note("approved", plan_id, by)
        return self._kept(replace(record, approvals=(given,)))

    async def deny(
        self, plan_id: str, by: Principal, *, reason: str
    ) -> PlanRecord:
        record = self._open(plan_id)
        self._note("denied", plan_id, by, reason=reason)
        return self._kept(
            replace(record, outcome=Outcome.DENIED, because=reason)
        )

    async def attest(
        self, plan_id: str, by: Principal, *, done: str
    ) -> PlanRecord:
        record = self._open(plan_id)
        self._note("attested", plan_id, by, reason=done)
        return self._kept(
            replace(record, outcome=Outcome.PLANNED_ONLY, because=done)
        )

    async def cancel(self, change_id: str, by: Principal) -> Change:
        change, now = await self.change(change_id), self.clock.now()
        self._note("cancel_asked", change.plan, by)
        self.kept[change_id] = (
            ended(change, Outcome.CANCELLED, f"{by.who} cancelled it", now)
            if change.can_be_cancelled or change.is_over
            else replace(change, cancel_asked_by=by.who)
        )
        return self.kept[change_id]

    async def drill(self, target: str, by: Principal) -> Drill:
        self._store()
        if target != "studio":
            raise NotConfigured(f"cannot find target {target}: there is none")
        self.drilled.append((target, by.who))
        self._note("drilled", "", by)
        return replace(self.rehearsal, target=target, at=self.clock.now())

    async def plan_record(self, plan_id: str) -> PlanRecord:
        self._store()
        if plan_id not in self.records:
            raise UnknownRequest("cannot find this plan: none has its id")
        return self.records[plan_id]

    async def plans(self, *, limit: int) -> Sequence[PlanRecord]:
        self._store()
        return tuple(reversed(self.records.values()))[:limit]

    async def change(self, change_id: str) -> Change:
        self._store()
        if change_id not in self.kept:
            raise UnknownRequest("cannot find this change: none has its id")
        return self.kept[change_id]

    async def changes(
        self, *, limit: int, before: str = "", target: str = ""
    ) -> Sequence[Change]:
        self._store()
        newest = list(reversed(self.kept.values()))
        places = [n for n, one in enumerate(newest) if one.id == before]
        left = newest[places[0] + 1 :] if places else newest
        return [one for one in left if target in {"", one.target}][:limit]

    async def audit(
        self, *, after: int = 0, limit: int, plan: str = ""
    ) -> Sequence[Sealed]:
        self._store()
        return [
            one
            for one in self.chain
            if one.sequence > after and plan in {"", one.entry.plan}
        ][:limit]

    async def verify(self) -> Sequence[str]:
        self._store()
        self.verifying.set()
        await self.go_on.wait()
        return tuple(flaws(self.chain, None))

    def goes_on(self, change_id: str, to: State, because: str) -> None:
        """Move a change on, as the engine does."""
        self.kept[change_id] = moved(
            self.kept[change_id], to, because, self.clock.now()
        )

    def ends(self, change_id: str, outcome: Outcome, because: str) -> None:
        """End a change."""
        self.kept[change_id] = ended(
            self.kept[change_id], outcome, because, self.clock.now()
        )

    def _plan(self, id_: str, asked: Asked, by: Principal) -> Plan:
        now = self.clock.now()
        aim = Aim(
            action=asked.action,
            target=asked.target,
            url="http://192.0.2.1:9002",
            host="gpu1",
            manager="systemd",
            unit="facefusion.service",
            directory="/opt/facefusion",
            port=9002,
            boot_id=SERVER.boot_id,
            processes=(SERVER,),
            steps=STEPS,
            break_glass=asked.break_glass,
            bystanders=self.bystanders,
        )
        return Plan(
            id=id_,
            aim=aim,
            digest=digest(aim),
            reason=asked.reason,
            by=by,
            cause="hung",
            created_at=now,
            expires_at=now + PLAN_LASTS,
            gates=self.gates,
            in_flight=("one job of the batch queue",),
            approvals=self.approvals,
            confirm=self.confirm,
            notes=self.notes,
            by_hand=self.by_hand,
            parent=asked.parent,
        )

    def _change(self, record: PlanRecord, by: Principal) -> Change:
        plan, now = record.plan, self.clock.now()
        waits = plan.approvals > len(record.approvals)
        return Change(
            id=f"c{len(self.kept) + 1}",
            plan=plan.id,
            action=plan.aim.action,
            target=plan.aim.target,
            host=plan.aim.host,
            by=by,
            state=State.WAITING if waits else State.READY,
            because="it waits for an approval" if waits else "it may begin",
            created_at=now,
            updated_at=now,
            expires_at=plan.expires_at,
            progress="applied",
            parent=plan.parent,
        )

    def _open(self, plan_id: str) -> PlanRecord:
        self._store()
        if plan_id not in self.records:
            raise UnknownRequest("cannot find this plan: none has its id")
        record = self.records[plan_id]
        late = self.clock.now() >= record.plan.expires_at
        if late or not record.is_open:
            raise PlanOver(
                f"cannot use plan {plan_id}: it is over; make a new one"
            )
        return record

    def _kept(self, record: PlanRecord) -> PlanRecord:
        self.records[record.plan.id] = record
        return record

    def _note(
        self,
        what: str,
        plan: str,
        by: Principal,
        *,
        reason: str = "",
        outcome: str = "",
    ) -> None:
        entry = Entry(
            at=self.clock.now(),
            what=what,
            plan=plan,
            who=by.who,
            trigger=by.trigger,
            because=reason,
            outcome=outcome,
            detail=(("token", by.name),),
        )
        self.chain.append(seal(entry, self.chain[-1] if self.chain else None))

    def _store(self) -> None:
        if self.fails:
            raise self.fails
