"""Break-glass: one gate that a person skips on purpose."""

from monitor.domain.recovery.plan import BreakGlass
from monitor.domain.recovery.situation import Situation
from monitor.domain.recovery.words import Trigger

SKIPPABLE = frozenset(
    {
        "maintenance",
        "healthy",
        "stopped",
        "starting",
        "crash_loop",
        "diagnosis",
        "second_vantage",
        "busy",
        "cooldown",
        "budget",
        "breaker",
        "blast_radius",
    }
)
"""Gates that guard against a poor decision, and not against a blow at the
wrong thing, by the wrong people, or by two at once."""


def skipped(situation: Situation) -> BreakGlass | None:
    """Return which gate is skipped and why, None for none.

    It takes a person and a reason; what may not be skipped is not.
    """
    glass = situation.break_glass
    if glass is None or glass.gate not in SKIPPABLE:
        return None
    is_person = situation.by.trigger is Trigger.PERSON
    return glass if is_person and glass.reason.strip() else None
