"""What backs a line of a log, and what speaks against it.

A line alone proves little: it may be harmless, old, or about one picture.
It counts when a check is down since about then, and no more when work went
well after it.
"""

from collections.abc import Iterator

from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.finding import Fact, fact
from monitor.domain.diagnosis.told import Told
from monitor.domain.service.reading import ServiceReading

CLOSE = 60.0
"""Seconds that a cause and what it brings down may be apart: looks come every
30 s, a line without a time bears that of its look, and a server takes some
time to end."""
_MEANT = "stopped"
_CHECK_FAILED = 2
"""FaceFusion's exit code for what a start needs and does not find
(facts/facefusion.md §3.4)."""


def is_disproved(case: Case, told: Told) -> bool:
    """Return whether any work that was begun after it went well."""
    return told.outlived or any(
        one.last_success is not None and one.last_success > told.at
        for one in case.canaries()
    )


def failing_since(case: Case, at: float) -> tuple[Look, ...]:
    """Return what is down and was seen to be so at about `at` or after.

    That is status, process and canaries, in this order; nothing where
    somebody stopped the server, which explains it.
    """
    process = case.process
    if process is not None and process.is_down and process.reason == _MEANT:
        return ()
    looks = (case.status, process, *case.canaries())
    return tuple(
        one
        for one in looks
        if one is not None and one.is_down and _ended(one) >= at - CLOSE
    )


def brought_down(case: Case, at: float) -> tuple[Look, ...]:
    """Return what went down at about `at`, the time of what was told.

    A check that was well long after it has another reason to be down. So
    has a server that is starting, unless its last start failed a check.
    """
    down = tuple(
        one
        for one in failing_since(case, at)
        if one.last_success is None or one.last_success <= at + CLOSE
    )
    if not _is_starting(case):
        return down
    process = case.process
    if process is not None and _failed_check(process):
        return (process, *(one for one in down if one is not process))
    return tuple(one for one in down if one is process)


def facts_of(looks: tuple[Look, ...]) -> Iterator[Fact]:
    """Yield looks as evidence."""
    for look in looks:
        yield from fact(look)


def _ended(look: Look) -> float:
    grounds = look.grounds
    return grounds.at + grounds.duration if grounds else 0.0


def _is_starting(case: Case) -> bool:
    process, reading = case.process, case.service_reading
    if process is not None and process.last_reason == "starting":
        return True
    if reading is None or reading.server is None or reading.now is None:
        return False
    age = reading.now - reading.server.started_at
    return 0 <= age < case.target.start_grace


def _failed_check(process: Look) -> bool:
    seen = process.seen
    reading = seen.reading if seen else None
    if not isinstance(reading, ServiceReading) or reading.server is not None:
        return False
    unit = reading.unit
    return (
        unit is not None
        and unit.exit_status == _CHECK_FAILED
        and unit.exit_code in {"", "exited"}
    )
