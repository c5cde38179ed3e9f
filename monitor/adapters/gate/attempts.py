"""The one session with a gate: made when needed, made again when lost."""

import asyncio
from collections.abc import Awaitable, Callable

from monitor.adapters.gate import flaws
from monitor.adapters.gate.greet import NoGate
from monitor.adapters.gate.session import Session
from monitor.adapters.ssh.backoff import BackOff
from monitor.adapters.ssh.deadline import Deadline
from monitor.domain.errors import CannotReach
from monitor.ports import Clock

LOOK_AGAIN = 600.0
"""Seconds until we look again whether a host without Python has some."""

OPENING = 15.0
"""Seconds for a connection, slow login files, Python and a greeting."""

Open = Callable[[Deadline], Awaitable[Session | NoGate]]


class Attempts:
    """Keeps a session, or the reason why there is none.

    After a failure of the gate itself the next attempt waits, longer each
    time; while the host cannot be reached the connection does that, and
    `is_up` tells which it was.
    """

    def __init__(
        self,
        where: str,
        opens: Open,
        clock: Clock,
        chance: Callable[[], float],
        is_up: Callable[[], bool],
    ) -> None:
        self._where = where
        self._opens = opens
        self._is_up = is_up
        self._clock = clock
        self._backoff = BackOff(chance)
        self._failure: CannotReach | None = None
        self._found: Session | NoGate | None = None
        self._found_at = 0.0
        self._attempt: asyncio.Task[Session | NoGate] | None = None
        self._is_closed = False

    async def session(self, deadline: Deadline) -> Session | NoGate:
        """Return what there is; wait for the one that is being made.

        Raises `CannotReach`.
        """
        if usable := self._usable():
            return usable
        attempt = self._attempt or self._begin()
        await asyncio.wait({attempt}, timeout=deadline.remaining())
        if attempt.done() and not attempt.cancelled():
            return attempt.result()
        raise flaws.silent(
            self._where, deadline.within, "it is still being started"
        )

    async def close(self) -> None:
        """End the session, also one that is being made."""
        self._is_closed = True
        if attempt := self._attempt:
            attempt.cancel()
            await asyncio.wait({attempt})
        if isinstance(self._found, Session):
            await self._found.close()

    def _usable(self) -> Session | NoGate | None:
        found = self._found
        if isinstance(found, NoGate):
            age = self._clock.monotonic() - self._found_at
            return found if age < LOOK_AGAIN else None
        return found if found and found.is_open else None

    def _begin(self) -> asyncio.Task[Session | NoGate]:
        if self._is_closed:
            raise flaws.ended(self._where, "the monitor has closed it")
        self._judge_last()
        wait = self._backoff.remaining(self._clock.monotonic())
        if wait and self._failure:
            raise CannotReach(
                f"{self._failure} (next try in {wait:.0f} s)",
                reason=self._failure.reason,
            )
        self._attempt = asyncio.create_task(self._open())
        self._attempt.add_done_callback(self._ended)
        return self._attempt

    def _judge_last(self) -> None:
        """Count a session that ended before it answered as a failure."""
        last, self._found = self._found, None
        if not isinstance(last, Session):
            return
        if last.has_answered:
            self._backoff.worked()
        elif last.failure:
            self._failed(last.failure)

    def _failed(self, failure: CannotReach) -> None:
        self._failure = failure
        self._backoff.failed(self._clock.monotonic())

    def _ended(self, attempt: asyncio.Task[Session | NoGate]) -> None:
        self._attempt = None
        if not attempt.cancelled():
            attempt.exception()  # heard, also when nobody waits any more

    async def _open(self) -> Session | NoGate:
        try:
            found = await self._opens(Deadline(OPENING))
        except CannotReach as failure:
            if self._is_up():
                self._failed(failure)
            raise
        self._found = found
        self._found_at = self._clock.monotonic()
        return found
