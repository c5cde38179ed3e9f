"""The process: does it run, and where does it listen."""

from collections.abc import Iterator

from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.finding import Finding, Rule, fact, last
from monitor.domain.diagnosis.rules.oom import oom_killed
from monitor.domain.diagnosis.rules.reach import is_past, tells, unasked
from monitor.domain.diagnosis.rules.starting import is_overdue, starting
from monitor.domain.diagnosis.rules.words import about_status, at_port
from monitor.domain.health import Health, worst
from monitor.domain.observation import Observation

_CAUSES = {
    "stopped": "stopped_by_operator",
    "crash_loop": "crash_loop",
    "process_down": "process_down",
    "zombie": "process_down",
    "not_listening": "not_listening",
    "port_drift": "port_drift",
    "port_taken": "port_drift",
    "bound_to_loopback": "bound_to_loopback",
}
"""What the words of the process check mean (`service.judgement.judge`)."""


def _as_seen(case: Case) -> Iterator[Finding]:
    """Believe the check; beside a bad status one look of it is enough.

    What rests on one look is in doubt, and waited for before it is told.
    """
    process = case.process
    if process is None:
        return
    held = process.grounds
    if process.is_bad and held is not None and not is_past(case, held):
        yield from _meant(case, process, held)
    if process.seen not in {None, process.grounds} and _is_bad(case.status):
        yield from _meant(case, process, process.seen)


def _meant(
    case: Case, process: Look, seen: Observation | None
) -> Iterator[Finding]:
    if seen is None or seen.reason not in _CAUSES:
        return
    status = case.status
    looks = [one for one in (process, status) if one and one.is_bad]
    doubted = last(status) if status and status.in_doubt else ()
    yield Finding(
        cause=_CAUSES[seen.reason],
        because=f"{seen.because}; {about_status(case)}",
        facts=tuple(
            dict.fromkeys(
                last(process)
                + tuple(one for look in looks for one in fact(look))
                + doubted
            )
        ),
        health=worst(one.health for one in looks),
        wants=unasked(case, process),
    )


def _is_bad(look: Look | None) -> bool:
    return look is not None and look.is_bad


def _refused(case: Case) -> Iterator[Finding]:
    """Without a word from the host: nobody is there who would listen."""
    status, network = case.status, case.network
    if status is None or not status.is_bad or status.reason != "refused":
        return
    if tells(case.process) or (network is not None and network.is_well):
        return
    yield Finding(
        cause="process_down",
        because=f"connections to {at_port(case)} are refused: nothing"
        " listens there",
        facts=fact(status)
        + (fact(network) if network and network.is_bad else ()),
    )


def _never_starts(case: Case) -> Iterator[Finding]:
    """Find a start that takes longer than its grace: it is none."""
    process, status = case.process, case.status
    if process is None or status is None or not is_overdue(case):
        return
    shown = process.seen.because if process.seen else ""
    yield Finding(
        cause="process_down",
        because=f"{shown}, for longer than its start_grace of"
        f" {case.target.start_grace:g} s; {about_status(case)}",
        facts=last(process) + fact(status),
        health=None if status.is_down else Health.DEGRADED,
    )


RULES: tuple[Rule, ...] = (
    _as_seen,
    _refused,
    _never_starts,
    starting,
    oom_killed,
)
