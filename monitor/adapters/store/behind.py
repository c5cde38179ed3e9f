"""Writing behind: the loop hands looks in, a thread writes them together.

What the loop knows lives here; nothing waits for the disk but who asked to.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from monitor.adapters.store.batch import (
    CHECKS_WAITING,
    LOOKS_WAITING,
    Batch,
    Writer,
)
from monitor.adapters.store.errors import Full
from monitor.adapters.store.lane import Lane
from monitor.ports import Told

DELAY = 1.0
"""Seconds that a track may wait: what a killed process may lose."""
CLOSE_WAIT = 15.0
"""Seconds that closing waits for a batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writing:
    """A batch on its way."""

    batch: Batch
    future: Future[None]


class WriteBehind:
    """Collects looks into batches; one batch is being written at a time.

    A batch that failed goes back into the next one, which is tried a second
    later, as long as it takes.
    """

    def __init__(self, lane: Lane, writer: Writer) -> None:
        self._lane = lane
        self._writer = writer
        self._next = Batch()
        self._writing: _Writing | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._failing = False
        self._closed = False
        self._failure: BaseException | None = None

    def track(self, told: Told) -> None:
        """Take a track, to be written within a second.

        Raises what went wrong with an earlier batch or sweep, once for each.
        """
        self._check_open()
        tracks = self._next.tracks
        if len(tracks) < CHECKS_WAITING or told.seen.key in tracks:
            tracks[told.seen.key] = told
        if self._timer is None:
            self._wake_later()
        if self._failure is not None:
            failure, self._failure = self._failure, None
            raise failure

    async def look(self, told: Told) -> None:
        """Return when the look is on disk; raise what prevented that.

        It is tried again even then, unless too many wait: `Full`.
        """
        self._check_open()
        batch = self._next
        if len(batch.looks) >= LOOKS_WAITING:
            raise Full(f"{LOOKS_WAITING} looks wait to be written")
        batch.tracks[told.seen.key] = told
        batch.looks.append(told)
        await self._settled(batch)

    async def flush(self) -> None:
        """Return when what was handed in is on disk."""
        if self._next:
            await self._settled(self._next)
        elif self._writing is not None:
            await asyncio.shield(self._writing.batch.waited_for())

    def close(self) -> None:
        """Write what is left. Blocks; raises what prevented it."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
        writing, self._writing = self._writing, None
        if writing is not None:
            error = writing.future.exception(CLOSE_WAIT)
            writing.batch.tell(error)
            if error is not None:
                self._next.take_back(writing.batch)
        if self._next:
            left = self._lane.submit(partial(self._writer.write, self._next))
            left.result(CLOSE_WAIT)

    async def _settled(self, batch: Batch) -> None:
        done = batch.waited_for()
        if self._failing:
            self._wake_later()  # a sick database is asked once a second
        else:
            self._begin()
        await asyncio.shield(done)

    def _check_open(self) -> None:
        if self._closed:
            raise Full("it was closed")

    def _wake_later(self) -> None:
        if self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(DELAY, self._wake)

    def _wake(self) -> None:
        self._timer = None
        self._begin()

    def _begin(self) -> None:
        if self._writing is not None or not self._next:
            return
        batch, self._next = self._next, Batch()
        future = self._lane.submit(partial(self._writer.write, batch))
        self._writing = _Writing(batch=batch, future=future)
        tell = partial(_in_loop, asyncio.get_running_loop(), self._written)
        future.add_done_callback(tell)

    def _written(self, future: Future[None]) -> None:
        writing = self._writing
        if writing is None or writing.future is not future:
            return  # closed meanwhile
        self._writing = None
        error = future.exception()
        self._failing = error is not None
        if error is not None:
            self._next.take_back(writing.batch)
            self._failure = None if writing.batch.done else error
        else:
            self._sweep()
        writing.batch.tell(error)
        if self._next.looks and not self._failing:
            self._begin()
        elif self._next:
            self._wake_later()

    def _sweep(self) -> None:
        future = self._lane.submit(self._writer.sweep_if_due)
        tell = partial(_in_loop, asyncio.get_running_loop(), self._swept)
        future.add_done_callback(tell)

    def _swept(self, future: Future[None]) -> None:
        self._failure = future.exception() or self._failure


def _in_loop(
    loop: asyncio.AbstractEventLoop,
    call: Callable[[Future[None]], None],
    future: Future[None],
) -> None:
    """Go from the writing thread to the loop, unless that has ended."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(call, future)
