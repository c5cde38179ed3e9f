"""Gate `hand`: whether we can act on the machine, and it lets us."""

from monitor.domain.recovery.gates.said import Said, allowed, refused
from monitor.domain.recovery.situation import Situation
from monitor.domain.recovery.words import Action

_ACTS = "the machine's acting gate answers"
_ANSWERS = {
    Action.REBOOT: "the machine's gate for reboots answers",
    Action.RECOVER: f"{_ACTS}; a reboot would ask its own",
}


def hand(situation: Situation) -> Said:
    """Refuse where no gate that may act is reached on the machine."""
    if situation.hand:
        return refused(f"nothing can be done there: {situation.hand}")
    return allowed(_ANSWERS.get(situation.action, _ACTS))
