"""What the journal in memory holds, and what must be so to change it."""

from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import TypeVar

from monitor.domain.errors import Superseded
from monitor.domain.recovery.audit import Entry, Sealed, seal
from monitor.domain.recovery.change import AFTER_INTENT, Change
from monitor.domain.recovery.past import Deed
from monitor.domain.recovery.plan import Approval, PlanRecord
from monitor.domain.recovery.words import Outcome, State
from monitor.ports.recovery import Captured, Limits, Lock

_T = TypeVar("_T")


class Memory:
    """Everything kept in dictionaries, oldest first."""

    def __init__(self) -> None:
        self.records: dict[str, PlanRecord] = {}
        self.all_changes: dict[str, Change] = {}
        self.all_locks: dict[str, Lock] = {}
        self.all_captured: dict[str, Captured] = {}
        self.chain: list[Sealed] = []
        self.highest = 0

    def seal(self, entry: Entry) -> None:
        last = self.chain[-1] if self.chain else None
        self.chain.append(seal(clean(entry), last))

    def record(self, record: PlanRecord, entry: Entry) -> PlanRecord:
        self.records[record.plan.id] = record
        self.seal(entry)
        return record

    def open_plan(self, plan_id: str) -> PlanRecord:
        record = self.records.get(plan_id)
        if record is None or not record.is_open:
            raise gone(f"plan {plan_id} is not open any more", "plan")
        return record

    def approvable(self, approval: Approval) -> PlanRecord:
        record = self.records.get(approval.plan)
        if record is None or record.outcome is not None:
            raise gone(f"plan {approval.plan} is not open any more", "plan")
        if record.change:
            change = self.all_changes[record.change]
            if change.state is not State.WAITING:
                raise gone(now_is(change), "plan")
        if approval.digest != record.plan.digest:
            raise gone(f"plan {approval.plan} is another one", "plan")
        if approval.by.who in {one.by.who for one in record.approvals}:
            raise gone(f"{approval.by.who} approved it already", "person")
        return record

    def kept_change(self, change_id: str) -> Change:
        kept = self.all_changes.get(change_id)
        if kept is None:
            raise gone(f"change {change_id} is not kept", "state")
        return kept

    def put(self, change: Change, kept: Change) -> None:
        asked = change.cancel_asked_by or kept.cancel_asked_by
        one = clean(replace(change, cancel_asked_by=asked))
        self.all_changes[change.id] = one

    def end(self, change: Change) -> None:
        record = self.records[change.plan]
        self.records[change.plan] = replace(
            record, outcome=change.outcome, because=clean(change.because)
        )
        for lock in list(self.all_locks.values()):
            if lock.change == change.id:
                del self.all_locks[lock.host]

    def check_not_over(self, change_id: str) -> None:
        change = self.all_changes.get(change_id)
        if change is not None and change.is_over:
            raise gone(now_is(change), "state")

    def check_lapsed(self, held: Lock, now: float) -> None:
        change = self.all_changes.get(held.change)
        if held.until > now or (change is not None and not change.is_over):
            raise gone(
                f"change {held.change} of {held.owner} holds the lock of"
                f" {held.host}",
                "lock",
            )

    def check_ours(self, lock: Lock) -> Lock:
        held = self.all_locks.get(lock.host)
        if held is None or replace(held, until=lock.until) != lock:
            raise gone(f"the lock of {lock.host} is not ours now", "lock")
        return held

    def check_dead(self, kept: Change, lock: Lock | None, at: float) -> None:
        held = next(
            (o for o in self.all_locks.values() if o.change == kept.id), None
        )
        if held != lock:
            raise gone(f"the lock of change {kept.id} changed", "lock")
        if lock is not None and lock.until > at:
            raise gone(f"the lock of {lock.host} has not run out", "lock")

    def give_lock(
        self, host: str, change_id: str, owner: str, until: float
    ) -> Lock:
        self.highest += 1
        self.all_locks[host] = Lock(
            host=host,
            change=change_id,
            owner=owner,
            token=self.highest,
            until=until,
        )
        return self.all_locks[host]

    def check_limits(self, change: Change, limits: Limits) -> None:
        tried = [
            one
            for one in self.all_changes.values()
            if one.target == change.target and one.intent_at is not None
        ]
        same = [one for one in tried if one.action == change.action]
        spent = sum(_since(one, limits.since) for one in same)
        if limits.most is not None and spent >= limits.most:
            raise gone(f"{spent} of {limits.most} are spent", "budget")
        quiet = limits.quiet_since
        counted = [one for one in tried if not _is_rung_below(one, limits)]
        if quiet is not None and any(_since(one, quiet) for one in counted):
            raise gone(f"{change.target} is cooling down", "cooldown")
        under_way = [o for o in self.all_changes.values() if _acts(o)]
        if limits.at_once is not None and len(under_way) >= limits.at_once:
            raise gone(f"{len(under_way)} are under way", "at_once")


def clean(value: _T) -> _T:
    """Return a value as a database gives it back: no lone surrogates."""
    return _clean(value)  # type: ignore[return-value] # same type, by build


def _clean(value: object) -> object:
    if isinstance(value, str) and not isinstance(value, Enum):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, tuple):
        return tuple(map(_clean, value))
    if is_dataclass(value) and not isinstance(value, type):
        names = [one.name for one in fields(value)]
        return replace(value, **{n: _clean(getattr(value, n)) for n in names})
    return value


def _since(change: Change, began: float) -> bool:
    return change.intent_at is not None and change.intent_at >= began


def _is_rung_below(change: Change, limits: Limits) -> bool:
    """Tell a rung of the same climb that was done and did not help."""
    same = limits.climbs != "" and change.parent == clean(limits.climbs)
    over = change.outcome in {Outcome.FAILED, Outcome.GAVE_UP}
    return same and change.done and over


def _acts(change: Change) -> bool:
    return change.state in AFTER_INTENT


def deed_of(change: Change) -> Deed | None:
    if change.intent_at is None:
        return None
    return Deed(
        change=change.id,
        action=change.action,
        target=change.target,
        intent_at=change.intent_at,
        outcome=change.outcome,
        ended_at=change.updated_at if change.is_over else None,
        done=change.done,
        parent=change.parent,
    )


def now_is(change: Change) -> str:
    return (
        f"change {change.id} is {change.state.value} and belongs to"
        f" {change.owner or 'nobody'}"
    )


def gone(because: str, reason: str) -> Superseded:
    return Superseded(f"cannot go on: {because}", reason=reason)
