"""Gate `hand`: whether we can act on the machine, and it lets us."""

from monitor.domain.recovery.gates.said import Said, allowed, refused
from monitor.domain.recovery.situation import Situation
from monitor.domain.recovery.words import Action

_ACTS = "we have a key to its acting gate, which is asked last"
_BOOTS = "we have a key to its gate for reboots, which is asked last"
_KEYS = {
    Action.REBOOT: _BOOTS,
    Action.RECOVER: f"{_ACTS}; a reboot would ask its own",
}
"""Whether a gate answers is seen as it is asked: it looks once more itself."""


def hand(situation: Situation) -> Said:
    """Refuse where we have no way to a gate that may act there."""
    if situation.hand:
        return refused(f"nothing can be done there: {situation.hand}")
    return allowed(_KEYS.get(situation.action, _ACTS))
