"""What every kind of check has to say in a scrape."""

from typing import Protocol

from monitor.domain.observation import Observation
from monitor.engine.board import Board
from monitor.engine.entry import Entry
from monitor.engine.events import Looked, Skipped
from monitor.outputs.metrics.sheet import Sheet


class Lines(Protocol):
    """Counts what happens to one check, and writes what is known of it."""

    def go_on(self, former: "Lines") -> None:
        """Take over the counts of a check that had the same series."""
        ...

    def looked(self, event: Looked) -> None:
        """Count a look."""
        ...

    def skipped(self, event: Skipped) -> None:
        """Count a run that did not happen."""
        ...

    def lasting(self, sheet: Sheet, entry: Entry, board: Board) -> None:
        """Write what never grows too old: counters, times, identity."""
        ...

    def passing(self, sheet: Sheet, seen: Observation) -> None:
        """Write what is gone when the look is too old."""
        ...
