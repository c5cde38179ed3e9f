"""A server that is connected to and does not answer: busy or hung.

A single image may keep a server from answering for seconds, a video for
twenty minutes. Whether its process works tells the two apart.
"""

from collections.abc import Iterator

from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.finding import Fact, Finding, fact, last
from monitor.domain.diagnosis.memory.work import Sample, spans
from monitor.domain.diagnosis.rules.reach import crowds, unasked
from monitor.domain.machine.words import length
from monitor.domain.network import NetworkReading
from monitor.domain.observation import Observation
from monitor.domain.status import StatusReading

ENOUGH = 3
LEAST_SPAN = 6.0
"""Idle looks, and the seconds that they span, before a server that does not
answer is called hung (DESIGN §4.6: three samples)."""
REST_AFTER_WORK = 60.0
"""Seconds that idle looks span before one that did work after its last answer
is called hung: a job that hangs was begun, and a job may wait for a disk."""


def suspended(case: Case) -> Iterator[Finding]:
    """Find a process that somebody stopped with SIGSTOP."""
    process, status = case.process, case.status
    if process is None:
        return
    if process.is_bad and process.reason == "suspended":
        yield Finding(
            cause="hung",
            because=_because(process.grounds),
            facts=(*fact(process), *(fact(status) if status else ())),
            health=process.health,
            wants=unasked(case, process),
        )
    elif status is not None and is_silent(case, status) and _stopped(process):
        yield Finding(
            cause="hung",
            because=_because(process.seen),
            facts=(*last(process), *fact(status)),
        )


def silence(case: Case) -> Iterator[Finding]:
    """Find out whether a server that does not answer works."""
    status, process = case.status, case.process
    if status is None or not is_silent(case, status):
        return
    if process is not None and _stopped(process):
        return
    shown = case.memory.work.since(status.last_success)
    known = tuple(one for one in shown if one.working is not None)
    facts = (*fact(status), *(last(process) if process else ()))
    if not _can_be_seen(case, shown):
        yield _unseen(case, status, facts)
    elif any(one.working for one in known):
        rest = _rest(case, known)
        yield (
            _idle(rest, facts)
            if rest
            else _working(case, status, known, facts)
        )
    else:
        yield _idle(known, facts)


def is_silent(case: Case, status: Look) -> bool:
    """Return whether it is connected to and gives no answer in time."""
    return (
        status.is_down
        and status.reason == "timeout"
        and (_reached(status) or _connects(case.network) or crowds(case))
    )


def _reached(status: Look) -> bool:
    reading = status.grounds.reading if status.grounds else None
    return (
        isinstance(reading, StatusReading)
        and reading.phases.connect is not None
    )


def _connects(network: Look | None) -> bool:
    seen = network.seen if network else None
    reading = seen.reading if seen else None
    return (
        isinstance(reading, NetworkReading)
        and reading.tcp_round_trip is not None
    )


def _stopped(process: Look) -> bool:
    return process.last_reason == "suspended"


def _because(seen: Observation | None) -> str:
    return seen.because if seen else ""


def _can_be_seen(case: Case, shown: tuple[Sample, ...]) -> bool:
    """Return whether looks at the process tell, or soon will."""
    reading = case.service_reading
    if reading is None or reading.server is None:
        return False
    tells = any(one.working is not None for one in shown)
    return tells or len(shown) < ENOUGH


def _unseen(case: Case, status: Look, facts: tuple[Fact, ...]) -> Finding:
    quiet = _quiet(case, status)
    told = f"it connects and does not answer ({_because(status.grounds)})"
    if quiet <= case.target.busy_limit:
        return Finding(
            cause="busy",
            because=f"{told}; whether it works cannot be seen: it is taken to"
            f" be busy for {length(case.target.busy_limit)}",
            facts=facts,
        )
    return Finding(
        cause="hung",
        because=f"{told}, and nothing was finished for {length(quiet)};"
        " whether it works cannot be seen",
        facts=facts,
    )


def _working(
    case: Case,
    status: Look,
    known: tuple[Sample, ...],
    facts: tuple[Fact, ...],
) -> Finding:
    """Work on the CPU alone may be a loop that never ends."""
    if any(one.on_gpu for one in known):
        because = "it does not answer while it works on its GPU"
        return Finding(cause="busy", because=because, facts=facts)
    quiet = _quiet(case, status)
    if quiet <= case.target.busy_limit:
        because = "it does not answer while its process works"
        return Finding(cause="busy", because=because, facts=facts)
    return Finding(
        cause="hung",
        because="it connects and does not answer; its process only takes CPU"
        f" time, and nothing was finished for {length(quiet)}",
        facts=facts,
    )


def _rest(case: Case, known: tuple[Sample, ...]) -> tuple[Sample, ...]:
    """Return the idle looks since its last work; none where they may pass."""
    last = max(n for n, one in enumerate(known) if one.working)
    rest, finished = known[last + 1 :], case.memory.finished.at
    if len(rest) < ENOUGH or spans(rest) < REST_AFTER_WORK:
        return ()
    if finished is not None and finished >= rest[0].at:
        return ()
    return rest


def _idle(known: tuple[Sample, ...], facts: tuple[Fact, ...]) -> Finding:
    told = "it connects and does not answer"
    if len(known) < ENOUGH or spans(known) < LEAST_SPAN:
        because = f"{told}; whether its process works is being looked at"
        return Finding(
            cause="hung", because=because, facts=facts, wants=("process",)
        )
    return Finding(
        cause="hung",
        because=f"{told}, and its process does no work: idle in {len(known)}"
        f" looks within {length(spans(known))}",
        facts=facts,
    )


def _quiet(case: Case, status: Look) -> float:
    """Return the seconds since it last answered or finished anything."""
    known = (
        case.memory.finished.at,
        status.last_success,
        status.since if status.last_success is None else None,
    )
    newest = max((at for at in known if at is not None), default=case.now)
    return case.now - newest
