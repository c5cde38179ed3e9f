"""When a server was last seen to finish something."""

from dataclasses import dataclass, replace

from monitor.domain.canary.reading import CanaryReading
from monitor.domain.joblog.reading import JobsReading
from monitor.domain.observation import Observation

_ENDED = ("completed", "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """`at` is the Unix time in seconds, None where nothing was seen yet.

    `ended` is how many jobs lay in the folders of those that ended.
    """

    at: float | None = None
    ended: int | None = None

    def learn(self, seen: Observation) -> "Finished":
        """Return this after a look: an ended job, or a canary's answer.

        A canary that failed with an answer counts: somebody worked on it.
        """
        reading = seen.reading
        if isinstance(reading, CanaryReading):
            if reading.duration is None:
                return self
            return replace(self, at=seen.at + reading.duration)
        if not isinstance(reading, JobsReading):
            return self
        counts = dict(reading.counts)
        if not any(name in counts for name in _ENDED):
            return self
        ended = sum(counts.get(name, 0) for name in _ENDED)
        grew = self.ended is not None and ended > self.ended
        return Finished(at=seen.at if grew else self.at, ended=ended)
