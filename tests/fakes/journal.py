"""A journal in memory, for any number of monitors; it can be full or locked.

`on_write` is called with the name of each write just before it is done and
`written` just after: what they raise is a monitor killed there.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TypeVar

from monitor.domain.errors import CannotStore, Superseded
from monitor.domain.recovery.audit import Entry, Sealed
from monitor.domain.recovery.change import (
    BEFORE_INTENT,
    Change,
)
from monitor.domain.recovery.past import Deed
from monitor.domain.recovery.plan import Approval, Plan, PlanRecord
from monitor.domain.recovery.words import Outcome, State
from monitor.ports.recovery import Captured, Limits, Lock
from tests.fakes.journal_memory import Memory, clean, deed_of, gone, now_is

_T = TypeVar("_T")


class FakeJournal(Memory):
    """Whatever a method does, it does at once and whole."""

    def __init__(self) -> None:
        super().__init__()
        self.full = False
        self.locked: asyncio.Event | None = None
        self.on_write: Callable[[str], None] = lambda _: None
        self.written: Callable[[str], None] = lambda _: None

    async def note(self, entry: Entry) -> None:
        await self._write("note", lambda: self.seal(entry))

    async def keep_plan(self, plan: Plan, entry: Entry) -> None:
        def work() -> None:
            if plan.id in self.records:
                raise gone(f"plan {plan.id} is kept already", "plan")
            self.records[plan.id] = PlanRecord(plan=clean(plan))
            self.seal(entry)

        await self._write("keep_plan", work)

    async def plan(self, plan_id: str) -> PlanRecord | None:
        await self._open()
        return self.records.get(plan_id)

    async def plans(
        self, *, limit: int, only_open: bool = False
    ) -> Sequence[PlanRecord]:
        await self._open()
        newest = reversed(self.records.values())
        return [p for p in newest if p.is_open or not only_open][:limit]

    async def approve(self, approval: Approval, entry: Entry) -> PlanRecord:
        def work() -> PlanRecord:
            record = self.approvable(clean(approval))
            word = (*record.approvals, clean(approval))
            return self.record(replace(record, approvals=word), entry)

        return await self._write("approve", work)

    async def close_plan(
        self, plan_id: str, outcome: Outcome, because: str, entry: Entry
    ) -> PlanRecord:
        def work() -> PlanRecord:
            closed = replace(
                self.open_plan(plan_id),
                outcome=outcome,
                because=clean(because),
            )
            return self.record(closed, entry)

        return await self._write("close_plan", work)

    async def apply(self, change: Change, entry: Entry) -> Change:
        def work() -> Change:
            record = self.open_plan(change.plan)
            if change.id in self.all_changes:
                raise gone(f"change {change.id} is kept already", "plan")
            self.all_changes[change.id] = clean(change)
            self.record(replace(record, change=change.id), entry)
            return self.all_changes[change.id]

        return await self._write("apply", work)

    async def change(self, change_id: str) -> Change | None:
        await self._open()
        return self.all_changes.get(change_id)

    async def changes(
        self,
        *,
        limit: int,
        before: str = "",
        target: str = "",
        only_open: bool = False,
    ) -> Sequence[Change]:
        await self._open()
        ids = list(self.all_changes)
        if before:
            ids = ids[: ids.index(before)] if before in ids else []
        found = [
            one
            for one in (self.all_changes[i] for i in reversed(ids))
            if target in {"", one.target} and not (only_open and one.is_over)
        ]
        return found[:limit]

    async def move(
        self, change: Change, entry: Entry, *, expected: State, owner: str
    ) -> None:
        def work() -> None:
            kept = self.kept_change(change.id)
            if (kept.state, kept.owner) != (expected, owner) or kept.is_over:
                raise gone(now_is(kept), "state")
            self.put(change, kept)
            if change.is_over:
                self.end(change)
            self.seal(entry)

        await self._write("move", work)

    async def say(self, change_id: str, progress: str, now: float) -> None:
        def work() -> None:
            kept = self.all_changes.get(change_id)
            if kept is not None and not kept.is_over:
                self.all_changes[change_id] = replace(
                    kept, progress=clean(progress), updated_at=now
                )

        await self._write("say", work)

    async def ask_to_cancel(
        self, change_id: str, who: str, entry: Entry
    ) -> Change:
        def work() -> Change:
            kept = self.kept_change(change_id)
            if kept.is_over:
                raise gone(now_is(kept), "state")
            asked = kept.cancel_asked_by or clean(who)
            self.all_changes[change_id] = replace(kept, cancel_asked_by=asked)
            self.seal(entry)
            return self.all_changes[change_id]

        return await self._write("ask_to_cancel", work)

    async def lock(
        self,
        host: str,
        change_id: str,
        owner: str,
        *,
        now: float,
        lasts: float,
    ) -> Lock:
        def work() -> Lock:
            held = self.all_locks.get(host)
            if held is not None and (held.change, held.owner) != (
                change_id,
                owner,
            ):
                self.check_lapsed(held, now)
            self.check_not_over(change_id)
            return self.give_lock(host, change_id, owner, now + lasts)

        return await self._write("lock", work)

    async def beat(self, lock: Lock, *, until: float) -> None:
        def work() -> None:
            self.check_ours(lock)
            self.all_locks[lock.host] = replace(lock, until=until)

        await self._write("beat", work)

    async def unlock(self, lock: Lock) -> None:
        def work() -> None:
            with suppress(Superseded):
                self.check_ours(lock)
                del self.all_locks[lock.host]

        await self._write("unlock", work)

    async def locks(self) -> Sequence[Lock]:
        await self._open()
        return sorted(self.all_locks.values(), key=lambda one: one.host)

    async def raise_token(self, above: int, entry: Entry) -> None:
        def work() -> None:
            if above > self.highest:
                self.highest = above
                self.seal(entry)

        await self._write("raise_token", work)

    async def intend(
        self, change: Change, entry: Entry, *, lock: Lock, limits: Limits
    ) -> None:
        def work() -> None:
            kept = self.kept_change(change.id)
            mine = kept.owner == change.owner == lock.owner
            if kept.state not in BEFORE_INTENT or not mine:
                raise gone(now_is(kept), "state")
            held = self.check_ours(lock)
            if (held.host, held.change) != (change.host, change.id):
                raise gone(f"the lock of {held.host} is no help", "lock")
            if held.until <= change.updated_at:
                raise gone(f"the lock of {held.host} ran out", "lock")
            self.check_limits(change, limits)
            self.put(replace(change, token=lock.token), kept)
            self.seal(entry)

        await self._write("intend", work)

    async def take_over(
        self,
        change: Change,
        entry: Entry,
        *,
        lock: Lock | None,
        owner: str,
        until: float,
    ) -> Lock | None:
        """Take it as it was read: with the dead owner, in its state."""

        def work() -> Lock | None:
            kept = self.kept_change(change.id)
            seen = (change.state, change.owner)
            if (kept.state, kept.owner) != seen or kept.is_over:
                raise gone(now_is(kept), "state")
            self.check_dead(kept, lock, entry.at)
            new = lock and self.give_lock(lock.host, kept.id, owner, until)
            token = new.token if new else kept.token
            self.all_changes[kept.id] = replace(
                kept, owner=owner, token=token, updated_at=entry.at
            )
            self.seal(entry)
            return new

        return await self._write("take_over", work)

    async def deeds(self, *, since: float) -> Sequence[Deed]:
        await self._open()
        found = (deed_of(one) for one in self.all_changes.values())
        deeds = [d for d in found if d is not None and d.intent_at >= since]
        return sorted(deeds, key=lambda one: one.intent_at)

    async def capture(self, captured: Captured, entry: Entry) -> None:
        def work() -> None:
            self.all_captured[captured.change] = clean(captured)
            self.seal(entry)

        await self._write("capture", work)

    async def captured(self, change_id: str) -> Captured | None:
        await self._open()
        return self.all_captured.get(change_id)

    async def audit(
        self, *, after: int = 0, limit: int, plan: str = ""
    ) -> Sequence[Sealed]:
        await self._open()
        found = [
            one
            for one in self.chain
            if one.sequence > after and plan in {"", one.entry.plan}
        ]
        return found[:limit]

    async def head(self) -> Sealed | None:
        await self._open()
        return self.chain[-1] if self.chain else None

    async def _open(self) -> None:
        if self.locked is not None:
            await self.locked.wait()
        if self.full:
            raise CannotStore("cannot use the state database: disk full")

    async def _write(self, name: str, work: Callable[[], _T]) -> _T:
        await self._open()
        self.on_write(name)
        done = work()
        self.written(name)
        return done
