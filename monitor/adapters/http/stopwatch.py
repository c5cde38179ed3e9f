"""Cuts the time of one request into phases."""

import time

from monitor.domain.answer import Phases


class Stopwatch:
    """Runs from its creation; each phase ends where the next one begins."""

    __slots__ = ("_lap", "_laps", "_started")

    def __init__(self) -> None:
        self._started = self._lap = time.perf_counter()
        self._laps: dict[str, float] = {}

    def reached(self, phase: str) -> None:
        """End `phase` now."""
        now = time.perf_counter()
        self._laps[phase] = now - self._lap
        self._lap = now

    def skipped(self, phase: str) -> None:
        """Note that `phase` did not happen: it took no time."""
        self._laps[phase] = 0.0

    @property
    def phases(self) -> Phases:
        """Return the phases reached so far."""
        return Phases(**self._laps)

    @property
    def duration(self) -> float:
        """Return the seconds from the creation to the last phase's end."""
        return self._lap - self._started
