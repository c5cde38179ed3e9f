"""Gate `diagnosis`: whether this helps against what is wrong."""

from monitor.domain.recovery.forbidden import why_forbidden
from monitor.domain.recovery.gates.said import (
    Said,
    allowed,
    by_automation,
    refused,
)
from monitor.domain.recovery.situation import Situation


def remedy(situation: Situation) -> Said:
    """Refuse what makes it worse; let only people try what may not help."""
    found, action = situation.diagnosis, situation.action
    if found is None:
        return _doubtful(situation, "what is wrong is not known")
    why = why_forbidden(action, found.cause)
    if why:
        return refused(f"{found.cause} forbids {action.value}: {why}")
    if action.value not in {one.value for one in found.remedies}:
        known = ", ".join(one.value for one in found.remedies) or "none"
        told = f"{action.value} is no known remedy of {found.cause} ({known})"
        return _doubtful(situation, told)
    return allowed(f"{action.value} is a remedy of {found.cause}")


def _doubtful(situation: Situation, told: str) -> Said:
    if by_automation(situation):
        return refused(f"{told}: a person must decide")
    return allowed(f"{told}; {situation.by.who} decides")
