"""A command that stays: bytes both ways on one channel, without a thread.

paramiko's own thread rings when something has come; only then a worker of
the host fetches it. Nothing polls, and no descriptor is spent.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import paramiko
from typing_extensions import override

from monitor.adapters.ssh.connection import BROKEN, Connection
from monitor.adapters.ssh.deadline import Deadline
from monitor.adapters.ssh.workers import GRACE, Workers
from monitor.domain.errors import CannotReach

Result = TypeVar("Result")

CHUNK = 65_536

MOST = 262_144
"""Bytes that are fetched at a time; then others have a turn."""

COMPLAINTS = 2048
"""Bytes of standard error that are kept, the last ones."""

FETCHING = 10.0
"""Seconds to fetch what is there already; more means that sshd is frozen:
making room for more is told to it, and it does not listen."""


class Stream:
    """An open channel with a command on it. Made in a worker's thread.

    Only one task may `receive` and one may `send` at a time. `held` ends
    the channel when it is closed.
    """

    def __init__(
        self,
        connection: Connection,
        channel: paramiko.Channel,
        held: contextlib.ExitStack,
        workers: Workers,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.where = connection.where
        self._connection = connection
        self._channel = channel
        self._held = held
        self._workers = workers
        self._loop = loop
        self._errors = bytearray()
        self._came = asyncio.Event()
        channel.in_buffer.set_event(_Bell(self._ring))
        channel.in_stderr_buffer.set_event(_Bell(self._ring))

    @property
    def complaints(self) -> str:
        """The end of what came on standard error."""
        return self._errors.decode(errors="replace")

    async def receive(self) -> bytes:
        """Wait for what comes next; nothing means that it has ended.

        Raises `CannotReach` when the connection breaks.
        """
        while True:
            await self._came.wait()
            self._came.clear()
            data, is_more = await self._work(self._fetch, FETCHING)
            if is_more:
                self._came.set()
            if data or is_more:
                return data

    async def send(self, data: bytes, *, within: float) -> None:
        """Send all of `data`. Raises `CannotReach`.

        After a failure a part of it may have been sent.
        """
        deadline = Deadline(within)
        deadline.doing = "the command there takes nothing any more"
        await self._work(partial(self._send, data, deadline), within)

    async def close(self) -> None:
        """End the channel: the command finds the end of its input."""
        with contextlib.suppress(CannotReach):
            await self._work(self._held.close, GRACE)

    async def abandon(self) -> None:
        """End the channel of a command that has gone silent.

        Then sshd is asked for a sign of life; where it gives none, the
        whole connection is cut.
        """

        def end() -> None:
            self._held.close()
            self._connection.answers()

        with contextlib.suppress(CannotReach):
            await self._work(end, GRACE)

    async def check_connection(self) -> None:
        """Raise `CannotReach` when not the command but the way to it ended."""
        if not await self._work(self._connection.answers, FETCHING):
            raise self._connection.lost()

    def _ring(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has closed
            self._loop.call_soon_threadsafe(self._came.set)

    async def _work(
        self, errand: Callable[[], Result], within: float
    ) -> Result:
        cut = self._connection.cut
        future = self._workers.start(errand, Deadline(within), cut)
        try:
            return await asyncio.shield(future)
        except TimeoutError as error:
            raise CannotReach(
                f"cannot use {self.where} within {within:.3g} s: {error}",
                reason="timeout",
            ) from error
        except BROKEN as error:
            raise self._ended() from error

    def _ended(self) -> CannotReach:
        if not self._connection.is_alive:
            return self._connection.lost()
        return CannotReach(
            f"cannot use {self.where}: the command there has ended",
            reason="closed",
        )

    def _send(self, data: bytes, deadline: Deadline) -> None:
        try:
            self._channel.settimeout(deadline.left())
            self._channel.sendall(data)
        except TimeoutError as error:
            raise TimeoutError(deadline.doing) from error

    def _fetch(self) -> tuple[bytes, bool]:
        """Return what is there, and whether there is more, or the end."""
        data = bytearray()
        is_over = self._is_over
        self._drain(data)
        if not is_over and self._is_over:
            self._drain(data)  # what came before the end was seen
            is_over = True
        return bytes(data), is_over or bool(self._channel.recv_ready())

    @property
    def _is_over(self) -> bool:
        return bool(self._channel.eof_received or self._channel.closed)

    def _drain(self, data: bytearray) -> None:
        channel = self._channel
        while channel.recv_stderr_ready():
            self._errors += channel.recv_stderr(CHUNK)
            del self._errors[:-COMPLAINTS]
        while channel.recv_ready() and len(data) < MOST:
            data += channel.recv(CHUNK)


class _Bell(threading.Event):
    """Rings once when it is set; clearing it makes it ready again."""

    def __init__(self, ring: Callable[[], None]) -> None:
        super().__init__()
        self._rings = ring

    @override
    def set(self) -> None:
        if not self.is_set():
            super().set()
            self._rings()
