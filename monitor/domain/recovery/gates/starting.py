"""Gate `starting`: whether it is about to serve by itself."""

from monitor.domain.recovery.gates.said import Said, allowed, refused
from monitor.domain.recovery.situation import Situation

_STARTING = "starting"


def starting(situation: Situation) -> Said:
    """Refuse to disturb a start within its grace.

    A restart of what starts never lets it start (facts/recovery.md §3, 16).
    """
    found = situation.diagnosis
    if found is not None and found.cause == _STARTING:
        return refused(f"{found.because}: wait for its start_grace to end")
    return allowed("no start is under way")
