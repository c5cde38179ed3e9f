"""Gate `lock`: one change a machine at a time."""

from monitor.domain.recovery.gates.said import Said, allowed, refused
from monitor.domain.recovery.situation import Situation


def lock(situation: Situation) -> Said:
    """Refuse while somebody else acts on the machine."""
    if situation.lock:
        return refused(f"somebody acts on the machine: {situation.lock}")
    return allowed("nobody else acts on the machine")
