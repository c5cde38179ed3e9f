"""Gate `blind`: whether we can trust our own eyes."""

from monitor.domain.recovery.gates.said import Said, allowed, refused
from monitor.domain.recovery.situation import Situation

_BLIND = "monitor_blind"


def blind(situation: Situation) -> Said:
    """Refuse everybody while we see nothing.

    Where all looks bad at once it is most often the one who looks: acting
    on it would end servers that are well (facts/recovery.md §2).
    """
    if situation.blind:
        return refused(
            f"the monitor cannot trust what it sees: {situation.blind}"
        )
    found = situation.diagnosis
    if found is not None and found.cause == _BLIND:
        return refused(
            f"the monitor cannot trust what it sees: {found.because}"
        )
    return allowed("the monitor sees what it should")
