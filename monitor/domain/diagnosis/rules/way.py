"""The way to the server: firewalls and certificates."""

from collections.abc import Iterator

from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.finding import Finding, Rule, fact, last
from monitor.domain.diagnosis.rules.reach import (
    crowds,
    is_newer,
    pings,
    tells,
)
from monitor.domain.diagnosis.rules.words import at_port

_DROPPED = frozenset({"timeout", "unreachable"})
_BLOCKED = _DROPPED | {"refused"}


def _network_blocked(case: Case) -> Iterator[Finding]:
    status, network = case.status, case.network
    if status is None or network is None:
        return
    if not (status.is_bad and network.is_bad):
        return
    if {status.reason, network.reason} <= _BLOCKED:
        yield from _although_it_listens(case, status, network)
    if {status.reason, network.reason} <= _DROPPED:
        yield from _although_it_pings(case, status, network)


def _although_it_listens(
    case: Case, status: Look, network: Look
) -> Iterator[Finding]:
    """Find a way that ends; the process check knows where it listens."""
    process, service = case.process, case.service_reading
    if process is None or service is None or not service.listeners:
        return
    if not process.is_well or process.last_reason or crowds(case):
        return
    how = "refused" if network.reason == "refused" else "dropped"
    yield Finding(
        cause="network_blocked",
        because=f"it runs and listens on {at_port(case)} of its machine, and"
        f" connections from here are {how} on the way",
        facts=fact(network) + fact(status) + last(process),
        wants=() if is_newer(process, status) else ("process",),
    )


def _although_it_pings(
    case: Case, status: Look, network: Look
) -> Iterator[Finding]:
    if tells(case.process) or not pings(case):
        return
    yield Finding(
        cause="network_blocked",
        because=f"its address answers pings, but {at_port(case)} does not"
        " answer TCP: a firewall drops it",
        facts=fact(network) + fact(status),
    )


def _tls_invalid(case: Case) -> Iterator[Finding]:
    """Find a certificate, or a handshake, that clients refuse."""
    for look in (case.network, case.status):
        if look is not None and look.is_bad and _is_tls(look.reason):
            yield Finding(
                cause="tls_invalid",
                because=look.grounds.because if look.grounds else "",
                facts=fact(look),
                health=look.health,
            )


def _is_tls(reason: str) -> bool:
    return reason == "tls" or reason.startswith("tls_")


RULES: tuple[Rule, ...] = (_network_blocked, _tls_invalid)
