"""The ledger of a climb: its rungs are in the audit, and it shows life.

A `recover` has no lock that would tell that somebody carries it.
"""

import asyncio
from contextlib import suppress
from dataclasses import replace

from typing_extensions import override

from monitor.domain.errors import CannotStore
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.words import Action
from monitor.engine.recovery.runner_kit import Kit, stored
from monitor.engine.recovery.runner_ledger import Ledger
from monitor.engine.recovery.words_of import Detail, of_change

BEATS = 5.0
"""Seconds between two signs of life: far below what a dead one is given
(`runner_lease.LASTS`)."""


class ClimbLedger(Ledger):
    """Keeps a `recover` that climbs, as the journal has it."""

    def __init__(self, kit: Kit, change: Change) -> None:
        super().__init__(kit, change)
        self._doors = kit
        self._detail: Detail = ()

    async def rung(
        self,
        action: Action,
        because: str,
        detail: Detail = (),
        *,
        sent: bool = False,
    ) -> None:
        """Audit what became of a rung. Raises `Superseded`, `CannotStore`.

        `sent`: its intent was written, which the change tells from now on.
        """
        self._detail = (("rung", action.value), *detail)
        now = self._doors.clock.now()
        await self._keep(
            replace(
                self.change,
                because=because,
                progress=because,
                updated_at=now,
                done=self.change.done or sent,
            )
        )

    async def cancelled_by(self) -> str:
        """Return who wants it stopped, empty for nobody.

        What cannot be read just now is read soon.
        """
        with suppress(CannotStore):
            journal = self._doors.journal
            kept = await stored(journal.change(self.change.id))
            asked = kept.cancel_asked_by if kept else ""
            self.change = replace(self.change, cancel_asked_by=asked)
        return self.change.cancel_asked_by

    async def beats(self) -> None:
        """Show life until it is cancelled; a few that are lost are no harm."""
        while True:
            await asyncio.sleep(BEATS)
            change, now = self.change, self._doors.clock.now()
            with suppress(CannotStore):
                journal = self._doors.journal
                await stored(journal.say(change.id, change.progress, now))

    @override
    async def _write(self, change: Change) -> None:
        if change.state is not self.change.state:
            await super()._write(change)
            return
        kit = self._doors
        entry = of_change(
            "rung", change, kit.owner, change.updated_at, detail=self._detail
        )
        await stored(
            kit.journal.move(
                change, entry, expected=change.state, owner=change.owner
            )
        )
