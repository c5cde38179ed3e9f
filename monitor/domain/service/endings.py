"""Whether a service runs, how it ended, and whether somebody meant that."""

import signal

from monitor.domain.machine.clocks import stamp
from monitor.domain.service.memory import ServiceMemory
from monitor.domain.service.reading import Unit

_ENDED = {"inactive", "failed"}
_ASKING = {signal.SIGTERM, signal.SIGINT}
"""Signals that ask to end; the others are not for stopping a service."""
_KILLED = 128
"""Docker and shells add it to a signal's number."""
_ALWAYS = {"always", "unless-stopped"}
_DOCKER_ENDED = {"created", "exited", "dead", "removing"}
_ABOUT_TO_START = ("start", "restart", "try-restart")


def has_ended(unit: Unit) -> bool:
    """Return whether the manager says that it does not run."""
    if unit.manager == "docker":
        return unit.state in _DOCKER_ENDED
    return unit.active_state in {*_ENDED, "deactivating"}


def is_about_to_start(unit: Unit) -> bool:
    """Return whether the manager is starting it, again or at last."""
    if unit.manager == "docker":
        return unit.state == "restarting"
    return unit.active_state == "activating" or unit.job in _ABOUT_TO_START


def was_meant(unit: Unit, memory: ServiceMemory) -> str:
    """Return how we know that somebody stopped it, empty where we do not.

    `disabled` proves nothing: it says only what happens at the next boot.
    """
    if unit.manager == "docker":
        return _docker_stop(unit)
    if unit.job == "stop":
        return "a stop job is under way"
    return _systemd_stop(unit, memory) if unit.active_state in _ENDED else ""


def _systemd_stop(unit: Unit, memory: ServiceMemory) -> str:
    if "masked" in unit.load_state or unit.enabled.startswith("masked"):
        return "it is masked"
    if unit.stop_asked or memory.stop_seen:
        return "a stop job ended it"
    if unit.stop_asked is None and _ended_well(unit):
        return f"it {_how_systemd(unit)}, which it only does when told to"
    return ""


def _ended_well(unit: Unit) -> bool:
    """FaceFusion serves until a signal ends it (facts/facefusion.md §3.8).

    Systemd calls it success when that was SIGINT or SIGTERM, and also what
    was a failure before `systemctl reset-failed`.
    """
    if unit.result != "success":
        return False
    if unit.exit_code == "exited":
        return unit.exit_status == 0
    return unit.exit_code == "killed" and unit.exit_status in _ASKING


def _docker_stop(unit: Unit) -> str:
    if unit.state == "paused":
        return "it is paused"
    if unit.state != "exited" or unit.oom_killed:
        return ""
    if unit.restart_policy in _ALWAYS:
        return f"docker restarts it ({unit.restart_policy}) unless stopped"
    if unit.exit_status in {_KILLED + one for one in _ASKING}:
        return f"it {_how_docker(unit)}"
    return ""


def ending(unit: Unit) -> str:
    """Return how it ended, as far as the manager tells, in words."""
    is_docker = unit.manager == "docker"
    state = unit.state if is_docker else unit.active_state
    how = _how_docker(unit) if is_docker else _how_systemd(unit)
    since = "" if unit.since is None else f" since {stamp(unit.since)}"
    return f"is {state or 'in an unknown state'}{since}: it {how}"


def _how_systemd(unit: Unit) -> str:
    if unit.result == "oom-kill":
        return "was killed to get memory back (OOM)"
    if unit.exit_code in {"killed", "dumped"}:
        core = " and left a core dump" if unit.exit_code == "dumped" else ""
        return f"was killed by {_signal(unit.exit_status)}{core}"
    if unit.exit_code == "exited":
        return f"exited with code {_number(unit.exit_status)}"
    if unit.result not in {"", "success"}:
        return f"failed ({unit.result})"
    if unit.main_pid:
        return "is about to end"
    return "has not run since the host started"


def _how_docker(unit: Unit) -> str:
    if unit.oom_killed:
        return "was killed to get memory back (OOM)"
    if unit.state == "created":
        return "was never started"
    if unit.exit_status is None:
        return "tells no exit code"
    if _KILLED < unit.exit_status <= _KILLED + signal.SIGRTMAX:
        number = unit.exit_status - _KILLED
        return f"exited with code {unit.exit_status} ({_signal(number)})"
    return f"exited with code {unit.exit_status}"


def _signal(number: int | None) -> str:
    if number is None:
        return "a signal"
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _number(status: int | None) -> str:
    return "unknown" if status is None else str(status)
