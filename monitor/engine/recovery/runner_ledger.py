"""The ledger of one change: each step is in the journal before the next."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from monitor.domain.errors import CannotStore, Superseded
from monitor.domain.recovery.change import Change, ended, moved
from monitor.domain.recovery.words import Outcome, State
from monitor.engine.events import ChangeTold, PlanTold
from monitor.engine.recovery.runner_kit import Kit, stored
from monitor.engine.recovery.words_of import of_change
from monitor.ports.recovery import Lock

AGAIN_AFTER = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds between tries to write a step: what was done must not be lost for
a disk that is full for a moment. Later the sweeper takes it up."""


class Ledger:
    """Keeps `change` as the journal has it, as far as we wrote it.

    `again_after` is how long it waits between tries to write, in seconds.
    """

    def __init__(
        self,
        kit: Kit,
        change: Change,
        again_after: Sequence[float] = AGAIN_AFTER,
    ) -> None:
        self.change = change
        self._kit = kit
        self._again_after = again_after

    async def move(self, to: State, because: str, *, owner: str = "") -> None:
        """Go on. Raises `Superseded`, `CannotStore`.

        `owner` takes a change that is nobody's.
        """
        change = moved(self.change, to, because, self._kit.clock.now())
        await self._keep(replace(change, owner=owner or change.owner))

    async def end(self, outcome: Outcome, because: str) -> None:
        """Give it its one outcome. Raises `Superseded`, `CannotStore`."""
        now = self._kit.clock.now()
        await self._keep(ended(self.change, outcome, because, now))

    def locked(self, lock: Lock) -> None:
        """Take note of its fencing token."""
        self.change = replace(self.change, token=lock.token)

    def did(self) -> None:
        """Take note that its machine did it, or tried; kept with what comes.

        Never for what the machine refused.
        """
        self.change = replace(self.change, done=True)

    async def intended(self, change: Change) -> None:
        """Take note of an intent that was written."""
        await self._written(change)

    async def say(self, progress: str) -> None:
        """Tell how it goes on; nothing is lost when that is not kept."""
        if progress == self.change.progress:
            return
        before, now = self.change, self._kit.clock.now()
        self.change = replace(before, progress=progress, updated_at=now)
        self._kit.tell(ChangeTold(change=self.change, before=before.state))
        with suppress(CannotStore):
            journal = self._kit.journal
            await stored(journal.say(before.id, progress, now))

    async def read(self) -> None:
        """Take up what the journal has of it. Raises `CannotStore`."""
        kept = await stored(self._kit.journal.change(self.change.id))
        self.change = kept or self.change

    async def _keep(self, change: Change) -> None:
        waits = [*self._again_after]
        is_kept = await self._is_kept(change, first=True, last=not waits)
        while not is_kept:
            await asyncio.sleep(waits.pop(0))
            is_kept = await self._is_kept(change, last=not waits)
        await self._written(change)

    async def _is_kept(
        self, change: Change, *, first: bool = False, last: bool
    ) -> bool:
        """Try to write; False when another try may help."""
        try:
            await self._write(change)
        except Superseded:
            if first or not await self._has(change):
                raise
        except CannotStore:
            if last:
                raise
            return False
        return True

    async def _write(self, change: Change) -> None:
        what = "outcome" if change.is_over else change.state.value
        entry = of_change(what, change, self._kit.owner, change.updated_at)
        before = self.change
        await stored(
            self._kit.journal.move(
                change, entry, expected=before.state, owner=before.owner
            )
        )

    async def _has(self, change: Change) -> bool:
        """Return whether a try that seemed to fail was written after all."""
        kept = await stored(self._kit.journal.change(change.id))
        return kept is not None and (
            kept.state,
            kept.owner,
            kept.outcome,
            kept.because,
        ) == (change.state, change.owner, change.outcome, change.because)

    async def _written(self, change: Change) -> None:
        before, self.change = self.change, change
        self._kit.tell(ChangeTold(change=change, before=before.state))
        with suppress(CannotStore):
            if change.is_over:
                await self._tell_plan(change.plan)
            await stored(self._kit.herald.written())

    async def _tell_plan(self, plan: str) -> None:
        record = await stored(self._kit.journal.plan(plan))
        if record is not None:
            self._kit.tell(PlanTold(record=record))
