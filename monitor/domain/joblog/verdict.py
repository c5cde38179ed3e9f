"""What a look at the log or at the jobs means.

What a cause is made of is diagnosis' business: a line of the log alone
makes a server degraded at most.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from monitor.domain.health import Health
from monitor.domain.joblog.kinds import is_bad
from monitor.domain.joblog.reading import (
    JobsReading,
    LogEvent,
    LogReading,
)
from monitor.domain.machine.reading import Gap
from monitor.domain.quote import quote

RECENT = 300.0
"""Seconds for which a bad line makes a server degraded."""
LOG_MISSING = "log_missing"
JOBS_MISSING = "jobs_missing"
ORPHANED = "orphaned_jobs"
_QUOTED = 200
_EMPTY = (
    "cannot find one line of this log: check service.log and service.unit"
    " (docker and file:PATH are other places)"
)
_NAMED = 3
"""Jobs that are named in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one look means; `reason` is empty when all is well."""

    health: Health
    because: str
    reason: str = ""
    reading: LogReading | JobsReading | None = None


def judge_log(reading: LogReading, now: float) -> Verdict:
    """Return what a look at a log means at the host's time `now`.

    A gap hides what would be worse, unless what is seen is bad already.
    """
    bad = [
        event
        for event in reading.recent
        if is_bad(event.kind)
        and not event.undated
        and abs(now - event.at) <= RECENT
    ]
    if not bad and any(gap.part == "log" for gap in reading.gaps):
        return unread(LOG_MISSING, reading)
    if not bad and _is_empty(reading):
        return unread(LOG_MISSING, reading, _EMPTY)
    if not bad:
        return Verdict(
            health=Health.HEALTHY,
            because=f"nothing bad in the log: {_read(reading)}",
            reading=reading,
        )
    last = max(bad, key=lambda event: event.at)
    return Verdict(
        health=Health.DEGRADED,
        because=_told(last, now, others=len(bad) - 1),
        reason=last.kind,
        reading=reading,
    )


def judge_jobs(reading: JobsReading) -> Verdict:
    """Return what a look at a jobs folder means.

    Without a count of the queued ones nobody knows who is in work. What a
    former process left behind is told, by a reason too, and is no fault of
    the server that runs now: it stays there until somebody tidies up.
    """
    if "queued" not in dict(reading.counts):
        return unread(JOBS_MISSING, reading)
    counted = ", ".join(
        f"{count} {status}" for status, count in reading.counts
    )
    told = f"{counted}; {_started(reading)}"
    if not reading.orphans:
        return Verdict(health=Health.HEALTHY, because=told, reading=reading)
    ids = _ids(job.id for job in reading.orphans)
    return Verdict(
        health=Health.HEALTHY,
        because=(
            f"{_many(len(reading.orphans), 'job')} left in work by a process"
            f" that is gone, which the next job-run-all runs again: {ids}"
        ),
        reason=ORPHANED,
        reading=reading,
    )


def unread(
    reason: str, reading: LogReading | JobsReading, error: str = ""
) -> Verdict:
    """Return what it means that nothing could be read."""
    because = error or _gaps(reading.gaps) or "cannot tell: no answer"
    return Verdict(
        health=Health.UNKNOWN, because=because, reason=reason, reading=reading
    )


def _is_empty(reading: LogReading) -> bool:
    """Return whether not one line was ever there."""
    return not (
        reading.lines
        or reading.last_lines
        or reading.recent
        or reading.skipped_bytes
        or any(count for _, count in reading.counts)
    )


def _gaps(gaps: Iterable[Gap]) -> str:
    return "; ".join(quote(gap.because, _QUOTED) for gap in gaps)


def _told(event: LogEvent, now: float, *, others: int) -> str:
    ago = f"{max(0.0, now - event.at):.0f} s ago"
    more = f" (and {_many(others, 'other kind')})" if others else ""
    evidence = quote(event.evidence, _QUOTED)
    return f'{event.kind} {ago} in the log: "{evidence}"{more}'


def _read(reading: LogReading) -> str:
    lines = _many(reading.lines, "line")
    if reading.first:
        return f"{lines} read for a start"
    skipped = f", {reading.skipped_bytes} bytes skipped"
    return f"{lines} since the last look" + (
        skipped if reading.skipped_bytes else ""
    )


def _started(reading: JobsReading) -> str:
    broken = (
        f"; {_many(reading.unreadable, 'file')} in queued cannot be read"
        if reading.unreadable
        else ""
    )
    return f"{_in_work(reading)}{broken}"


def _in_work(reading: JobsReading) -> str:
    more = " or more" if reading.more else ""
    said = f"{len(reading.started)}{more} in work"
    if not reading.stuck:
        return said
    ids = _ids(job.id for job in reading.stuck)
    return f"{said}, of which long without a sign of work: {ids}"


def _ids(ids: Iterable[str]) -> str:
    named = [quote(one, 64) for one in ids]
    more = len(named) - _NAMED
    said = ", ".join(named[:_NAMED])
    return f"{said} and {more} more" if more > 0 else said


def _many(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
