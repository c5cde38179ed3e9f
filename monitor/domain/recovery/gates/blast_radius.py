"""Gate `blast_radius`: how much of the fleet may be down for us at once."""

from collections.abc import Sequence

from monitor.domain.recovery.counting import at_once, fleet
from monitor.domain.recovery.gates.said import (
    Said,
    allowed,
    by_automation,
    refused,
)
from monitor.domain.recovery.situation import Peer, Situation

SUSPICIOUS_FROM = 4
"""Servers from which on most of them being down at once points at us or the
network. In a smaller fleet two that are down are no rare thing."""


def blast_radius(situation: Situation) -> Said:
    """Refuse more changes at once, and to take the last that serves.

    Where more than half do not serve it may be us: automation is refused
    (facts/recovery.md §2, NHC's storm and SNR's vote).
    """
    others = [
        one for one in situation.peers if one.name != situation.target.name
    ]
    servers = fleet(situation)
    changing = sum(one.is_changing for one in others)
    told = f"{changing} of {servers} servers are being changed"
    if changing >= at_once(servers):
        return refused(
            f"{told}, and at most {at_once(servers)} may be at once"
        )
    if others and _serves(situation) and not _is_left(others):
        return refused(
            f"{situation.target.name} is the last server that serves"
        )
    down = sum(one.serves is False for one in situation.peers)
    if servers < SUSPICIOUS_FROM or down * 2 <= servers:
        return allowed(told)
    return _suspicious(situation, f"{down} of {servers} servers do not serve")


def _suspicious(situation: Situation, told: str) -> Said:
    if by_automation(situation):
        return refused(f"{told}: suspect the network, or the monitor")
    return allowed(f"{told}; suspect the network, or the monitor, first")


def _serves(situation: Situation) -> bool:
    name = situation.target.name
    return any(
        one.serves is True for one in situation.peers if one.name == name
    )


def _is_left(others: Sequence[Peer]) -> bool:
    return any(one.serves is True and not one.is_changing for one in others)
