"""Whether jobs of ours that got no answer only wait behind users' work."""

from monitor.domain.canary.busy import Signs, busy
from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.observation import Observation
from monitor.domain.status import StatusReading

Run = tuple[Look, Observation]
"""A canary, and the run that counts of it."""


def excuse(case: Case, found: list[Run]) -> str:
    """Return what else the server does, empty when it should have answered.

    A job that waits behind others is late and not lost, for a bounded time.
    """
    status = case.status
    if status is None or not status.is_well or _is_overdue(case, found):
        return ""
    return _waiting(case, status) or _jobs(case)


def _waiting(case: Case, status: Look) -> str:
    """Return what waits. Only beside it the GPU's load tells anything.

    Our own job loads the GPU as well.
    """
    seen = status.seen
    reading = seen.reading if seen else None
    size = reading.queue_size if isinstance(reading, StatusReading) else None
    loads = tuple(
        one.utilization_ratio
        for one in case.memory.cards.used(case.target, case.gpu_reading)
        if one.utilization_ratio is not None
    )
    return busy(Signs(queue_size=size, loads=loads)) if size else ""


def _jobs(case: Case) -> str:
    reading = case.jobs_reading
    samples = case.memory.work.samples
    if reading is None or not (samples and samples[-1].working):
        return ""
    left = {one.id for one in (*reading.orphans, *reading.stuck)}
    count = sum(one.id not in left for one in reading.started)
    return f"{count} in work in its jobs folder" if count else ""


def _is_overdue(case: Case, found: list[Run]) -> bool:
    """Return whether nothing was finished for longer than may be."""
    known = (
        case.memory.finished.at,
        *(one.last_success or one.since for one, _ in found),
    )
    newest = max((at for at in known if at is not None), default=case.now)
    return case.now - newest > case.target.busy_limit
