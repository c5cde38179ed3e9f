"""No room on a disk that FaceFusion needs."""

from collections.abc import Iterator

from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.finding import Finding, fact, last
from monitor.domain.diagnosis.rules.ages import age
from monitor.domain.diagnosis.rules.reach import bad_since
from monitor.domain.health import Health
from monitor.domain.joblog.reading import LogEvent

_DISK_FULL = "disk_full"
_BEFORE = 300.0
"""Seconds before a fault in which the log may have named its reason: jobs
fail first, and the checks that notice take a while."""


def full_disk(case: Case) -> Iterator[Finding]:
    """Find a watched disk without room, as the machine itself says."""
    machine = case.machine
    if machine is None or not machine.is_bad or machine.grounds is None:
        return
    if machine.reason == _DISK_FULL:
        yield Finding(
            cause=_DISK_FULL,
            because=f"{case.target.host}: {machine.grounds.because}",
            facts=fact(machine),
            health=machine.health,
        )


def no_space_left(case: Case) -> Iterator[Finding]:
    """Find that the log complains of no room left.

    A line alone is a suspicion: it may be about another disk, or one job.
    """
    event = _event(case)
    if event is None or case.logs is None:
        return
    broken = [look for look in _witnesses(case) if _is_near(case, event, look)]
    suspected = "" if broken else "suspected: "
    yield Finding(
        cause=_DISK_FULL,
        because=f"{suspected}its log says: {event.evidence}",
        facts=last(case.logs)
        + tuple(one for look in broken for one in fact(look)),
        health=None if broken else Health.DEGRADED,
    )


def _event(case: Case) -> LogEvent | None:
    """Return the log's last complaint, unless nobody knows its age.

    It counts while it is news, which is what the look at the log judges by,
    and beside a fault.
    """
    reading = case.log_reading
    found = [
        event
        for event in (reading.recent if reading else ())
        if event.kind == _DISK_FULL and not event.undated
    ]
    event = max(found, key=lambda one: one.at, default=None)
    if event is None or _is_disproved(case, event):
        return None
    is_news = case.logs is not None and case.logs.is_bad
    near = any(_is_near(case, event, look) for look in _witnesses(case))
    return event if near or (is_news and _is_young(case, event)) else None


def _is_young(case: Case, event: LogEvent) -> bool:
    old = age(case, event.at)
    return old is not None and old <= _BEFORE


def _witnesses(case: Case) -> Iterator[Look]:
    for look in (case.status, case.process, *case.canaries()):
        if look is not None and look.is_down:
            yield look


def _is_near(case: Case, event: LogEvent, look: Look) -> bool:
    """Whether a check went bad after the line, or not long before it."""
    old = age(case, event.at)
    return old is not None and case.now - old >= bad_since(look) - _BEFORE


def _is_disproved(case: Case, event: LogEvent) -> bool:
    """Whether a canary could write its files since."""
    old = age(case, event.at)
    return old is not None and any(
        look.last_success is not None and look.last_success > case.now - old
        for look in case.canaries()
    )
