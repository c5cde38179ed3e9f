"""`monitor.ports.recovery.Journal` in the state database."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa

from monitor.adapters.store import (
    journal_audit,
    journal_changes,
    journal_intents,
    journal_locks,
    journal_plans,
    journal_trim,
)
from monitor.adapters.store.errors import telling
from monitor.adapters.store.lane import Lane
from monitor.domain.errors import CannotStore
from monitor.domain.recovery.audit import Entry, Sealed
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.past import Deed
from monitor.domain.recovery.plan import Approval, Plan, PlanRecord
from monitor.domain.recovery.words import Outcome, State
from monitor.ports.recovery import Captured, Limits, Lock

TEXT_LIMIT = 1_048_576
"""Characters of what is captured for one change."""
_T = TypeVar("_T")
_Work = Callable[[sa.Connection], _T]


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The file and how it is reached.

    `durable` begins as a writer and waits for the disk at each commit.
    """

    path: Path
    durable: sa.Engine
    reader: sa.Engine
    writes: Lane
    reads: Lane


class SqliteJournal:
    """Each method is one transaction, and on the disk when it returns.

    A writer begins with BEGIN IMMEDIATE: of two monitors on one file the
    second waits, at most `engine.BUSY_WAIT`, and then sees what the first
    did. A row that cannot be read is an error that names it.
    """

    def __init__(self, access: Access) -> None:
        self._access = access

    async def note(self, entry: Entry) -> None:
        """Write an audit entry alone."""
        await self._write(lambda _: None, entry)

    async def keep_plan(self, plan: Plan, entry: Entry) -> None:
        """Keep a plan that may be applied."""
        await self._write(lambda db: journal_plans.keep(db, plan), entry)

    async def plan(self, plan_id: str) -> PlanRecord | None:
        """Return a plan, None for one that was never kept."""
        return await self._read(lambda db: journal_plans.one(db, plan_id))

    async def plans(
        self, *, limit: int, only_open: bool = False
    ) -> Sequence[PlanRecord]:
        """Return plans, newest first."""
        return await self._read(
            lambda db: journal_plans.newest(db, limit, only_open=only_open)
        )

    async def approve(self, approval: Approval, entry: Entry) -> PlanRecord:
        """Keep a person's approval of an open plan."""
        return await self._write(
            lambda db: journal_plans.approve(db, approval), entry
        )

    async def close_plan(
        self, plan_id: str, outcome: Outcome, because: str, entry: Entry
    ) -> PlanRecord:
        """Close a plan that was not applied."""

        def work(db: sa.Connection) -> PlanRecord:
            closed = journal_plans.close(db, plan_id, outcome, because)
            journal_trim.trim_plans(db)
            return closed

        return await self._write(work, entry)

    async def apply(self, change: Change, entry: Entry) -> Change:
        """Keep the one change of an open plan."""
        return await self._write(
            lambda db: journal_changes.apply(db, change), entry
        )

    async def change(self, change_id: str) -> Change | None:
        """Return a change, None for one that was never kept."""
        return await self._read(lambda db: journal_changes.one(db, change_id))

    async def changes(
        self,
        *,
        limit: int,
        before: str = "",
        target: str = "",
        only_open: bool = False,
    ) -> Sequence[Change]:
        """Return changes, newest first."""
        return await self._read(
            lambda db: journal_changes.newest(
                db, limit, before, target, only_open=only_open
            )
        )

    async def move(
        self, change: Change, entry: Entry, *, expected: State, owner: str
    ) -> None:
        """Keep a change in its next state, with its outcome in the last."""

        def work(db: sa.Connection) -> None:
            journal_changes.move(db, change, expected, owner)
            if change.is_over:
                journal_trim.trim_changes(db, change.updated_at)

        await self._write(work, entry)

    async def say(self, change_id: str, progress: str, now: float) -> None:
        """Keep a sentence about how a change goes on."""
        await self._write(
            lambda db: journal_changes.say(db, change_id, progress, now)
        )

    async def ask_to_cancel(
        self, change_id: str, who: str, entry: Entry
    ) -> Change:
        """Note that somebody wants a change stopped; return it."""
        return await self._write(
            lambda db: journal_changes.ask_to_cancel(db, change_id, who), entry
        )

    async def lock(
        self,
        host: str,
        change_id: str,
        owner: str,
        *,
        now: float,
        lasts: float,
    ) -> Lock:
        """Take the lock of a machine, with a new fencing token."""
        wanted = _lock(host, change_id, owner, now + lasts)
        return await self._write(
            lambda db: journal_locks.take(db, wanted, now)
        )

    async def beat(self, lock: Lock, *, until: float) -> None:
        """Keep a lock for longer."""
        await self._write(lambda db: journal_locks.beat(db, lock, until))

    async def unlock(self, lock: Lock) -> None:
        """Give a lock back; one that is not ours any more is no error."""
        await self._write(lambda db: journal_locks.unlock(db, lock))

    async def locks(self) -> Sequence[Lock]:
        """Return all locks, those that ran out too."""
        return await self._read(journal_locks.all_of_them)

    async def raise_token(self, above: int, entry: Entry) -> None:
        """Give out only fencing tokens above this one from now on.

        Where that was so already nothing is written.
        """

        def work(db: sa.Connection) -> None:
            if journal_locks.raise_to(db, above):
                journal_audit.note(db, entry)

        await self._write(work)

    async def intend(
        self, change: Change, entry: Entry, *, lock: Lock, limits: Limits
    ) -> None:
        """Write that a change is about to be done, before it is."""
        await self._write(
            lambda db: journal_intents.intend(db, change, lock, limits), entry
        )

    async def take_over(
        self,
        change: Change,
        entry: Entry,
        *,
        lock: Lock | None,
        owner: str,
        until: float,
    ) -> Lock | None:
        """Make a change ours whose owner's lock has run out.

        `change` is as it was read: with its state and the dead owner.
        """
        new = _lock(lock.host if lock else "", change.id, owner, until)
        return await self._write(
            lambda db: journal_intents.take_over(
                db, change, lock, new, entry.at
            ),
            entry,
        )

    async def deeds(self, *, since: float) -> Sequence[Deed]:
        """Return what was intended since a Unix time, oldest first."""
        return await self._read(lambda db: journal_changes.deeds(db, since))

    async def capture(self, captured: Captured, entry: Entry) -> None:
        """Keep what was known before the first effect, of the newest changes.

        Raises `CannotStore` also for a text that is too long.
        """

        def work(db: sa.Connection) -> None:
            journal_changes.capture(db, captured)
            journal_trim.trim_captures(db)

        if len(captured.text) > TEXT_LIMIT:
            raise CannotStore(
                f"cannot keep {len(captured.text)} characters of what is known"
                f" before change {captured.change}; {TEXT_LIMIT} is the most,"
                " leave lines of logs out"
            )
        await self._write(work, entry)

    async def captured(self, change_id: str) -> Captured | None:
        """Return what was captured for a change."""
        return await self._read(
            lambda db: journal_changes.captured(db, change_id)
        )

    async def audit(
        self, *, after: int = 0, limit: int, plan: str = ""
    ) -> Sequence[Sealed]:
        """Return the audit, oldest first, of one request or of all."""
        return await self._read(
            lambda db: journal_audit.entries(db, after, limit, plan)
        )

    async def head(self) -> Sealed | None:
        """Return the newest audit entry."""
        return await self._read(journal_audit.head)

    async def _write(self, work: _Work[_T], entry: Entry | None = None) -> _T:
        def write() -> _T:
            with self._access.durable.begin() as db:
                done = work(db)
                if entry is not None:
                    journal_audit.note(db, entry)
                return done

        with telling("write", self._access.path):
            return await self._access.writes.run(write)

    async def _read(self, work: _Work[_T]) -> _T:
        def read() -> _T:
            with self._access.reader.begin() as db:
                return work(db)

        with telling("read", self._access.path):
            return await self._access.reads.run(read)


def _lock(host: str, change: str, owner: str, until: float) -> Lock:
    """Return a lock as it is asked for, before its token."""
    return Lock(host=host, change=change, owner=owner, token=0, until=until)
