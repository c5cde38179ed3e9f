"""What former starts of a server said before they ended.

A reading of the log forgets with each start what the ones before it said. In
a loop of starts they all end the same way, each after the same words.
"""

from dataclasses import dataclass

from monitor.domain.joblog.reading import LogEvent, LogReading
from monitor.domain.observation import Observation

_KINDS = frozenset({"model_files_corrupt", "dependency_missing"})
"""What ends a start for as long as nobody mends it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LastWords:
    """The newest line of each kind that ends starts."""

    lines: tuple[LogEvent, ...] = ()

    def learn(self, seen: Observation) -> "LastWords":
        """Return this after a look at the log."""
        reading = seen.reading
        if not isinstance(reading, LogReading):
            return self
        newest = {
            one.kind: one
            for one in (*self.lines, *reading.recent)
            if one.kind in _KINDS and not one.undated
        }
        return LastWords(lines=tuple(newest.values()))

    def of(self, kind: str) -> LogEvent | None:
        """Return the newest line of a kind."""
        return next((one for one in self.lines if one.kind == kind), None)
