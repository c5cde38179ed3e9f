"""What a look at a FaceFusion log, or at its jobs folder, shows."""

from dataclasses import dataclass

from monitor.domain.machine.reading import Gap


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEvent:
    """A line of the log that means something.

    `kind` is a word of `joblog.kinds` (cuda_fault, out_of_memory, …). `at`
    is Unix time by the host's clock, that of the look where the log has
    none. `evidence` is the line with users' file names masked. `undated`:
    it bears no time and was there before our first look, so nobody knows
    how old it is.
    """

    kind: str
    at: float
    evidence: str
    undated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LogReading:
    """What came into the log since the look before.

    `events` of this look, oldest first, the newest 100 of them; `recent`
    the last of each kind since the server's start; `counts` how many of
    each kind since we watch, for every kind there is; `last_lines` the end
    of the log, masked. `first`: nothing was known before, so what it holds
    is in `recent` but is neither new nor counted.
    """

    source: str
    cursor: str | None
    lines: int = 0
    events: tuple[LogEvent, ...] = ()
    recent: tuple[LogEvent, ...] = ()
    counts: tuple[tuple[str, int], ...] = ()
    last_lines: tuple[str, ...] = ()
    skipped_bytes: int = 0
    rotated: bool = False
    first: bool = False
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedJob:
    """A job in queued/ of which a step has begun; `updated_at` Unix time."""

    id: str
    updated_at: float | None = None
    steps: int | None = None
    steps_done: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobsReading:
    """The jobs folder (facts/facefusion.md §3.2).

    `counts` maps drafted, queued, completed and failed to files. A job is
    orphaned when no FaceFusion process is older than its last change: it
    was killed, and the next `job-run-all` runs it again. One that is stuck
    has not changed for long while no work is seen: a hint, for nothing in
    the file changes while a long video is worked on. `more`: not all jobs
    in work are listed.
    """

    directory: str
    counts: tuple[tuple[str, int], ...] = ()
    started: tuple[StartedJob, ...] = ()
    orphans: tuple[StartedJob, ...] = ()
    stuck: tuple[StartedJob, ...] = ()
    unreadable: int = 0
    more: bool = False
    gaps: tuple[Gap, ...] = ()
