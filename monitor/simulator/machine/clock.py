"""The clock of a simulated machine, which need not be right."""

import time
from collections.abc import Callable

Clock = Callable[[], float]
"""Returns Unix time in seconds, by the machine's own clock."""


def right_clock() -> float:
    """Return the real time."""
    return time.time()  # noqa: TID251 - a machine of its own has its own clock
