"""Signs of work of a server's process, look by look."""

from dataclasses import dataclass
from itertools import pairwise

from monitor.domain.observation import Observation
from monitor.domain.service.family import family
from monitor.domain.service.reading import Process, ServiceReading
from monitor.domain.service.work import IDLE, is_working

KEPT = 32
"""Looks that are kept: while a diagnosis waits they may come twice a second,
and what they show has to span six (`rules.silence`)."""
MOST_HELPERS = 64
"""Processes of a server whose CPU time is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One look at the process.

    `working` is None where that could not be seen; `on_gpu` says that its
    GPU was seen to work for it. `cpu_ratio` is CPU seconds a second.
    """

    at: float
    pid: int
    working: bool | None
    on_gpu: bool | None
    cpu_ratio: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Helper:
    """A process that the server started, and its CPU time in seconds."""

    pid: int
    start_ticks: int
    cpu_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The last looks at the process, newest last.

    `helpers` are those of the last look: an ffmpeg works for its server,
    which waits for it without CPU time of its own. `gone` is the pid of the
    server that ran last, None while one runs; `started_at` is when that one
    or the one that runs was started, by the host's clock.
    """

    samples: tuple[Sample, ...] = ()
    helpers: tuple[Helper, ...] = ()
    gone: int | None = None
    started_at: float | None = None

    def learn(self, seen: Observation) -> "Work":
        """Return this with a look at a process, unchanged by others.

        Samples of a former process are forgotten, and those of a time that
        has yet to come: the clock was set back.
        """
        reading = seen.reading
        if not isinstance(reading, ServiceReading):
            return self
        server = reading.server
        if server is None:
            last = self.samples[-1].pid if self.samples else self.gone
            return Work(gone=last, started_at=self.started_at)
        kept = [
            one
            for one in self.samples
            if one.pid == server.pid and one.at < seen.at
        ]
        helpers = _helpers(reading, server)
        helped = kept and _helped(self.helpers, helpers, seen.at - kept[-1].at)
        sample = _sample(seen.at, server.pid, reading)
        if helped:
            sample = _working(sample)
        return Work(
            samples=(*kept, sample)[-KEPT:],
            helpers=helpers,
            started_at=server.started_at,
        )

    def since(self, began: float | None) -> tuple[Sample, ...]:
        """Return the samples after a Unix time, all for None.

        CPU time is that since the sample before: one that reaches back
        before `began` shows idleness, and work only by its GPU.
        """
        if began is None:
            return self.samples
        before = [None, *(one.at for one in self.samples)]
        return tuple(
            one
            for one, last in zip(self.samples, before, strict=False)
            if one.at > began and (_is_clean(one, last, began))
        )


def spans(samples: tuple[Sample, ...]) -> float:
    """Return the seconds between the first and the last of some samples."""
    return sum(other.at - one.at for one, other in pairwise(samples))


def _is_clean(one: Sample, last: float | None, began: float) -> bool:
    if not one.working or one.on_gpu:
        return True
    return last is not None and last >= began


def _sample(at: float, pid: int, reading: ServiceReading) -> Sample:
    shares = reading.gpu_shares
    return Sample(
        at=at,
        pid=pid,
        working=is_working(reading),
        on_gpu=None
        if shares is None
        else any(one.ratio > 0 for one in shares),
        cpu_ratio=reading.cpu_ratio,
    )


def _working(sample: Sample) -> Sample:
    return Sample(
        at=sample.at,
        pid=sample.pid,
        working=True,
        on_gpu=sample.on_gpu,
        cpu_ratio=sample.cpu_ratio,
    )


def _helpers(reading: ServiceReading, server: Process) -> tuple[Helper, ...]:
    ours = family(reading) - {server.pid}
    return tuple(
        Helper(
            pid=one.pid,
            start_ticks=one.start_ticks,
            cpu_seconds=one.cpu_seconds,
        )
        for one in reading.processes
        if one.pid in ours and one.cpu_seconds is not None
    )[:MOST_HELPERS]


def _helped(
    before: tuple[Helper, ...], now: tuple[Helper, ...], passed: float
) -> bool:
    """Return whether helpers used CPU time; all of a new one's counts."""
    known = {(one.pid, one.start_ticks): one.cpu_seconds for one in before}
    used = sum(
        max(0.0, one.cpu_seconds - known.get((one.pid, one.start_ticks), 0.0))
        for one in now
    )
    return used >= IDLE * passed
