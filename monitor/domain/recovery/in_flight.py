"""What users have under way on a server: it would be lost by ending it.

Whether it moves is judged as the diagnosis judges it: what that calls hung
does not move, what it calls busy may.
"""

from collections.abc import Iterator

from monitor.domain.canary.busy import IDLE
from monitor.domain.diagnosis.case import Case
from monitor.domain.diagnosis.finding import Finding
from monitor.domain.diagnosis.holders import holders
from monitor.domain.diagnosis.memory.work import Sample, spans
from monitor.domain.diagnosis.rules.server import queue_stuck
from monitor.domain.diagnosis.rules.silence import (
    ENOUGH,
    LEAST_SPAN,
    silence,
    suspended,
)
from monitor.domain.joblog.reading import StartedJob
from monitor.domain.quote import quote
from monitor.domain.recovery.situation import Work
from monitor.domain.service.sight import may_be_hidden
from monitor.domain.status import StatusReading

_BUSY, _HUNG = "busy", "hung"


def work_of(case: Case, now: float) -> Work:
    """Return users' work at the Unix time `now`; `waited` is not known here.

    Orphaned jobs are nobody's work any more. What our own canaries do looks
    the same as work of users: let none run meanwhile.
    """
    silent = next(silence(case), None)
    moves = _moves(case, silent, now)
    jobs = tuple(_jobs(case, silent)) or tuple(
        _unnamed(case, silent, moves=moves)
    )
    return Work(jobs=jobs, moves=moves)


def _jobs(case: Case, silent: Finding | None) -> Iterator[str]:
    reading = case.jobs_reading
    if reading is not None:
        orphans = set(reading.orphans)
        for job in reading.started:
            if job not in orphans:
                yield _words(job)
        if reading.more:
            yield "more jobs that are not listed"
    waiting = 0 if _is_gone(case) else _queue(case, silent)
    if waiting:
        yield f"{waiting} {'job' if waiting == 1 else 'jobs'} in its queue"


def _words(job: StartedJob) -> str:
    name = f"job {quote(job.id)}"
    if job.steps is None or job.steps_done is None:
        return name
    return f"{name}, {job.steps_done} of {job.steps} steps done"


def _queue(case: Case, silent: Finding | None) -> int:
    """Return how many jobs wait, as a server told that is silent now."""
    seen = case.status.seen if case.status else None
    reading = seen.reading if seen else None
    told = reading.queue_size if isinstance(reading, StatusReading) else None
    if told is None and silent is not None:
        told = case.memory.queue.size
    return told or 0


def _unnamed(
    case: Case, silent: Finding | None, *, moves: bool | None
) -> Iterator[str]:
    """Yield work of which only the signs are seen."""
    if silent is not None:
        if silent.cause == _BUSY:
            yield silent.because
    elif moves and (_on_card(case) or _works_now(case)):
        yield "it works, on what cannot be seen"


def _works_now(case: Case) -> bool:
    known = _known(case)
    return bool(known) and bool(known[-1].working)


def _moves(case: Case, silent: Finding | None, now: float) -> bool | None:
    """Return whether work makes progress, None where that is not seen."""
    if _is_gone(case) or any(suspended(case)) or any(queue_stuck(case)):
        return False
    if silent is None:
        return _by_looks(case, now)
    if silent.cause == _HUNG:
        return None if silent.wants else False
    return True if any(one.working for one in _known(case)) else None


def _by_looks(case: Case, now: float) -> bool | None:
    """Return what the last looks at the process and its cards show.

    CPU time alone, with nothing finished for long, may be an endless loop.
    """
    if _on_card(case):
        return True
    if case.service_reading is None:
        return None
    last = _known(case)[-ENOUGH:]
    if any(one.on_gpu for one in last):
        return True
    if any(one.working for one in last):
        return now - _finished(case, now) <= case.target.busy_limit
    if len(last) < ENOUGH or spans(last) < LEAST_SPAN:
        return None
    return False


def _known(case: Case) -> tuple[Sample, ...]:
    samples = case.memory.work.samples
    return tuple(one for one in samples if one.working is not None)


def _finished(case: Case, now: float) -> float:
    """Return when it last answered well or finished anything."""
    status = case.status
    known = (
        case.memory.finished.at,
        status.last_success if status else None,
        status.since if status and status.last_success is None else None,
    )
    return max((at for at in known if at is not None), default=now)


def _on_card(case: Case) -> bool:
    """Return whether a card works that nobody but this server uses."""
    held = holders(case)
    if not held.own or held.others:
        return False
    return any(
        gpu.utilization_ratio is not None and gpu.utilization_ratio > IDLE
        for gpu in case.memory.cards.used(case.target, case.gpu_reading)
    )


def _is_gone(case: Case) -> bool:
    """Return whether it is seen that no process of it serves."""
    reading = case.service_reading
    if reading is None or reading.server is not None:
        return False
    return not may_be_hidden(reading)
