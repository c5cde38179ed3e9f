"""Gate `hand`: whether we can act on the machine, and it lets us."""

from monitor.domain.recovery.gates.said import Said, allowed, refused
from monitor.domain.recovery.situation import Situation


def hand(situation: Situation) -> Said:
    """Refuse where no gate that may act is reached on the machine."""
    if situation.hand:
        return refused(f"nothing can be done there: {situation.hand}")
    return allowed("the machine's acting gate answers")
