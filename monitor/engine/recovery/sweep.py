"""The sweeper: no change stays without an outcome when its owner is gone.

It reads the journal back before anything new is done, and every few seconds
from then on. It never acts: what may have been sent is looked for.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

from monitor.domain.errors import CannotStore, Superseded
from monitor.domain.machine.clocks import stamp
from monitor.domain.observation import CheckKey, Kind
from monitor.domain.recovery.audit import Entry
from monitor.domain.recovery.change import BEFORE_INTENT, Change
from monitor.domain.recovery.plan import PlanRecord
from monitor.domain.recovery.words import Outcome, State, Trigger
from monitor.engine.events import Broke, Forgot
from monitor.engine.recovery.climb_closing import close_open, close_rungs
from monitor.engine.recovery.desk_people import is_agreed
from monitor.engine.recovery.runner import Runner
from monitor.engine.recovery.runner_kit import Kit, stored
from monitor.engine.recovery.runner_lease import LASTS
from monitor.engine.recovery.runner_ledger import Ledger
from monitor.engine.recovery.sweep_life import SignsOfLife
from monitor.engine.recovery.words_of import of_change
from monitor.ports.recovery import Lock

SWEEPS_EVERY = 5.0
"""Seconds between two sweeps, for whoever schedules them."""
MOST = 1_000
"""Open changes, and open plans, that one sweep looks at."""
_KEY = CheckKey(kind=Kind.MONITOR, subject="monitor", check="recovery")


class Sweeper:
    """Ends what a dead monitor left, ours of before a restart too."""

    def __init__(self, kit: Kit, runner: Runner) -> None:
        self._kit = kit
        self._runner = runner
        self._life = SignsOfLife(kit.clock)

    async def sweep(self) -> None:
        """Go through everything once.

        What fails is told and tried again the next time; it keeps nobody
        else waiting.
        """
        async with self._told():
            journal = self._kit.journal
            locks = await stored(journal.locks())
            changes = await stored(journal.changes(limit=MOST, only_open=True))
            held = {one.change: one for one in locks}
            self._life.saw(changes, held)
            for change in changes:
                async with self._told():
                    await self._change(change, held.get(change.id))
            for lock in locks:
                async with self._told():
                    await self._lock(lock, {one.id: one for one in changes})
            await self._plans()

    @asynccontextmanager
    async def _told(self) -> AsyncIterator[None]:
        """Let the rest go on; somebody else may have been faster."""
        try:
            yield
        except Superseded:
            return
        except CannotStore as error:
            self._kit.tell(Forgot(key=_KEY, because=str(error)))
        except Exception as error:  # noqa: BLE001 - told, and tried again
            self._kit.tell(Broke(key=_KEY, error=error))

    async def _change(self, change: Change, lock: Lock | None) -> None:
        if self._runner.carries(change.id):
            return
        if change.state is State.WAITING:
            await self._waiting(change)
        elif not self._life.is_gone(change, lock):
            return
        elif change.state in BEFORE_INTENT:
            await self._interrupt(change, "no effect was sent")
        elif change.state is State.CLIMBING:
            await self._interrupt(change, "nobody climbs on")
        elif not self._runner.is_full:
            await self._take_over(change, lock)

    async def _interrupt(self, change: Change, told: str) -> None:
        """End what a dead monitor left, with the plans of its rungs."""
        because = f"its monitor ({change.owner}) is gone; {told}"
        ledger = Ledger(self._kit, change, ())
        await ledger.end(Outcome.INTERRUPTED, because)
        await close_rungs(self._kit, change.id, because)

    async def _waiting(self, change: Change) -> None:
        """Begin what has its approvals; end what nobody approved in time."""
        record = await stored(self._kit.journal.plan(change.plan))
        now = self._kit.clock.now()
        if now >= change.expires_at:
            because = f"too few approved it by {stamp(change.expires_at)}"
            await Ledger(self._kit, change, ()).end(Outcome.EXPIRED, because)
        elif record is not None and is_agreed(record):
            self._runner.wake(change.id)

    async def _take_over(self, change: Change, lock: Lock | None) -> None:
        """Make ours what may have been sent, to find out what became."""
        kit, now = self._kit, self._kit.clock.now()
        if lock is not None and lock.until > now:
            await stored(kit.journal.beat(lock, until=now))
            lock = replace(lock, until=now)
        because = f"taken over from {change.owner}, which is gone"
        entry = of_change(
            "unknown", replace(change, because=because), kit.owner, now
        )
        taken = await stored(
            kit.journal.take_over(
                change, entry, lock=lock, owner=kit.owner, until=now + LASTS
            )
        )
        token = taken.token if taken else change.token
        ours = replace(change, owner=kit.owner, token=token, updated_at=now)
        self._runner.adopt(ours, taken)
        await stored(kit.herald.written())

    async def _lock(self, lock: Lock, changes: Mapping[str, Change]) -> None:
        """Give back a lock whose change is over, or was never kept."""
        if lock.change in changes or not self._life.has_lapsed(lock):
            return
        change = await stored(self._kit.journal.change(lock.change))
        if change is not None and not change.is_over:
            return
        await stored(self._kit.journal.note(self._reaped(lock, change)))
        await stored(self._kit.journal.unlock(lock))
        await stored(self._kit.herald.written())

    def _reaped(self, lock: Lock, change: Change | None) -> Entry:
        now = self._kit.clock.now()
        because = (
            f"gave the lock of {lock.host} back, which ran out at"
            f" {stamp(lock.until)}: change {lock.change} of {lock.owner} is"
            " over"
        )
        if change is not None:
            told = replace(change, because=because, outcome=None)
            return of_change("reaped", told, self._kit.owner, now)
        return Entry(
            at=now,
            what="reaped",
            plan="",
            who=self._kit.owner,
            host=lock.host,
            change=lock.change,
            trigger=Trigger.AUTOMATION.value,
            because=because,
        )

    async def _plans(self) -> None:
        """Close what nobody applied in time, and rungs of what is over."""
        plans = await stored(
            self._kit.journal.plans(limit=MOST, only_open=True)
        )
        now = self._kit.clock.now()
        for record in plans:
            async with self._told():
                await self._plan(record, now)

    async def _plan(self, record: PlanRecord, now: float) -> None:
        plan, outcome, because = record.plan, Outcome.PLANNED_ONLY, ""
        if now >= plan.expires_at:
            because = f"nobody applied it by {stamp(plan.expires_at)}"
        elif plan.parent and await self._is_over(plan.parent):
            outcome = Outcome.CANCELLED
            because = f"the recover {plan.parent} whose rung it was is over"
        if because:
            await close_open(self._kit, record, outcome, because)

    async def _is_over(self, change_id: str) -> bool:
        change = await stored(self._kit.journal.change(change_id))
        return change is not None and change.is_over
