"""Gate `mode`: whether anything may be done here, and by whom."""

from monitor.domain.recovery.gates.said import (
    Said,
    allowed,
    by_automation,
    refused,
    waiting,
)
from monitor.domain.recovery.situation import Situation
from monitor.domain.recovery.words import Action

OFF, SUGGEST, AUTO = "off", "suggest", "auto"
"""What `recovery.mode` may be; any other word is as good as off."""


def mode(situation: Situation) -> Said:
    """Refuse everybody in off; let automation act alone only in auto.

    A reboot is never automation's alone, whatever the settings say.
    """
    set_to = situation.policy.mode
    told = f"recovery.mode of {situation.target.name} is {set_to}"
    if set_to not in {SUGGEST, AUTO}:
        return refused(f"{told}: nothing is done to it from here")
    if not by_automation(situation):
        return allowed(f"{told} and {situation.by.who} asks for it")
    action = situation.action
    if set_to == SUGGEST:
        return waiting(f"{told}: a person must apply it")
    if action is Action.REBOOT or action not in situation.policy.auto:
        return waiting(
            f"recovery.auto does not hold {action.value}: a person must"
            " apply it"
        )
    return allowed(f"{told} and recovery.auto holds {action.value}")
