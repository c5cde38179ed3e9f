"""A thread with an event loop of its own, so that nobody else is held up.

What plays on it keeps its time even when the loop that started it is busy.
"""

import asyncio
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Self

_PAUSE = 0.002
_ROUNDS = 1000

Play = Callable[[], AbstractAsyncContextManager[None]]


class Stage:
    """Enters `play()` in its own thread and leaves it when told to stop."""

    def __init__(self, name: str, play: Play) -> None:
        self._name = name
        self._play = play
        self._thread: threading.Thread | None = None
        self._over = _promise()
        self._ended = _promise()

    async def start(self) -> None:
        """Return once `play()` was entered; raises what that raises."""
        if self._thread is not None:
            return
        ready = _promise()
        self._over, self._ended = _promise(), _promise()
        self._thread = threading.Thread(
            target=self._run, args=(ready,), name=self._name, daemon=True
        )
        self._thread.start()
        try:
            await asyncio.wrap_future(ready)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Return once `play()` was left and the thread is gone.

        Raises what leaving raised.
        """
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._over.set_result(None)
        await asyncio.wrap_future(self._ended)
        for _ in range(_ROUNDS):
            if not thread.is_alive():
                break
            await asyncio.sleep(_PAUSE)

    def _run(self, ready: "Future[None]") -> None:
        try:
            asyncio.run(self._act(ready))
        except BaseException as error:  # noqa: BLE001 - told to whoever waits
            if ready.done():
                self._ended.set_exception(error)
            else:
                ready.set_exception(error)
        if not self._ended.done():
            self._ended.set_result(None)

    async def _act(self, ready: "Future[None]") -> None:
        async with self._play():
            ready.set_result(None)
            await asyncio.wrap_future(self._over)


def _promise() -> "Future[None]":
    """Return a future that nobody who waits for it can cancel."""
    promise: Future[None] = Future()
    promise.set_running_or_notify_cancel()
    return promise


class OnStage(ABC):
    """Something that is there for as long as an `async with` block lasts."""

    @abstractmethod
    async def start(self) -> None:
        """Return when it is there."""

    @abstractmethod
    async def stop(self) -> None:
        """Return when nothing of it is left; twice is no error."""

    async def __aenter__(self) -> Self:
        """Start it."""
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it."""
        await self.stop()
