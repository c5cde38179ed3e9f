"""The machine: reachable, and with room on its disks."""

from collections.abc import Iterator
from dataclasses import replace

from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.finding import Fact, Finding, Rule, fact, last
from monitor.domain.diagnosis.rules.disk import full_disk, no_space_left
from monitor.domain.diagnosis.rules.reach import (
    CUT_OFF,
    OUR_WAY,
    is_answering,
    is_newer,
    is_silent,
    pings,
    tcp_fails,
)
from monitor.domain.health import Health
from monitor.domain.observation import Observation

_PAUSES = 75.0
"""Seconds in which a machine that is back was surely tried again: pauses
between attempts are 60 s at most, and an attempt takes its time."""
_TOGETHER = 2.0
"""Seconds between the first looks at a machine and at a server on it."""
_OURS = frozenset({"busy", "failed"})
"""Reasons of a look over SSH that tell of us only."""


def _host_unreachable(case: Case) -> Iterator[Finding]:
    """Nothing answers: not the server, not TCP, not ping, not SSH.

    A ping that cannot be sent says nothing; then SSH has to fail too, and
    where there is no SSH the ping must have been lost.
    """
    if not (is_silent(case) and tcp_fails(case)) or pings(case):
        return
    machine, lost = case.machine, pings(case) is False
    if machine is None or machine.last_reason in _OURS or not machine.seen:
        if lost:
            yield _unreachable(case, "TCP and ping both fail")
    elif machine.last_reason in CUT_OFF:
        ways = "TCP, ping and SSH" if lost else "TCP and SSH"
        yield _unreachable(case, f"{ways} all fail", last(machine))
    elif case.status and not is_newer(machine, case.status):
        found = _unreachable(case, "TCP fails, and SSH was not tried since")
        yield replace(found, wants=("host",))


def _unreachable(
    case: Case, what: str, more: tuple[Fact, ...] = ()
) -> Finding:
    name = case.target.host or f"the machine of {case.target.name}"
    looks = (case.status, case.network)
    facts = tuple(one for look in looks if look for one in fact(look))
    return Finding(
        cause="host_unreachable",
        because=f"{name} does not answer: {what}",
        facts=facts + more,
    )


def _ssh_unavailable(case: Case) -> Iterator[Finding]:
    """Our way onto the machine fails while the server answers.

    Looks that fail for the gate's sake cannot tell of the machine, so no
    opinion is formed of them: it is missing, and that is when it counts.
    """
    machine, status = case.machine, case.status
    if machine is None or status is None or not is_answering(status):
        return
    shown = _why_not_there(machine)
    if shown is not None and not _was_cut_off(case, machine):
        yield Finding(
            cause="ssh_unavailable",
            because="the server answers, but nothing is known of its machine"
            f" {case.target.host}: {shown.because}",
            facts=(
                Fact(key=shown.key, because=shown.because, at=shown.at),
                *last(status),
            ),
            wants=() if _ended(status.seen) >= _ended(shown) else ("status",),
        )


def _ended(seen: Observation | None) -> float:
    """Return when a look ended: an attempt that nobody answers takes long."""
    return seen.at + seen.duration if seen else 0.0


def _was_cut_off(case: Case, machine: Look) -> bool:
    """Whether it was not reached since an outage that has just ended.

    We pause between attempts, and that is no fault of the machine.
    """
    status, worked = case.status, machine.last_success
    if status is None or status.since is None or worked is None:
        return False
    is_new = case.now - status.since < _PAUSES
    return is_new and worked < status.since - _TOGETHER


def _why_not_there(machine: Look) -> Observation | None:
    """Return the look that says why we do not get onto the machine."""
    if machine.is_bad and machine.reason in OUR_WAY:
        return machine.grounds
    is_lost = machine.health is Health.UNKNOWN
    return machine.seen if is_lost and machine.last_reason in OUR_WAY else None


RULES: tuple[Rule, ...] = (
    _host_unreachable,
    full_disk,
    no_space_left,
    _ssh_unavailable,
)
