"""What the journal knows of what was done, and is being done."""

from monitor.domain.machine.clocks import stamp
from monitor.domain.recovery.change import AFTER_INTENT
from monitor.domain.recovery.past import Deed
from monitor.domain.recovery.policy import Policy
from monitor.ports.recovery import Journal

PAST = 7 * 86_400.0
"""Seconds of deeds that are weighed at least: longer than any cooldown,
budget or breaker that the documentation shows."""
MOST_CHANGES = 500
"""Changes under way that are told apart."""


async def past_of(
    journal: Journal, target: str, policy: Policy, now: float
) -> tuple[Deed, ...]:
    """Return the deeds on a server that may count, oldest first."""
    windows = (one.window for one in policy.budgets.values())
    longest = max((PAST, policy.cooldown, *windows))
    deeds = await journal.deeds(since=now - longest)
    return tuple(one for one in deeds if one.target == target)


async def lock_on(journal: Journal, host: str, *, besides: str) -> str:
    """Return who else than one change acts on a machine, or nothing.

    A lock that ran out counts too: what its change did is not known before
    that was looked into.
    """
    for lock in await journal.locks():
        if lock.host == host and lock.change != besides:
            return (
                f"change {lock.change} of {lock.owner} acts on {host}; its"
                f" lock lasts until {stamp(lock.until)}"
            )
    return ""


async def changed_now(journal: Journal, *, besides: str) -> set[str]:
    """Return the servers with a change between its intent and its end."""
    return {
        one.target
        for one in await journal.changes(limit=MOST_CHANGES, only_open=True)
        if one.state in AFTER_INTENT and one.id != besides
    }
