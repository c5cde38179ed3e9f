"""What a gate says, and the words that several gates share."""

from collections.abc import Callable
from math import isfinite

from monitor.domain.machine.words import length
from monitor.domain.recovery.situation import Situation
from monitor.domain.recovery.words import Trigger, Word

Said = tuple[Word, str]
"""The word, and the sentence for people that says why."""
Gate = Callable[[Situation], Said]


def allowed(because: str) -> Said:
    """Say that nothing stands against it here."""
    return Word.ALLOWED, because


def waiting(because: str) -> Said:
    """Say what has to come first, and may come by itself or by somebody."""
    return Word.WAITING, because


def refused(because: str) -> Said:
    """Say that it is not done, as things are."""
    return Word.REFUSED, because


def by_automation(situation: Situation) -> bool:
    """Return whether no person stands behind it."""
    return situation.by.trigger is not Trigger.PERSON


def ago(now: float, at: float) -> str:
    """Return how long ago something was; also of a time yet to come."""
    if not isfinite(now - at):
        return "at a time that is not known"
    if at > now:
        return f"{length(at - now)} ahead of our clock, which was set back"
    return f"{length(now - at)} ago"


def lasting(seconds: float) -> str:
    """Return a length of time in words, also of one that is no number."""
    if not isfinite(seconds):
        return "a time that is not known"
    return length(max(0.0, seconds))
