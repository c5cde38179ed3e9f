"""The jobs folder: what is in work, and what was left behind.

A job is run by the process that changed its file last. When every
FaceFusion process was started after that, nobody works on it any more.
"""

from collections.abc import Iterable
from dataclasses import replace

from monitor.domain.errors import Unreadable
from monitor.domain.joblog.reading import JobsReading, StartedJob
from monitor.domain.wire import Part

STATUSES = ("drafted", "queued", "completed", "failed")
"""Folders below `.jobs/`, which are the states of a job."""
MOST_STARTED = 100
START_SLACK = 2.0
"""Seconds by which a start may be told too late: it is worked out from
clock ticks since boot."""
_ID_LIMIT = 128


def read_jobs(part: Part, directory: str) -> JobsReading:
    """Return what the gate says of the jobs in `directory`.

    A job that cannot be read does not spoil the others; folders that could
    not be read have no count. Raises `Unreadable` when the whole is not
    what the protocol says.
    """
    counts = part.maybe_part("counts")
    started: list[StartedJob] = []
    members = part.items("started", most=MOST_STARTED + 1, cut=True)
    is_cut = len(members) > MOST_STARTED
    for name, member in members[:MOST_STARTED]:
        try:
            started.append(_job(Part(member, name)))
        except Unreadable:
            continue
    bad = len(members[:MOST_STARTED]) - len(started)
    return JobsReading(
        directory=directory,
        counts=() if counts is None else _counts(counts),
        started=tuple(started),
        unreadable=bad + (part.maybe_whole("unreadable") or 0),
        more=is_cut or _is_more(part),
    )


def with_orphans(
    reading: JobsReading, oldest_start: float | None
) -> JobsReading:
    """Return a reading that names its orphans.

    `oldest_start` is when the oldest FaceFusion process that runs now was
    started, Unix time by the host's clock; infinity when none runs, None
    when that is not known: then no job is called an orphan.
    """
    if oldest_start is None:
        return reading
    left = (
        job
        for job in reading.started
        if job.updated_at is not None
        and job.updated_at < oldest_start - START_SLACK
    )
    return replace(reading, orphans=tuple(left))


def with_stuck(
    reading: JobsReading, *, now: float, limit: float, working: bool | None
) -> JobsReading:
    """Return a reading that names jobs which may be stuck.

    They have not changed for `limit` seconds at the host's time `now`, and
    no work is seen. `working` None: nobody knows, and none is named. An
    orphan is not stuck, it is over.
    """
    if working is not False:
        return reading
    return replace(
        reading, stuck=tuple(_unchanged(reading, before=now - limit))
    )


def _unchanged(reading: JobsReading, before: float) -> Iterable[StartedJob]:
    for job in reading.started:
        if job.updated_at is None or job in reading.orphans:
            continue
        if job.updated_at < before:
            yield job


def _counts(part: Part) -> tuple[tuple[str, int], ...]:
    found = ((status, part.maybe_whole(status)) for status in STATUSES)
    return tuple((name, count) for name, count in found if count is not None)


def _job(part: Part) -> StartedJob:
    return StartedJob(
        id=part.text("id", limit=_ID_LIMIT, cut=True),
        updated_at=part.maybe_number("updated_at"),
        steps=part.maybe_whole("steps"),
        steps_done=part.maybe_whole("steps_done"),
    )


def _is_more(part: Part) -> bool:
    """Whether jobs are left out; the gate says yes, or how many."""
    try:
        return bool(part.maybe_whole("more"))
    except Unreadable:
        return part.flag("more")
