"""How much GPU memory a server holds while it does nothing.

The least of a stretch of time, for a job takes more than what is kept. Under
FaceFusion's strategy `tolerant` models stay loaded (facts/facefusion.md
§3.7): what is held then grows whenever one is used for the first time, which
is no leak. So the first hour does not count, in which canaries use theirs,
nor does growth in a few jumps.
"""

from dataclasses import dataclass, replace

from monitor.domain.fleet import Target
from monitor.domain.gpu.reading import GpuReading
from monitor.domain.observation import Observation
from monitor.domain.service.reading import ServiceReading

STRETCH = 600.0
"""Seconds of a stretch: shorter than that are most jobs."""
KEPT = 36
"""Stretches that are kept beside the one that goes on: six hours."""
WARM_AFTER = 3600.0
"""Seconds after which every canary has run: their longest usual interval."""
LEAST_STRETCHES = 6
LEAST_GROWTH = 1 << 30
LEAST_RATIO = 0.25
LEAST_STEPS = 4
STEP = 16 << 20
"""Bytes that are growth, or a fall: 1 GiB in six hours grows by 28 MiB a
stretch, and nvidia-smi itself counts in MiB."""
LASTING = 6
"""Stretches, an hour, within which a leak must have grown at last."""

Process = tuple[str, int, int]
"""Boot, pid and start: which process the floors are about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """The least bytes held in a stretch, counted since 1970."""

    stretch: int
    held: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """From how many bytes to how many, in how many seconds and steps."""

    first: int
    last: int
    seconds: float
    steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Floors:
    """The least it held in each stretch of time, oldest first.

    The newest stretch has not ended. `since` is the Unix time in seconds
    when `process` was first seen.
    """

    process: Process | None = None
    since: float = 0.0
    floors: tuple[Floor, ...] = ()

    def learn(self, target: Target, seen: Observation) -> "Floors":
        """Return this after a look at the GPUs or at the process."""
        reading = seen.reading
        if isinstance(reading, ServiceReading):
            return self._of(reading, seen.at)
        if self.process is None or not isinstance(reading, GpuReading):
            return self
        held = [size for _, who, size in reading.owners if who == target.name]
        if not held:
            return replace(self, floors=())
        if seen.at < self.since:  # the clock was set back
            return replace(self, since=seen.at, floors=())
        if seen.at - self.since < WARM_AFTER:
            return self
        return self._with(
            Floor(stretch=int(seen.at // STRETCH), held=sum(held))
        )

    def _of(self, reading: ServiceReading, at: float) -> "Floors":
        server = reading.server
        if server is None:
            return self
        process = (reading.boot_id, server.pid, server.start_ticks)
        if process == self.process:
            return self
        return Floors(process=process, since=at)

    def _with(self, new: Floor) -> "Floors":
        if not self.floors:
            return replace(self, floors=(new,))
        *older, last = self.floors
        if new.stretch < last.stretch:  # the clock was set back
            return replace(self, floors=(new,))
        if new.stretch == last.stretch:
            least = replace(last, held=min(last.held, new.held))
            return replace(self, floors=(*older, least))
        kept = (
            one for one in self.floors if one.stretch >= new.stretch - KEPT
        )
        return replace(self, floors=(*kept, new))


def leak(floors: Floors) -> Leak | None:
    """Return how it grows, None where it falls, rests or is not known."""
    ended = floors.floors[:-1]
    if len(ended) < LEAST_STRETCHES:
        return None
    first, last = ended[0], ended[-1]
    steps = _steps(ended)
    if steps is None or len(steps) < LEAST_STEPS:
        return None
    grown = last.held - first.held
    if grown < max(LEAST_GROWTH, LEAST_RATIO * first.held):
        return None
    if last.stretch - steps[-1] >= LASTING:
        return None
    return Leak(
        first=first.held,
        last=last.held,
        seconds=(last.stretch - first.stretch) * STRETCH,
        steps=len(steps),
    )


def _steps(floors: tuple[Floor, ...]) -> list[int] | None:
    """Return the stretches in which it grew, None where it fell."""
    level, steps = floors[0].held, list[int]()
    for floor in floors[1:]:
        if floor.held <= level - STEP:
            return None
        if floor.held >= level + STEP:
            level = floor.held
            steps.append(floor.stretch)
    return steps
