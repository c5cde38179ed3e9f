"""One check's place on the board, and how old what it says is."""

from dataclasses import dataclass

from monitor.domain.health import Health
from monitor.domain.judgement import Track
from monitor.domain.observation import Observation
from monitor.engine.check import Check
from monitor.engine.events import Skipped


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One check on the board.

    `last_success` and `told_at` are Unix times in seconds: when it last
    succeeded, and until when its last look lasted that could tell anything.
    `skipped` is the last run that did not happen.
    """

    check: Check
    track: Track
    seen: Observation | None = None
    last_success: float | None = None
    told_at: float | None = None
    skipped: Skipped | None = None

    def fresh(self, now: float) -> Observation | None:
        """Return what was seen unless it is too old to be a fact.

        One from the future is as bad: the clock was set back since, and
        nobody knows its age.
        """
        if self.seen is None:
            return None
        return self.seen if self._recent(ended_at(self.seen), now) else None

    def health(self, now: float) -> Health:
        """Return the opinion, unknown when it rests on nothing fresh."""
        if self._recent(self.told_at, now):
            return self.track.health
        return Health.UNKNOWN

    def _recent(self, at: float | None, now: float) -> bool:
        return at is not None and abs(now - at) <= self.check.stale_after


def ended_at(seen: Observation) -> float:
    """Return the Unix time in seconds when a look ended."""
    return seen.at + seen.duration
