"""A journal that takes its time, so that others come in between.

It notes what was intended as it was written, by the clock nobody sets.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from typing_extensions import override

from monitor.domain.recovery.audit import Entry
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.plan import Plan
from monitor.domain.recovery.words import State
from monitor.ports import Clock
from monitor.ports.recovery import Limits, Lock
from tests.fakes.journal import FakeJournal

TAKES = 0.01
"""Seconds of every use of it."""


@dataclass(frozen=True, kw_only=True)
class Intended:
    """An intent, and how things were as it became durable."""

    change: Change
    at: float
    token: int


class SlowJournal(FakeJournal):
    """`witness` hears of every intent, and `kept` of every plan, at once.

    `robbed` are changes whose lock another one got before they were over,
    `ended_at` is when each was over, by the clock nobody sets.
    """

    def __init__(
        self,
        clock: Clock,
        witness: Callable[[Intended], None],
        kept: Callable[[Plan], None],
    ) -> None:
        super().__init__()
        self._clock = clock
        self._witness = witness
        self._kept = kept
        self.robbed: list[str] = []
        self.ended_at: dict[str, float] = {}

    @override
    async def _open(self) -> None:
        await asyncio.sleep(TAKES)
        await super()._open()

    @override
    async def lock(
        self,
        host: str,
        change_id: str,
        owner: str,
        *,
        now: float,
        lasts: float,
    ) -> Lock:
        held = dict(self.all_locks)
        lock = await super().lock(host, change_id, owner, now=now, lasts=lasts)
        before = held.get(host)
        if before is not None and before.change != change_id:
            is_over = self.all_changes[before.change].is_over
            self.robbed += [] if is_over else [before.change]
        return lock

    @override
    async def keep_plan(self, plan: Plan, entry: Entry) -> None:
        await super().keep_plan(plan, entry)
        self._kept(plan)

    @override
    async def move(
        self, change: Change, entry: Entry, *, expected: State, owner: str
    ) -> None:
        await super().move(change, entry, expected=expected, owner=owner)
        if change.is_over:
            self.ended_at[change.id] = self._clock.monotonic()

    @override
    async def intend(
        self, change: Change, entry: Entry, *, lock: Lock, limits: Limits
    ) -> None:
        await super().intend(change, entry, lock=lock, limits=limits)
        now = self._clock.monotonic()
        self._witness(Intended(change=change, at=now, token=lock.token))
