"""The server answers wrongly, or not at all, or does not take its jobs."""

from collections.abc import Iterator

from monitor.domain.canary.busy import IDLE
from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.finding import Finding, Rule, fact, last
from monitor.domain.diagnosis.rules.silence import silence, suspended
from monitor.domain.machine.words import length
from monitor.domain.status import StatusReading

STUCK_AFTER = 600.0
STUCK_LOOKS = 3
"""Seconds, and looks at the status, for which jobs wait without a sign of
work before a queue is stuck. Ours: models load within a minute or two, and
an engine that TensorRT builds takes minutes of CPU time."""
_WRONG = frozenset(
    {
        "status_code",
        "redirect",
        "error_page",
        "bad_body",
        "reports_trouble",
        "protocol",
        "reset",
        "closed",
        "too_large",
    }
)
_AS_SET_UP = range(300, 500)
"""Codes of a server that does what its settings, or ours, ask for."""


def wrong_dialect(case: Case) -> Iterator[Finding]:
    """Find a server that answers 404 and speaks what we do not ask in."""
    status = case.status
    if status is None:
        return
    other = _recognised(status, case.target.dialect)
    if other:
        yield Finding(
            cause="wrong_dialect",
            because=f"it speaks {other}, and is asked in"
            f" {case.target.dialect}: set its dialect: {other}",
            facts=fact(status),
        )


def server_error(case: Case) -> Iterator[Finding]:
    """Find a server that answers what it should not."""
    status = case.status
    if status is None or not status.is_down or status.reason not in _WRONG:
        return
    if _recognised(status, case.target.dialect):
        return
    said = status.grounds.because if status.grounds else ""
    yield Finding(
        cause="server_error",
        because=f"its status: {said}",
        facts=fact(status),
        remedies=() if _is_as_set_up(status) else None,
    )


def queue_stuck(case: Case) -> Iterator[Finding]:
    """Find jobs that wait while nothing works on any."""
    status, gpu = case.status, case.gpu
    waiting = _waiting(status)
    if status is None or gpu is None or not waiting or not _cards_idle(case):
        return
    queue, finished = case.memory.queue, case.memory.finished.at
    if queue.still_since is None or queue.looks < STUCK_LOOKS:
        return
    still = case.now - max(queue.still_since, finished or 0.0)
    if still < STUCK_AFTER:
        return
    process = case.process
    yield Finding(
        cause="queue_stuck",
        because=f"{waiting} in its queue, none taken for {length(still)},"
        " and its GPU does nothing",
        facts=(
            *last(status),
            *last(gpu),
            *(last(process) if process else ()),
        ),
    )


def _recognised(status: Look, dialect: str) -> str:
    """Return the other dialect that a server speaks, empty for none."""
    reading = status.grounds.reading if status.grounds else None
    if not status.is_down or not isinstance(reading, StatusReading):
        return ""
    return reading.recognised if reading.recognised != dialect else ""


def _is_as_set_up(status: Look) -> bool:
    reading = status.grounds.reading if status.grounds else None
    code = reading.code if isinstance(reading, StatusReading) else None
    return code in _AS_SET_UP or status.reason == "redirect"


def _waiting(status: Look | None) -> str:
    """Return how many jobs wait now, in words; empty for none."""
    seen = status.seen if status else None
    reading = seen.reading if seen else None
    if not isinstance(reading, StatusReading) or not reading.queue_size:
        return ""
    jobs = "job" if reading.queue_size == 1 else "jobs"
    return f"{reading.queue_size} {jobs}"


def _cards_idle(case: Case) -> bool:
    """Return whether each card is seen to do nothing; unknown is not."""
    cards = case.memory.cards.used(case.target, case.gpu_reading)
    return bool(cards) and all(
        one.utilization_ratio is not None and one.utilization_ratio < IDLE
        for one in cards
    )


RULES: tuple[Rule, ...] = (
    wrong_dialect,
    suspended,
    silence,
    queue_stuck,
    server_error,
)
