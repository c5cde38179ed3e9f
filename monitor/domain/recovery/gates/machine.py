"""Gate `machine`: whether a whole machine may go down for one server."""

from monitor.domain.recovery.gates.said import Said, allowed, refused
from monitor.domain.recovery.machine_use import MachineUse
from monitor.domain.recovery.situation import Situation
from monitor.domain.recovery.words import Action


def machine(situation: Situation) -> Said:
    """Refuse a reboot that would break the machine, or us.

    What it merely touches is told as bystanders, to whoever approves it.
    """
    if situation.action is not Action.REBOOT:
        return allowed("the machine stays up")
    use, host = situation.machine, situation.target.host
    if use is None:
        return refused(f"what else runs on {host} was not seen")
    against = _against(use, host, situation.target.name)
    if against:
        return refused(against)
    return allowed(
        f"{host} may go down: no package manager is at work, nobody blocks"
        " it, and who is on it is known"
    )


def _against(use: MachineUse, host: str, target: str) -> str:
    """Return what stands against a reboot, empty for nothing."""
    if use.is_ours:
        return f"this monitor runs on {host}: it would not see it come back"
    busy = _installing(use, host) or _blocked(use, host)
    if busy:
        return busy
    if use.people is None:
        return f"who is logged in on {host} is not known"
    if use.starts_at_boot is False:
        return (
            f"{target} would not start when {host} boots: enable its service"
            " first"
        )
    return ""


def _installing(use: MachineUse, host: str) -> str:
    if use.packages is None:
        return f"whether packages are being installed on {host} is not known"
    if use.packages:
        return (
            f"packages are being installed on {host}"
            f" ({', '.join(use.packages)}): cut off it may not boot again"
        )
    return ""


def _blocked(use: MachineUse, host: str) -> str:
    if use.inhibitors is None:
        return (
            f"whether a shutdown of {host} is blocked is not known; an older"
            f" gate does not tell: facefusion-monitor host install {host}"
        )
    if use.inhibitors:
        return (
            f"a shutdown of {host} is blocked by {', '.join(use.inhibitors)}"
        )
    return ""
