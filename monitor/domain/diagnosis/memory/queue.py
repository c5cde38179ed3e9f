"""Whether a server's queue moves."""

from dataclasses import dataclass, replace

from monitor.domain.canary.busy import IDLE
from monitor.domain.diagnosis.memory.cards import used
from monitor.domain.fleet import Target
from monitor.domain.gpu.reading import GpuReading
from monitor.domain.observation import Observation
from monitor.domain.service.reading import ServiceReading
from monitor.domain.service.work import is_working
from monitor.domain.status import StatusReading


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """How long jobs wait without a sign that one is worked on.

    `still_since` is the Unix time in seconds since when, None while nothing
    waits. It begins anew whenever the queue shrinks, a GPU of the server
    works or its process does. `looks` counts the looks at the status since
    then, for a clock that jumps makes any time long. `size` is the last
    that the server told, None before.
    """

    still_since: float | None = None
    size: int | None = None
    looks: int = 0

    def learn(self, target: Target, seen: Observation) -> "Queue":
        """Return this after a look at the status, the GPUs or the process.

        A status that does not tell its queue changes nothing.
        """
        reading = seen.reading
        match reading:
            case StatusReading(queue_size=int(size)):
                return self._told(size, seen.at)
            case GpuReading() if _works(target, reading):
                return self._moved(seen.at)
            case ServiceReading() if is_working(reading):
                return self._moved(seen.at)
            case _:
                return self

    def _told(self, size: int, at: float) -> "Queue":
        if size == 0:
            return Queue(size=0)
        since, before = self.still_since, self.size
        shrank = before is not None and size < before
        if since is None or shrank or at < since:
            return Queue(still_since=at, size=size, looks=1)
        return replace(self, size=size, looks=self.looks + 1)

    def _moved(self, at: float) -> "Queue":
        if self.still_since is None:
            return self
        return replace(self, still_since=at, looks=0)


def _works(target: Target, reading: GpuReading) -> bool:
    return any(
        gpu.utilization_ratio is not None and gpu.utilization_ratio >= IDLE
        for gpu in used(target, reading)
    )
