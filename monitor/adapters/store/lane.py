"""A thread of one's own, with a bounded queue in front of it."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from monitor.adapters.store.errors import Full

WAITING = 200
"""Jobs in one queue; more means that the disk has stopped answering."""

_T = TypeVar("_T")


class Lane:
    """Runs jobs one after another, in the order they came."""

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._waiting = 0

    def submit(self, job: Callable[[], _T]) -> Future[_T]:
        """Queue a job, whatever waits already. Raises `Full` when closed."""
        try:
            return self._thread.submit(job)
        except RuntimeError:
            raise Full("it was closed") from None

    async def run(self, job: Callable[[], _T]) -> _T:
        """Return what a job returns. Raises `Full` and what it raises."""
        if self._waiting >= WAITING:
            raise Full(f"{self._waiting} requests wait for it already")
        self._waiting += 1
        try:
            return await asyncio.wrap_future(self.submit(job))
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Finish what is queued."""
        self._thread.shutdown()
