"""Gate `crash_loop`: whether it ends after each start."""

from monitor.domain.recovery.gates.said import Said, allowed, refused
from monitor.domain.recovery.situation import Situation

_LOOP = "crash_loop"


def crash_loop(situation: Situation) -> Said:
    """Refuse one start more of what ends after each of them."""
    found = situation.diagnosis
    if found is not None and found.cause == _LOOP:
        return refused(f"{found.because}: another start would end the same")
    return allowed("it does not end after each start")
