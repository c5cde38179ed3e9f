"""A server's log and its jobs folder, on the wire. Evidence is masked."""

from collections.abc import Iterable

from pydantic import JsonValue

from monitor.domain.joblog.reading import (
    JobsReading,
    LogEvent,
    LogReading,
    StartedJob,
)
from monitor.web.telling.host_readings import Said, at, gaps, known


def log(reading: LogReading) -> Said:
    """Tell of a log: what was new, what was last, how much there was."""
    return {
        "source": reading.source,
        "lines": reading.lines,
        "events": _events(reading.events),
        "recent": _events(reading.recent),
        "counts": dict(reading.counts),
        "last_lines": list(reading.last_lines),
        "skipped_bytes": reading.skipped_bytes,
        "rotated": reading.rotated,
        "first": reading.first,
        "gaps": gaps(reading.gaps),
    }


def jobs(reading: JobsReading) -> Said:
    """Tell of the jobs folder; never a job's arguments."""
    return {
        "directory": reading.directory,
        "counts": dict(reading.counts),
        "started": _jobs(reading.started),
        "orphans": _jobs(reading.orphans),
        "stuck": _jobs(reading.stuck),
        "unreadable": reading.unreadable,
        "more": reading.more,
        "gaps": gaps(reading.gaps),
    }


def _events(events: Iterable[LogEvent]) -> list[JsonValue]:
    """Return events; one of unknown age has no time."""
    return [
        known(
            {
                "kind": one.kind,
                "at": None if one.undated else at(one.at),
                "evidence": one.evidence,
            }
        )
        for one in events
    ]


def _jobs(jobs: Iterable[StartedJob]) -> list[JsonValue]:
    return [
        known(
            {
                "id": job.id,
                "updated_at": at(job.updated_at),
                "steps": job.steps,
                "steps_done": job.steps_done,
            }
        )
        for job in jobs
    ]
