"""Gate `allowed`: whether the operator lets this be done at all."""

from monitor.domain.recovery.gates.said import Said, allowed, refused
from monitor.domain.recovery.situation import Situation


def permitted(situation: Situation) -> Said:
    """Refuse what is not in `recovery.allow`, where nothing is by default."""
    action, name = situation.action.value, situation.target.name
    if situation.action in situation.policy.allow:
        return allowed(f"recovery.allow of {name} holds {action}")
    return refused(
        f"recovery.allow of {name} does not hold {action}: add it there to"
        " permit it"
    )
