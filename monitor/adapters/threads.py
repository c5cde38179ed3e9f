"""Threads for what blocks, and that nobody waits for at the end."""

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

Result = TypeVar("Result")

IDLE = 60.0
"""Seconds that a thread without work stays for the next errand."""


class Threads:
    """At most `limit` threads; what is beyond them waits its turn.

    A look-up that hangs for 30 s must not keep the whole program from
    ending, as one in a `ThreadPoolExecutor` does: these are daemons.
    """

    def __init__(self, name: str, limit: int, *, idle: float = IDLE) -> None:
        self._name = name
        self._idle = idle
        self._limit = limit
        self._lock = threading.Lock()
        self._errands: SimpleQueue[_Errand] = SimpleQueue()
        self._threads = 0
        self._todo = 0

    def submit(self, errand: Callable[[], Result]) -> Future[Result]:
        """Run `errand` in a thread; a cancelled future is not begun."""
        future: Future[Result] = Future()
        with self._lock:
            self._todo += 1
            more = self._threads < min(self._todo, self._limit)
            self._threads += more
            self._errands.put((future, errand))
        if more:
            threading.Thread(
                target=self._work, name=self._name, daemon=True
            ).start()
        return future

    def call_off(self) -> None:
        """Cancel what has not begun."""
        with contextlib.suppress(Empty):
            while True:
                future, _ = self._errands.get_nowait()
                future.cancel()
                self._done()

    def _work(self) -> None:
        while True:
            try:
                future, errand = self._errands.get(timeout=self._idle)
            except Empty:
                if self._leaves():
                    return
                continue
            _run(future, errand)
            del future, errand  # a result lives as long as it is held
            self._done()

    def _leaves(self) -> bool:
        """Let the thread of whoever asks go, unless it is needed."""
        with self._lock:
            leaves = self._errands.empty()
            self._threads -= leaves
        return leaves

    def _done(self) -> None:
        with self._lock:
            self._todo -= 1


_Errand = tuple[Future[Any], Callable[[], Any]]


def _run(future: Future[Any], errand: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = errand()
    except BaseException as error:  # noqa: BLE001 - told to who waits
        future.set_exception(error)
    else:
        future.set_result(result)
