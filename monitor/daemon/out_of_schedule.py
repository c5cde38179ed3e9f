"""Looks out of schedule, for those who are about to act."""

import asyncio
from collections.abc import Sequence

from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.engine.board import Board
from monitor.engine.canary_gate import CANARY
from monitor.engine.check import Check
from monitor.engine.watch import Watch

_SLACK = 2.0
_BATCH = "canary.batch"


class OutOfSchedule:
    """Takes looks now, which count as any other look does."""

    def __init__(self, board: Board, watch: Watch) -> None:
        self._board = board
        self._watch = watch

    async def look(self, key: CheckKey) -> Observation | None:
        """Look once; None for no such check, or where none came in time.

        A look that is under way began before there was a reason to look:
        the next one is taken after it.
        """
        entry = self._board.find(key)
        if entry is None:
            return None
        within = 2 * entry.check.deadline + _SLACK
        try:
            async with asyncio.timeout(within):
                return await self._taken(key)
        except TimeoutError:
            return None

    def canaries(self, target: str) -> Sequence[Check]:
        """Return the canaries that prove a server, as configured.

        A batch goes through the backend: it proves that one, too.
        """
        return [
            entry.check
            for entry in self._board.checks_of(Kind.TARGET, target)
            if entry.check.kind == CANARY and entry.check.key.check != _BATCH
        ]

    async def _taken(self, key: CheckKey) -> Observation | None:
        """Look; None where the check is gone, or the watch ends.

        A turn may be taken away: by another look that was faster, or by a
        reload, after which the check under this key is another one.
        """
        while not self._watch.is_stopping:
            await self._watch.is_over(key)
            entry = self._board.find(key)
            if entry is None:
                return None
            looked = await self._watch.turn(entry.check)
            if looked is not None:
                return looked.seen
            await asyncio.sleep(0)  # no time limit ends what never waits
        return None
