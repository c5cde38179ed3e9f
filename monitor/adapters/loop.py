"""The event loop: which one we run on, and how late it is."""

import asyncio
import importlib
import time
from collections.abc import Callable
from typing import cast

LOOK = 0.1
"""Seconds between two looks at the loop's own lateness."""
WINDOW = 15.0
"""Seconds for which the worst lag is remembered: a usual scrape interval."""


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """Return what makes our event loop: uvloop's, else asyncio's.

    Plain asyncio costs up to 2.5 times as much CPU a probe (shared
    facts/probing.md §4.2). uvloop has no build for every machine.
    """
    try:
        uvloop = importlib.import_module("uvloop")
    except ImportError:
        return asyncio.new_event_loop
    make = uvloop.new_event_loop
    return cast("Callable[[], asyncio.AbstractEventLoop]", make)


class LoopLag:
    """Measures how late the running loop gets to what is due.

    It asks for a call ten times a second and sees how late it comes: some
    10 µs of CPU each. Whatever else waits on the loop waited as long.
    """

    def __init__(self, *, look: float = LOOK, window: float = WINDOW) -> None:
        self._look = look
        self._half = window / 2
        self._timer: asyncio.TimerHandle | None = None
        self._now = self._before = 0.0
        self._due = self._turn_at = 0.0

    def start(self) -> None:
        """Begin to measure the running loop."""
        self._turn_at = time.monotonic() + self._half
        self._ask(asyncio.get_running_loop())

    def stop(self) -> None:
        """Measure no more; the worst lag until now stays."""
        self._now = self.seconds()
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None

    def seconds(self) -> float:
        """Return the worst lag of the last 7 to 15 s.

        A loop that is held right now counts with what it is late already,
        so that another thread hears of it.
        """
        late = 0.0 if self._timer is None else time.monotonic() - self._due
        return max(self._now, self._before, late, 0.0)

    def _ask(self, loop: asyncio.AbstractEventLoop) -> None:
        # uvloop's own time stands still while a callback runs.
        self._due = time.monotonic() + self._look
        self._timer = loop.call_later(self._look, self._answered, loop)

    def _answered(self, loop: asyncio.AbstractEventLoop) -> None:
        now = time.monotonic()
        if now >= self._turn_at:
            self._before, self._now = self._now, 0.0
            self._turn_at = now + self._half
        self._now = max(self._now, now - self._due)
        self._ask(loop)
