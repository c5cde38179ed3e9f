"""Gate `approval`: whether enough other people agree."""

from collections.abc import Iterator

from monitor.domain.recovery.gates.said import Said, allowed, waiting
from monitor.domain.recovery.plan import PLAN_LASTS, BreakGlass
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.situation import Situation
from monitor.domain.recovery.words import Action, Trigger

_AHEAD = 60.0
"""Seconds that a word may be ahead of our clock: clocks of two monitors
differ by less, and one that was set back tells no word's age."""


def needed_approvals(
    action: Action, by: Principal, break_glass: BreakGlass | None
) -> int:
    """Return how many other people must agree (DESIGN §3.3).

    One to a reboot, and wherever a gate is skipped; two where nobody but
    automation asks. A `recover` that comes to a reboot asks for it then.
    """
    if action is not Action.REBOOT and break_glass is None:
        return 0
    return 1 if by.trigger is Trigger.PERSON else 2


def approval(situation: Situation) -> Said:
    """Wait for people, each counted once and never who asks for it."""
    needed = needed_approvals(
        situation.action, situation.by, situation.break_glass
    )
    if needed == 0 and situation.action is Action.RECOVER:
        return allowed("each rung asks for those that it needs")
    if needed == 0:
        return allowed("nobody else has to agree")
    agreed = sorted(set(_agreed(situation)))
    told = f"{len(agreed)} of {needed} other people agreed"
    if agreed:
        told = f"{told} ({', '.join(agreed)})"
    return allowed(told) if len(agreed) >= needed else waiting(told)


def _agreed(situation: Situation) -> Iterator[str]:
    """Yield who agreed within the life of a plan, somebody once or more."""
    for one in situation.approvals:
        person = one.by.person
        is_other = person and person != situation.by.person
        if one.by.trigger is not Trigger.PERSON or not is_other:
            continue
        if -_AHEAD <= situation.now - one.at <= PLAN_LASTS:
            yield person
