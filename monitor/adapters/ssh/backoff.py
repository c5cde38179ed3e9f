"""When to try a host again that could not be reached."""

from collections.abc import Callable

FIRST = 2.0
"""Seconds before the second attempt, at most."""

LONGEST = 60.0
"""Seconds between two attempts, at most."""


class BackOff:
    """Doubles the pause after every failure in a row.

    The second half of a pause is left to chance (`chance` returns 0 to 1):
    monitors and hosts that failed together do not come back together, and
    sshd's MaxStartups does not turn them away.
    """

    def __init__(self, chance: Callable[[], float]) -> None:
        self._chance = chance
        self._pause = FIRST
        self._until = 0.0

    def failed(self, now: float) -> None:
        """Remember a failure at the monotonic time `now`."""
        self._until = now + self._pause * (1 + self._chance()) / 2
        self._pause = min(LONGEST, 2 * self._pause)

    def worked(self) -> None:
        """Forget all failures."""
        self._pause = FIRST
        self._until = 0.0

    def remaining(self, now: float) -> float:
        """Return the seconds until the next try, 0 when it may be now."""
        return max(0.0, self._until - now)
