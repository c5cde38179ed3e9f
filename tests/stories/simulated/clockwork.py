"""An event loop whose time passes only when nothing is left to do.

All that runs on it is as concurrent as in real life: a look that waits ten
seconds holds up nobody, and a day of waiting costs nothing.
"""

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar, TypeVarTuple

from typing_extensions import override

Args = TypeVarTuple("Args")
Result = TypeVar("Result")

BEGAN = 1_000_000_000.0
"""Unix time at which stories begin."""


class _Patience(selectors.SelectSelector):
    """Waits for nothing: it moves the time to when something is due."""

    def __init__(self) -> None:
        super().__init__()
        self.time = 1000.0

    @override
    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        """Skip the time until something is due; no socket is looked at."""
        if timeout is None:
            raise RuntimeError("cannot go on: nothing will ever happen")
        self.time += max(0.0, timeout)
        return []


class Clockwork(asyncio.SelectorEventLoop):
    """An event loop in simulated time; what is for a thread is done at once.

    A thread would live in real time, in which nothing waits for it.
    """

    def __init__(self) -> None:
        self._patience = _Patience()
        super().__init__(self._patience)

    @override
    def time(self) -> float:
        return self._patience.time

    @override
    def run_in_executor(
        self,
        executor: Executor | None,
        func: Callable[[*Args], Result],
        *args: *Args,
    ) -> asyncio.Future[Result]:
        done: asyncio.Future[Result] = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - whoever waits hears it
            done.set_exception(error)
        return done


class StoryClock:
    """`ports.Clock` in simulated time: the monitor's, or a machine's own."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._ahead = BEGAN - loop.time()

    def now(self) -> float:
        return self._loop.time() + self._ahead

    def monotonic(self) -> float:
        return self._loop.time()

    def jump(self, seconds: float) -> None:
        """Set the time of day forward, or back for a negative number."""
        self._ahead += seconds
