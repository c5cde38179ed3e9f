"""Whether it is us: what pages once, without a server's name."""

from monitor.domain.control import LATE_LOOP
from monitor.domain.health import Health
from monitor.engine.board import Board
from monitor.engine.events import Event, Forgot
from monitor.engine.evidence import CONTROL
from monitor.ports import Clock

DISK_SICK = 60.0
"""Seconds of failing writes that make our own disk sick: a checkpoint, or
another program that holds the file for a moment, is over sooner."""
GAP = 30.0
"""Seconds without a failing write after which the disk counts as well: the
looks of one server alone come more often."""


class Blind:
    """Hears what could not be stored; `is_blind` says how it is now."""

    def __init__(self, board: Board, clock: Clock) -> None:
        self._board = board
        self._clock = clock
        self._failing_since: float | None = None
        self._failed_at = 0.0

    def heard(self, event: Event) -> None:
        """Note that something could not be written."""
        if not isinstance(event, Forgot):
            return
        now = self._clock.monotonic()
        if self._failing_since is None or now - self._failed_at > GAP:
            self._failing_since = now
        self._failed_at = now

    def is_blind(self, loop_lag: float) -> bool:
        """Return whether our network, loop or disk fails.

        `loop_lag` is how late our own loop was, in seconds.
        """
        is_late = loop_lag >= LATE_LOOP
        return self._no_network() or is_late or self._is_disk_sick()

    def _no_network(self) -> bool:
        control = self._board.find(CONTROL)
        if control is None:
            return False
        return control.health(self._clock.now()) is Health.UNHEALTHY

    def _is_disk_sick(self) -> bool:
        if self._failing_since is None:
            return False
        lasts = self._failed_at - self._failing_since >= DISK_SICK
        return lasts and self._clock.monotonic() - self._failed_at <= GAP
