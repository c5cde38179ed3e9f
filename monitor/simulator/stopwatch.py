"""Adds up for how long something was on."""

import threading
import time
from collections.abc import Callable


class Stopwatch:
    """Counts seconds while it runs. May be used from any thread.

    `monotonic` is the clock that it counts by.
    """

    def __init__(
        self, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._sum = 0.0
        self._since: float | None = None

    def run(self, *, is_on: bool) -> None:
        """Run on, or stand still."""
        with self._lock:
            now = self._monotonic()
            if self._since is not None:
                self._sum += now - self._since
            self._since = now if is_on else None

    def seconds(self) -> float:
        """Return for how long it has run so far."""
        with self._lock:
            since = self._since
            more = 0.0 if since is None else self._monotonic() - since
            return self._sum + more
