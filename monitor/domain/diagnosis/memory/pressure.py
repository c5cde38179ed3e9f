"""Others' load on what a server needs, and its own CPUs' work.

What is seen while a canary runs is its own load; what is seen while the
server's process works is its users'. Neither is anybody else's.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from monitor.domain.canary.busy import LOADED
from monitor.domain.canary.reading import CanaryReading
from monitor.domain.diagnosis.memory.cards import used
from monitor.domain.fleet import Target
from monitor.domain.gpu.reading import GpuReading
from monitor.domain.machine.reading import MachineReading
from monitor.domain.observation import Observation
from monitor.domain.service.reading import ServiceReading
from monitor.domain.service.work import is_working

KEPT = 8
"""Looks at the GPUs, and runs of canaries, that are kept."""
LOAD_PER_CPU = 1.5
"""Load from which on jobs may wait for a CPU. The machine's own check warns
far above it: beside a slow canary less is enough (ours, no source)."""
CPU_BUSY = 0.5
"""CPU seconds a second from which on a process computes on the CPU."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressure:
    """When it was seen; Unix times in seconds, None where never.

    `by_others` are looks at the GPUs that showed others' work on a card of
    the server. `on_host` is the last look that showed more load than its
    CPUs take, `on_cpu` the last at which the server's process (`pid`) took
    half a CPU or more. `runs` are the canaries' last runs from, to; and
    `process_at` is the last look at the process.
    """

    by_others: tuple[float, ...] = ()
    on_host: float | None = None
    on_cpu: float | None = None
    pid: int | None = None
    process_at: float | None = None
    runs: tuple[tuple[float, float], ...] = ()

    def learn(self, target: Target, seen: Observation) -> "Pressure":
        """Return this after a look at anything that shows load."""
        reading = seen.reading
        match reading:
            case CanaryReading():
                return self._ran(seen.at, seen.at + seen.duration)
            case GpuReading():
                return self._cards(target, reading, seen.at)
            case ServiceReading():
                return self._process(reading, seen.at)
            case MachineReading() if _is_loaded(reading):
                return replace(self, on_host=seen.at)
            case _:
                return self

    def _ran(self, start: float, end: float) -> "Pressure":
        return replace(
            self,
            by_others=_outside(self.by_others, start, end),
            runs=(*self.runs, (start, end))[-KEPT:],
        )

    def _cards(
        self, target: Target, reading: GpuReading, at: float
    ) -> "Pressure":
        """Without a look at the process nobody knows whose work it is."""
        theirs = any(_loaded_by_others(target, reading))
        if not theirs or self.process_at is None:
            return self
        before = (one for one in self.by_others if one < at)
        return replace(self, by_others=(*before, at)[-KEPT:])

    def _process(self, reading: ServiceReading, at: float) -> "Pressure":
        server, before = reading.server, self.process_at
        pid = None if server is None else server.pid
        known = self if pid == self.pid else replace(self, on_cpu=None)
        ours = known.by_others
        ran = before is not None and self._ran_in(before, at)
        if before is not None and is_working(reading) and not ran:
            ours = _outside(ours, before, at)
        is_busy = (reading.cpu_ratio or 0.0) >= CPU_BUSY
        return replace(
            known,
            by_others=ours,
            on_cpu=at if is_busy else known.on_cpu,
            pid=pid,
            process_at=at,
        )

    def _ran_in(self, start: float, end: float) -> bool:
        """Return whether a canary of ours ran then."""
        return any(one <= end and other >= start for one, other in self.runs)


def _outside(
    times: tuple[float, ...], start: float, end: float
) -> tuple[float, ...]:
    return tuple(at for at in times if not start <= at <= end)


def _loaded_by_others(target: Target, reading: GpuReading) -> Iterator[bool]:
    for gpu in used(target, reading):
        ratio = gpu.utilization_ratio
        theirs = any(
            uuid == gpu.uuid and owner != target.name and size > 0
            for uuid, owner, size in reading.owners
        )
        yield theirs and ratio is not None and ratio >= LOADED


def _is_loaded(reading: MachineReading) -> bool:
    load, cpus = reading.load1, reading.cpus
    return load is not None and cpus is not None and load > LOAD_PER_CPU * cpus
