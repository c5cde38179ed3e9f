"""What is counted of the past and of the fleet, and up to where."""

from collections.abc import Mapping
from dataclasses import dataclass

from monitor.domain.recovery.break_glass import skipped
from monitor.domain.recovery.past import Deed
from monitor.domain.recovery.policy import Budget
from monitor.domain.recovery.situation import Situation
from monitor.domain.recovery.words import Action, Outcome

USUAL: Mapping[Action, Budget] = {
    Action.RESTART: Budget(most=3, window=3600.0),
    Action.FREE_GPU_MEMORY: Budget(most=3, window=3600.0),
    Action.REBOOT: Budget(most=1, window=86400.0),
    Action.RECOVER: Budget(most=0, window=0.0),
}
"""Budgets where none is set (DESIGN §3.2): nothing is without one. `recover`
sends nothing itself, so that no intent of its own fits; its rungs have
theirs."""
CLIMBED = frozenset({Outcome.FAILED, Outcome.GAVE_UP})
"""Ends of a rung that leave the next one, where it was really done: what was
refused, cancelled or interrupted proves nothing (facts/recovery.md §5)."""
SERVERS_PER_CHANGE = 4
"""One change at once for each so many servers: a quarter, rounded down, as
machine health checks round (facts/recovery.md §2), and one at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceilings:
    """What must still hold as an intent is written, in one transaction.

    With this one at most `most` intents of the action on the server since
    the Unix time `since`, none of any action on it since `quiet_since`, and
    at most `at_once` changes of the fleet between intent and end. Both times
    are within what counts. None: skipped by break-glass. Deeds of the
    `recover` named by `climbs` that failed do not disturb the quiet.
    """

    since: float
    most: int | None
    quiet_since: float | None
    at_once: int | None
    climbs: str = ""


def ceilings(situation: Situation) -> Ceilings:
    """Return the ceilings, those that the gates weighed by."""
    glass = skipped(situation)
    gate = glass.gate if glass else ""
    return Ceilings(
        since=since(situation),
        most=None if gate == "budget" else budget_of(situation).most,
        quiet_since=None if gate == "cooldown" else quiet_since(situation),
        at_once=None if gate == "blast_radius" else at_once(fleet(situation)),
        climbs=situation.parent,
    )


def fleet(situation: Situation) -> int:
    """Return how many servers there are, this one included."""
    others = {one.name for one in situation.peers}
    return len(others | {situation.target.name})


def at_once(servers: int) -> int:
    """Return how many of so many servers may be changed at the same time."""
    return max(1, servers // SERVERS_PER_CHANGE)


def budget_of(situation: Situation) -> Budget:
    """Return how often this may be done; `recover` has no choice."""
    if situation.action is Action.RECOVER:
        return USUAL[Action.RECOVER]
    found = situation.policy.budgets.get(situation.action)
    return found or USUAL[situation.action]


def since(situation: Situation) -> float:
    """Return the Unix time from which on intents count for the budget."""
    return situation.now - budget_of(situation).window


def quiet_since(situation: Situation) -> float:
    """Return the Unix time since which nothing may have been done."""
    return situation.now - situation.policy.cooldown


def has_been_since(at: float, began: float) -> bool:
    """Return whether something was at or after a Unix time.

    Also what lies ahead of a clock that was set back, and what has no time
    that could be compared: only what is surely over does not count.
    """
    return not at < began


def is_rung_below(situation: Situation, deed: Deed) -> bool:
    """Return whether a deed is why this one comes next.

    The rung of the same `recover` before it, that was done and failed: the
    next one follows at once.
    """
    is_same = bool(situation.parent) and deed.parent == situation.parent
    return is_same and deed.done and deed.outcome in CLIMBED


def deeds_on(situation: Situation) -> tuple[Deed, ...]:
    """Return what was done to this server, in the order that is given."""
    name = situation.target.name
    return tuple(one for one in situation.past if one.target == name)
