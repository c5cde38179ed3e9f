"""A thread with an event loop of its own, so that nobody else is held up.

What plays on it keeps its time even when the loop that started it is busy.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager

_PAUSE = 0.002
_ROUNDS = 1000

Play = Callable[[], AbstractAsyncContextManager[None]]


class Stage:
    """Enters `play()` in its own thread and leaves it when told to stop."""

    def __init__(self, name: str, play: Play) -> None:
        self._name = name
        self._play = play
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over = asyncio.Event()
        self._ended: Future[None] = Future()

    async def start(self) -> None:
        """Return once `play()` was entered; raises what that raises."""
        if self._thread is not None:
            return
        ready: Future[None] = Future()
        ready.set_running_or_notify_cancel()
        self._ended = Future()
        self._ended.set_running_or_notify_cancel()
        self._over = asyncio.Event()
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
        """Return once `play()` was left and the thread is gone."""
        thread, loop = self._thread, self._loop
        if thread is None:
            return
        self._thread = None
        if loop is not None and not self._ended.done():
            loop.call_soon_threadsafe(self._over.set)
        await asyncio.wrap_future(self._ended)
        for _ in range(_ROUNDS):
            if not thread.is_alive():
                break
            await asyncio.sleep(_PAUSE)

    def _run(self, ready: "Future[None]") -> None:
        try:
            asyncio.run(self._act(ready))
        except BaseException as error:  # noqa: BLE001 - told to whoever waits
            _tell(ready, error)
            _tell(self._ended, error if ready.exception() is None else None)
        else:
            _tell(self._ended, None)

    async def _act(self, ready: "Future[None]") -> None:
        self._loop = asyncio.get_running_loop()
        async with self._play():
            ready.set_result(None)
            await self._over.wait()


def _tell(future: "Future[None]", error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
