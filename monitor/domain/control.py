"""Whether it is us: our network, by addresses that should always answer.

When none of them does, the fault is ours and not the servers' (DESIGN §4.6,
`monitor_blind`). A refusal is an answer: somebody is there to refuse.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.domain.errors import CannotReach
from monitor.domain.health import Health

LATE_LOOP = 5.0
"""Seconds by which our own loop may be late: with more, every timeout that
we measure may be our own (the status' own is 5 s)."""
_ANSWERS = {"refused", "reset"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the control addresses say of us; `reason` is blind or empty."""

    health: Health
    because: str
    reason: str


def judge_control(tried: Mapping[str, float | CannotReach]) -> Verdict:
    """Return what came of each `host:port`: its round trip, or why none."""
    silent = {
        address: tried_one
        for address, tried_one in tried.items()
        if isinstance(tried_one, CannotReach)
        and tried_one.reason not in _ANSWERS
    }
    if len(silent) < len(tried):
        return Verdict(
            health=Health.HEALTHY,
            because=f"{_count(len(tried) - len(silent), len(tried))} answer",
            reason="",
        )
    said = "; ".join(f"{at}: {e.reason}" for at, e in silent.items())
    return Verdict(
        health=Health.UNHEALTHY,
        because=f"cannot reach any control address ({said}): the fault is"
        " this machine's or its network's, not the servers'",
        reason="blind",
    )


def _count(answering: int, asked: int) -> str:
    return f"{answering} of {asked} control addresses"
