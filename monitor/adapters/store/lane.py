"""A thread of one's own, with a bounded queue in front of it."""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from monitor.adapters.store.errors import Full

WAITING = 200
"""Jobs in one queue; more means that the disk has stopped answering."""

_T = TypeVar("_T")


class Lane:
    """Runs jobs one after another, in the order they came."""

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._waiting = 0
        self._jobs: deque[Future[Any]] = deque()

    async def answers(self) -> None:
        """Return once any job has ended, at once where none waits.

        How many wait says nothing: while another process keeps the file
        each of them fails after a while, and the thread lives.
        """
        self._forget_ended()
        if self._jobs:
            job = asyncio.wrap_future(self._jobs[0])
            job.add_done_callback(_heard)
            await asyncio.wait([job])

    def submit(self, job: Callable[[], _T]) -> Future[_T]:
        """Queue a job, whatever waits already. Raises `Full` when closed."""
        try:
            future = self._thread.submit(job)
        except RuntimeError:
            raise Full("it was closed") from None
        self._forget_ended()
        self._jobs.append(future)
        return future

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

    def _forget_ended(self) -> None:
        """Forget jobs that have ended: they do in the order they came."""
        while self._jobs and self._jobs[0].done():
            self._jobs.popleft()


def _heard(job: asyncio.Future[Any]) -> None:
    """Take note of its error: it is for whoever gave the job."""
    if not job.cancelled():
        job.exception()
