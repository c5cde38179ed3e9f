"""Who answers whom: the ways to a server, as its checks found them."""

from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.health import Health
from monitor.domain.network import NetworkReading
from monitor.domain.observation import Observation
from monitor.domain.status import StatusReading

NO_ANSWER = frozenset({"timeout", "unreachable", "resolve"})
"""Reasons of a look that nobody answered; a refusal is an answer."""
CUT_OFF = NO_ANSWER | {"closed"}
"""The same of a look over SSH: a connection that was open is closed."""
OUR_WAY = CUT_OFF | {
    "auth",
    "busy",
    "failed",
    "forbidden",
    "gate_missing",
    "gate_refused",
    "gate_version",
    "host_key",
    "protocol",
    "refused",
    "reset",
    "too_large",
    "unreadable",
}
"""Reasons of a look that did not get onto the machine, or no sense there."""


def is_silent(case: Case) -> bool:
    """Return whether its status gives no answer at all, as an opinion."""
    status = case.status
    return status is not None and status.is_bad and status.reason in NO_ANSWER


def is_answering(status: Look) -> bool:
    """Return whether a status answers, with good news or bad."""
    return status.is_well or (status.is_bad and _code(status) is not None)


def tcp_fails(case: Case) -> bool:
    """Return whether nobody answers TCP, not even by refusing."""
    network = case.network
    if network is None:
        return False
    return network.is_bad and network.reason in NO_ANSWER


def crowds(case: Case) -> bool:
    """Return whether connections wait at its port and nobody takes them.

    When that queue is full the kernel drops what comes, as a firewall does.
    """
    service = case.service_reading
    return service is not None and any(
        one.port == service.port and bool(one.waiting)
        for one in service.listeners
    )


def pings(case: Case) -> bool | None:
    """Return whether its address answers pings, None if it is not known."""
    seen = case.network.seen if case.network else None
    reading = seen.reading if seen else None
    if not isinstance(reading, NetworkReading) or reading.ping_loss is None:
        return None
    return reading.ping_round_trip is not None


def bad_since(look: Look) -> float:
    """Return since when a check is bad, by our clock; 0 if not known."""
    return look.since or 0.0


def is_newer(look: Look, than: Look) -> bool:
    """Return whether a check was looked at since another one went bad."""
    seen = look.seen
    return seen is not None and seen.at + seen.duration >= bad_since(than)


def unasked(case: Case, process: Look) -> tuple[str, ...]:
    """Name the status where it is well, and from before a process was bad.

    Should it answer still, then clients get through whatever the process
    check shows (`service.beside`): nobody is woken before that is known.
    """
    status = case.status
    if status is None or not (status.is_well and process.is_bad):
        return ()
    seen, since = status.seen, bad_since(process)
    return () if seen is not None and seen.at > since else ("status",)


def is_past(case: Case, seen: Observation) -> bool:
    """Return whether the status went well after a look was begun.

    What did not get through before says nothing of now; the next look does.
    """
    status = case.status
    if status is None or not status.is_well or status.since is None:
        return False
    return seen.at < status.since


def tells(look: Look | None) -> bool:
    """Return whether the last look at a check could tell anything."""
    seen = look.seen if look else None
    return seen is not None and seen.health is not Health.UNKNOWN


def _code(status: Look) -> int | None:
    reading = status.grounds.reading if status.grounds else None
    return reading.code if isinstance(reading, StatusReading) else None
