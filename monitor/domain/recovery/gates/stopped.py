"""Gate `stopped`: whether somebody meant the server not to run."""

from monitor.domain.recovery.gates.said import Said, allowed, refused
from monitor.domain.recovery.situation import Situation
from monitor.domain.service.endings import was_meant
from monitor.domain.service.memory import ServiceMemory

_STOPPED = "stopped_by_operator"


def stopped(situation: Situation) -> Said:
    """Refuse to start what somebody stopped.

    Also where a deeper cause hides it, and where the unit says so now: it
    may have been stopped after the diagnosis.
    """
    found, name = situation.diagnosis, situation.target.name
    if found is not None and found.cause == _STOPPED:
        return refused(f"{found.because}; ask who stopped it and why")
    if found is not None and _STOPPED in found.also:
        return refused(f"somebody stopped {name} on purpose: ask who and why")
    unit = situation.service.unit if situation.service else None
    how = was_meant(unit, ServiceMemory()) if unit else ""
    if how:
        return refused(f"somebody stopped {name}: {how}; ask who and why")
    return allowed(f"nobody stopped {name} on purpose, as far as is known")
