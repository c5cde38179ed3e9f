"""Gate `allowed`: whether the operator lets this be done at all."""

from monitor.domain.recovery.gates.said import Said, allowed, refused
from monitor.domain.recovery.situation import Situation
from monitor.domain.recovery.words import RUNGS, Action


def permitted(situation: Situation) -> Said:
    """Refuse what is not in `recovery.allow`, where nothing is by default."""
    action, name = situation.action.value, situation.target.name
    if situation.action is Action.RECOVER:
        return _any_rung(situation)
    if situation.action in situation.policy.allow:
        return allowed(f"recovery.allow of {name} holds {action}")
    return refused(
        f"recovery.allow of {name} does not hold {action}: add it there to"
        " permit it"
    )


def _any_rung(situation: Situation) -> Said:
    """Refuse a `recover` that could do nothing at all.

    It may begin above what is not allowed where that does not apply; each
    rung is asked about anew.
    """
    name = situation.target.name
    held = [one.value for one in RUNGS if one in situation.policy.allow]
    if held:
        return allowed(
            f"recovery.allow of {name} holds {', '.join(held)}; each rung is"
            " weighed by it"
        )
    return refused(
        f"recovery.allow of {name} holds no rung of recover"
        f" ({', '.join(RUNGS)}): add what may be done"
    )
