"""Threads for paramiko, which blocks, and a watchdog over each errand."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from monitor.adapters.ssh.deadline import Deadline
from monitor.adapters.threads import Threads

Result = TypeVar("Result")

GRACE = 2.0
"""Seconds that an errand has, after its deadline, to come to its end.

Then its connection is cut: paramiko's own time limits bound nothing
(facts/gpu.md §6).
"""


class Workers:
    """A bounded number of threads of one host.

    Every host has its own, so that a frozen one holds up nobody else.
    """

    def __init__(self, name: str, threads: int) -> None:
        self._pool = Threads(f"ssh-{name}", threads)
        self._busy: set[asyncio.Future[Any]] = set()

    def start(
        self,
        errand: Callable[[], Result],
        deadline: Deadline,
        cut: Callable[[], None],
    ) -> asyncio.Future[Result]:
        """Start a blocking errand; `cut` must make it stop waiting.

        The future is done when the thread is done, not before.
        """
        loop = asyncio.get_running_loop()
        future = asyncio.wrap_future(self._pool.submit(errand), loop=loop)
        watchdog = loop.call_later(deadline.remaining() + GRACE, cut)
        self._busy.add(future)

        def ended(_: asyncio.Future[Result]) -> None:
            watchdog.cancel()
            self._busy.discard(future)
            if not future.cancelled():
                future.exception()  # heard, also when nobody waits any more

        future.add_done_callback(ended)
        return future

    async def close(self) -> None:
        """Wait a moment for the errands, which were cut, and end."""
        if self._busy:
            await asyncio.wait(self._busy, timeout=GRACE)
        self._pool.call_off()
