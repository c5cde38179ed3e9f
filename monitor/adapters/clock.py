"""The machine's own clocks."""

import time


class SystemClock:
    """The real time, as `monitor.ports.Clock`."""

    def now(self) -> float:
        """Return Unix time in seconds."""
        return time.time_ns() / 1e9

    def monotonic(self) -> float:
        """Return seconds on a clock that never jumps."""
        return time.monotonic()
