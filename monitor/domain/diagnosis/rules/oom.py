"""The kernel killed the server to get memory back."""

from collections.abc import Iterator

from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.finding import Finding, fact, last
from monitor.domain.diagnosis.rules.ages import age
from monitor.domain.diagnosis.rules.reach import bad_since, unasked
from monitor.domain.diagnosis.rules.words import about_status
from monitor.domain.diagnosis.told import START_SLACK
from monitor.domain.health import worst
from monitor.domain.kernel.event import OomKill
from monitor.domain.machine.clocks import stamp
from monitor.domain.service.reading import Unit

_OUT = frozenset({"process_down", "starting", "zombie"})
_BEFORE = 120.0
"""Seconds before its end was noticed in which a kill may be the reason: a
host is looked at every 30 s, and gathering a core takes its time."""
_How = tuple[str, Look | None]
"""How we know, in words, and the look that shows it."""


def oom_killed(case: Case) -> Iterator[Finding]:
    """Find out that it does not run because it was killed."""
    how = _how(case) if _is_out(case) else None
    if how is None:
        return
    words, shown = how
    status = case.status
    bad = [one for one in (status, case.process) if one and one.is_bad]
    doubted = last(status) if status and status.in_doubt else ()
    yield Finding(
        cause="oom_killed",
        because=f"the kernel killed it to get memory back ({words});"
        f" {about_status(case)}",
        facts=(last(shown) if shown else ())
        + tuple(one for look in bad for one in fact(look))
        + doubted,
        health=worst(one.health for one in bad),
        wants=unasked(case, case.process) if case.process else (),
    )


def _is_out(case: Case) -> bool:
    process, status = case.process, case.status
    if process is None:
        return False
    if process.last_reason not in _OUT:  # it runs, or nobody can tell
        return False
    return process.is_bad or (status is not None and status.is_bad)


def _how(case: Case) -> _How | None:
    service = case.service_reading
    unit = service.unit if service else None
    if unit is not None and (unit.result == "oom-kill" or unit.oom_killed):
        return f"{unit.manager} says so of {unit.name}", case.process
    return _kernel(case, unit) or _log(case, unit)


def _kernel(case: Case, unit: Unit | None) -> _How | None:
    machine = case.machine_reading
    kernel = machine.kernel if machine else None
    for kill in reversed(kernel.ooms if kernel else ()):
        if _is_its(case, kill, unit) and _is_near(case, kill.at, unit):
            when = f"pid {kill.pid} at {stamp(kill.at)} by its clock"
            return when, case.machine
    return None


def _is_its(case: Case, kill: OomKill, unit: Unit | None) -> bool:
    """Whether a kill was of its cgroup, or of a process that was its own."""
    if unit is not None and unit.name in kill.cgroup.split("/"):
        return True
    service = case.service_reading
    own = {one.pid for one in (service.processes if service else ())}
    return kill.pid in own | {case.memory.work.gone}


def _log(case: Case, unit: Unit | None) -> _How | None:
    reading = case.log_reading
    for event in reversed(reading.recent if reading else ()):
        known = event.kind == "oom_killed" and not event.undated
        if known and _is_near(case, event.at, unit):
            return f"its log says: {event.evidence}", case.logs
    return None


def _is_near(case: Case, at: float, unit: Unit | None) -> bool:
    """Whether something was at its end, both by the host's clock.

    Where its manager does not tell when it ended, our checks do.
    """
    old, started = age(case, at), case.memory.work.started_at
    if old is None or (started is not None and at < started - START_SLACK):
        return False  # it was one that ran before
    ended = age(case, unit.since) if unit is not None else None
    if ended is None:
        looks = (case.process, case.status)
        since = [bad_since(one) for one in looks if one and one.is_bad]
        ended = max(0.0, case.now - min(since, default=case.now))
    return old <= ended + _BEFORE
