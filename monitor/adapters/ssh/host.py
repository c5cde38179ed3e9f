"""A machine that we run commands on, over one SSH connection."""

import asyncio
import random
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from monitor.adapters.ssh.command import execute
from monitor.adapters.ssh.connection import Connection, Dropped
from monitor.adapters.ssh.deadline import Deadline
from monitor.adapters.ssh.line import Line, State
from monitor.adapters.ssh.opening import Opening
from monitor.adapters.ssh.settings import SshSettings
from monitor.adapters.ssh.stream import Stream
from monitor.adapters.ssh.workers import Workers
from monitor.domain.errors import CannotReach
from monitor.ports import Clock, Ran

Result = TypeVar("Result")
Errand = Callable[[Connection, Deadline], Result]

CHANNELS = 4
"""Channels in flight on a connection.

sshd allows 10 (MaxSessions) and gives a place back late (facts/gpu.md §6).
"""

SPARE = 4
"""Threads beside those: one connects, one may still look up a name, and two
serve a stream, each for a moment."""


class SshHost:
    """One host, as `monitor.ports.Shell`.

    Connects when it is first needed, and again after a failure, with
    pauses that grow. `chance` returns 0 to 1.
    """

    def __init__(
        self,
        name: str,
        settings: SshSettings,
        clock: Clock,
        *,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.name = name
        self.where = f"host '{name}' ({settings.place})"
        self.user = settings.user
        self._clock = clock
        self._workers = Workers(name, CHANNELS + SPARE)
        self._line = Line(name, settings, clock, self._workers, chance)
        self._channels = asyncio.Semaphore(CHANNELS)

    @property
    def state(self) -> State:
        """Return `connected`, `connecting` or `down`."""
        return self._line.state

    async def run(self, script: str, *, within: float) -> Ran:
        """Run one of our own constant scripts with `/bin/sh`.

        Raises `CannotReach` when the host cannot be reached, refuses us,
        prints too much or does not finish within `within` seconds.
        """

        def errand(connection: Connection, deadline: Deadline) -> Ran:
            return execute(connection, script, self._clock, deadline)

        return await self.use(errand, within=within)

    async def use(self, errand: Errand[Result], *, within: float) -> Result:
        """Run a blocking errand, which uses one channel, in a thread.

        A connection that was lost while idle is made again once.
        """
        return await self._retry(errand, within, self._channels)

    async def stream(self, command: str, *, within: float) -> Stream:
        """Start one of our own constant commands and keep its channel.

        It counts beside the channels of commands that end. Raises
        `CannotReach`.
        """
        opening = Opening(command, self._workers)
        try:
            return await self._retry(opening.begin, within, None)
        except BaseException:
            opening.call_off()
            raise

    async def close(self) -> None:
        """End the connection; what runs on it fails."""
        await self._line.close()
        await self._workers.close()

    async def _retry(
        self,
        errand: Errand[Result],
        within: float,
        channels: asyncio.Semaphore | None,
    ) -> Result:
        deadline = Deadline(within)
        try:
            return await self._try(errand, deadline, channels)
        except Dropped:
            return await self._try(errand, deadline, channels)

    async def _try(
        self,
        errand: Errand[Result],
        deadline: Deadline,
        channels: asyncio.Semaphore | None,
    ) -> Result:
        connection = await self._line.connection(deadline)
        if channels:
            await self._take_channel(channels, deadline)
        future = self._workers.start(
            partial(errand, connection, deadline), deadline, connection.cut
        )
        if channels:
            future.add_done_callback(lambda _: channels.release())
        try:
            await asyncio.wait({future}, timeout=deadline.remaining())
        finally:
            if not future.done():
                deadline.end_now()
        if future.done():
            return self._outcome(future, deadline)
        raise self._too_late(deadline)

    async def _take_channel(
        self, channels: asyncio.Semaphore, deadline: Deadline
    ) -> None:
        if not channels.locked():
            await channels.acquire()
            return
        try:
            async with asyncio.timeout(deadline.remaining()):
                await channels.acquire()
        except TimeoutError as error:
            raise CannotReach(
                f"cannot use {self.where} within {deadline.within:g} s: "
                f"{CHANNELS} commands run there already; ask it less often",
                reason="busy",
            ) from error

    def _outcome(
        self, future: asyncio.Future[Result], deadline: Deadline
    ) -> Result:
        try:
            return future.result()
        except TimeoutError as error:
            raise self._too_late(deadline) from error

    def _too_late(self, deadline: Deadline) -> CannotReach:
        return CannotReach(
            f"cannot use {self.where} within {deadline.within:g} s: "
            f"{deadline.doing}",
            reason="timeout",
        )
