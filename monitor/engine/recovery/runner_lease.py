"""The lease of a machine: its lock, kept as long as somebody is there."""

import asyncio
from dataclasses import replace

from monitor.domain.errors import CannotStore, Superseded
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.words import Outcome
from monitor.engine.recovery.runner_kit import Kit, Over, stored
from monitor.ports.recovery import Lock

LASTS = 60.0
"""Seconds that a lock lasts when nobody keeps it."""
BEATS = 10.0
"""Seconds between two times that it is kept: five may fail."""


class Lease:
    """Takes a lock and keeps it until `stop`; it never gives it back.

    The journal does that with the outcome, in one transaction. `lost` says
    why it is not ours any more, empty while it is.
    """

    def __init__(
        self, kit: Kit, change: Change, lock: Lock | None = None
    ) -> None:
        self._kit = kit
        self._change = change
        self._beating: asyncio.Task[None] | None = None
        self.lock = lock
        self.lost = ""
        if lock is not None:
            self._begin()

    @property
    def token(self) -> int:
        """The fencing token, that of the change where it has no lock."""
        return self.lock.token if self.lock else self._change.token

    def held(self) -> Lock:
        """Return the lock. Raises `Over` when it is not ours any more."""
        if self.lock is None or self.lost:
            because = f"the lock was lost, nothing was sent: {self.lost}"
            raise Over(Outcome.REFUSED, because)
        return self.lock

    async def take(self) -> Lock:
        """Take the lock, again with a higher token if it is ours.

        Raises `Superseded` where another change has it, `CannotStore`.
        """
        self.stop()
        self.lock = await stored(
            self._kit.journal.lock(
                self._change.host,
                self._change.id,
                self._kit.owner,
                now=self._kit.clock.now(),
                lasts=LASTS,
            )
        )
        self._begin()
        return self.lock

    def stop(self) -> None:
        """Keep it no longer."""
        if self._beating is not None:
            self._beating.cancel()

    def _begin(self) -> None:
        self._beating = asyncio.create_task(self._beats())

    async def _beats(self) -> None:
        is_ours = True
        while is_ours:
            await asyncio.sleep(BEATS)
            is_ours = await self._beat(self.held())

    async def _beat(self, lock: Lock) -> bool:
        """Keep it; False when it is lost."""
        until = self._kit.clock.now() + LASTS
        try:
            await stored(self._kit.journal.beat(lock, until=until))
        except Superseded as error:
            self.lost = str(error)
            return False
        except CannotStore:
            return True  # it lasts a few beats more
        self.lock = replace(lock, until=until)
        return True
