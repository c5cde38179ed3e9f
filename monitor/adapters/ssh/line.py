"""The one connection to a host: made when needed, made again when lost."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Literal

from monitor.adapters.ssh.backoff import BackOff
from monitor.adapters.ssh.connect import connect
from monitor.adapters.ssh.connection import Connection
from monitor.adapters.ssh.deadline import Deadline
from monitor.adapters.ssh.dial import Lifeline
from monitor.adapters.ssh.settings import SshSettings
from monitor.adapters.ssh.workers import GRACE, Workers
from monitor.domain.errors import CannotReach
from monitor.ports import Clock

State = Literal["connected", "connecting", "down"]


class Line:
    """Keeps one connection, or the reason why there is none."""

    def __init__(
        self,
        name: str,
        settings: SshSettings,
        clock: Clock,
        workers: Workers,
        chance: Callable[[], float],
    ) -> None:
        self._name = name
        self._settings = settings
        self._clock = clock
        self._workers = workers
        self._backoff = BackOff(chance)
        self._connection: Connection | None = None
        self._attempt: asyncio.Task[Connection] | None = None
        self._lifeline = Lifeline()
        self._failure: CannotReach | None = None
        self._is_closed = False

    @property
    def state(self) -> State:
        """Return what there is now."""
        if self._attempt:
            return "connecting"
        return "connected" if self._usable() else "down"

    async def connection(self, deadline: Deadline) -> Connection:
        """Return the connection; wait for the one that is being made.

        Raises `CannotReach`: at once after a failed attempt, until it is
        time for the next.
        """
        if usable := self._usable():
            return usable
        attempt = self._attempt or self._begin()
        await asyncio.wait({attempt}, timeout=deadline.remaining())
        if attempt.done():
            return attempt.result()
        raise CannotReach(
            f"cannot reach host '{self._name}' ({self._settings.place}) "
            f"within {deadline.within:g} s: it is still being connected to",
            reason="timeout",
        )

    async def close(self) -> None:
        """End the connection, also one that is being made."""
        self._is_closed = True
        self._lifeline.cut()
        if self._attempt:
            await asyncio.wait({self._attempt}, timeout=GRACE)
        if self._attempt:
            self._attempt.cancel()
        await self._drop()

    def _usable(self) -> Connection | None:
        there = self._connection
        return there if there and there.is_alive else None

    def _begin(self) -> asyncio.Task[Connection]:
        if self._is_closed:
            raise CannotReach(
                f"cannot use host '{self._name}': the monitor has closed "
                "its connection; it is stopping or was reconfigured",
                reason="closed",
            )
        wait = self._backoff.remaining(self._clock.monotonic())
        if wait and self._failure:
            raise CannotReach(
                f"{self._failure} (next try in {wait:.0f} s)",
                reason=self._failure.reason,
            )
        self._attempt = asyncio.create_task(self._connect())
        self._attempt.add_done_callback(self._ended)
        return self._attempt

    def _ended(self, attempt: asyncio.Task[Connection]) -> None:
        self._attempt = None
        if not attempt.cancelled():
            attempt.exception()  # heard, also when nobody waits any more

    async def _connect(self) -> Connection:
        await self._drop()
        deadline = Deadline(self._settings.connect_timeout)
        self._lifeline = Lifeline()
        errand = partial(
            connect, self._name, self._settings, deadline, self._lifeline
        )
        future = self._workers.start(errand, deadline, self._lifeline.cut)
        try:
            self._connection = await future
        except CannotReach as failure:
            self._failure = failure
            self._backoff.failed(self._clock.monotonic())
            raise
        self._backoff.worked()
        return self._connection

    async def _drop(self) -> None:
        old, self._connection = self._connection, None
        if old:
            await self._workers.start(old.close, Deadline(GRACE), old.cut)
