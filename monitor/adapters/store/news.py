"""Which looks go to disk at once."""

from monitor.domain.canary.reading import CanaryReading
from monitor.domain.history import is_news
from monitor.domain.observation import CheckKey, Observation
from monitor.ports import Told

FAILURES_KNOWN = 20_000
"""Checks and reasons whose last kept failure is remembered."""


class News:
    """Remembers which failure was kept when, for each check and reason."""

    def __init__(self) -> None:
        self._kept: dict[tuple[CheckKey, str], float] = {}

    def has(self, told: Told) -> bool:
        """Return whether a look is to be kept, and count it as kept."""
        seen = told.seen
        if told.changed is None and seen.succeeded:
            return isinstance(seen.reading, CanaryReading)
        new = not seen.succeeded and self._is_new(seen)
        run = isinstance(seen.reading, CanaryReading)
        return new or run or told.changed is not None

    def _is_new(self, seen: Observation) -> bool:
        failure = (seen.key, seen.reason)
        if not is_news(seen.at, self._kept.get(failure)):
            return False
        if len(self._kept) >= FAILURES_KNOWN:
            self._kept.clear()
        self._kept[failure] = seen.at
        return True
