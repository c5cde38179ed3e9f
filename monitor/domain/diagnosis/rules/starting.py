"""A server that is about to serve, for as long as a start may take."""

from collections.abc import Iterator

from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.finding import Finding, fact, last
from monitor.domain.diagnosis.rules.ages import age, uptime
from monitor.domain.diagnosis.rules.reach import tells
from monitor.domain.machine.words import length
from monitor.domain.service.endings import is_about_to_start

BOOT_GRACE = 120.0
"""Seconds after a machine's boot in which its services come up, at least."""
_TOLD_EARLY = 1.0
"""Seconds by which a start may be told too early: Linux tells its boot time
in whole seconds (proc(5), btime). What answered within them, or while the
process was looked at, may be the process before."""
_ELSEWHERE = frozenset(
    {"bound_to_loopback", "port_drift", "port_taken", "stopped", "zombie"}
)
"""What a young process will not grow out of."""


def starting(case: Case) -> Iterator[Finding]:
    """Find a start under way: of the service, the process, the machine."""
    status = case.status
    sign = next(_signs(case), None) if _is_missed(case) else None
    if sign is not None and status is not None:
        because, shown = sign
        yield Finding(
            cause="starting",
            because=because,
            facts=last(shown) + (fact(status) if status.is_bad else ()),
        )


def is_overdue(case: Case) -> bool:
    """Return whether a manager starts it for longer than it may take."""
    process = case.process
    if process is None or process.last_reason != "starting":
        return False
    return _is_missed(case) and not _is_starting(case)


def _signs(case: Case) -> Iterator[tuple[str, Look]]:
    """Yield why it may be starting, and the look that shows it."""
    process, machine = case.process, case.machine
    if process is not None and process.seen and _is_starting(case):
        yield process.seen.because, process
    old = _young(case)
    if process is not None and old is not None:
        because = (
            f"its process runs for {length(old)} of the"
            f" {case.target.start_grace:g} s that a start may take"
        )
        yield because, process
    back = _just_back(case)
    if case.status is not None and back is not None:
        because = (
            f"its address was silent until {length(back)} ago and refuses"
            " connections now: the machine may have booted"
        )
        yield because, case.status
    up = _booting(case)
    if machine is not None and up is not None:
        because = (
            f"{case.target.host} booted {length(up)} ago, and its services"
            f" may take {_boot_grace(case):g} s"
        )
        yield because, machine


def _is_missed(case: Case) -> bool:
    """Whether somebody waits for it: nothing starts that serves."""
    status, process = case.status, case.process
    if status is None:
        return False
    return status.is_bad or (process is not None and process.is_bad)


def _is_starting(case: Case) -> bool:
    """Whether the check says so, within the grace.

    How long systemd keeps a start job waiting is not known, and bounded
    by systemd.
    """
    process, service = case.process, case.service_reading
    if process is None or process.last_reason != "starting":
        return False
    unit = service.unit if service else None
    if unit is None or not is_about_to_start(unit):
        return True
    waits = unit.state == "restarting" or unit.active_state == "activating"
    begun = age(case, unit.since) if waits else None
    return begun is None or begun < case.target.start_grace


def _young(case: Case) -> float | None:
    """Return how old its process is, None past its grace.

    Once it has served it is not starting any more: what fails now is a fault.
    """
    process, service = case.process, case.service_reading
    server = service.server if service else None
    if process is None or server is None:
        return None
    if {process.last_reason, process.reason} & _ELSEWHERE:
        return None
    old = age(case, server.started_at)
    if old is None or old >= case.target.start_grace or _served(case, old):
        return None
    return old


def _served(case: Case, old: float) -> bool:
    """Whether a process of this age has answered well already."""
    served_at = case.status.last_success if case.status else None
    seen = case.process.seen if case.process else None
    early = _TOLD_EARLY + (seen.duration if seen else 0.0)
    return served_at is not None and served_at > case.now - old + early


def _just_back(case: Case) -> float | None:
    """Return for how long its address answers again, None past the grace.

    Only where nobody on the machine can be asked yet.
    """
    status, silent_at = case.status, case.memory.outage.silent_at
    if status is None or silent_at is None or tells(case.process):
        return None
    back = case.now - silent_at
    is_refused = status.is_bad and status.last_reason == "refused"
    return back if is_refused and 0 <= back < _boot_grace(case) else None


def _booting(case: Case) -> float | None:
    """Return for how long the machine is up, None past its grace."""
    up = uptime(case)
    if up is None or up >= _boot_grace(case) or not _may_come(case):
        return None
    return up


def _boot_grace(case: Case) -> float:
    return max(case.target.start_grace, BOOT_GRACE)


def _may_come(case: Case) -> bool:
    """Whether it does not run yet, and did not fail either."""
    service, status = case.service_reading, case.status
    if service is None or (service.unit is None and not service.processes):
        return status is not None and status.reason != "timeout"
    unit = service.unit
    return service.server is None and (
        unit is None or unit.active_state != "failed"
    )
