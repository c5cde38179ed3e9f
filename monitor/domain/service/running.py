"""Whether anything of a service runs at all."""

from monitor.domain.health import Health
from monitor.domain.machine.finding import Finding
from monitor.domain.service.asked import Asked
from monitor.domain.service.endings import (
    ending,
    has_ended,
    is_about_to_start,
)
from monitor.domain.service.reading import Process, ServiceReading, Unit
from monitor.domain.service.sight import may_be_hidden


def not_running(reading: ServiceReading, asked: Asked) -> Finding | None:
    """Return why nothing serves, None where something does.

    The manager's word counts more than what we see of processes: those of
    others may be hidden from us.
    """
    unit = reading.unit
    if unit is not None and is_about_to_start(unit):
        return _starting(unit, asked)
    if unit is not None and has_ended(unit):
        return _down(reading, f"{asked.words} {ending(unit)}")
    if reading.server is not None and not _is_dead(reading.server):
        return None
    return _unseen(reading, asked)


def _unseen(reading: ServiceReading, asked: Asked) -> Finding | None:
    """Return what it means that no process that serves is seen."""
    if reading.processes and all(map(_is_dead, reading.processes)):
        return _zombie(reading.processes[0], asked)
    if _is_running(reading):
        return None
    if may_be_hidden(reading):
        return Finding(
            health=Health.UNKNOWN,
            because=f"whether {asked.words} runs could not be seen",
            reason="unseen",
        )
    because = f"{asked.words} does not run: no process that serves is found"
    return _down(reading, because)


def _is_running(reading: ServiceReading) -> bool:
    """Whether a manager has processes for it, whatever they look like."""
    unit = reading.unit
    return unit is not None and bool(unit.main_pid or reading.processes)


def _is_dead(process: Process) -> bool:
    return process.state in {"X", "Z"}


def _zombie(process: Process, asked: Asked) -> Finding:
    return _unhealthy(
        "zombie",
        f"{asked.words} (pid {process.pid}) has ended and its parent took no "
        "note of it (zombie)",
    )


def _starting(unit: Unit, asked: Asked) -> Finding:
    words = unit.state or unit.sub_state or unit.job
    return Finding(
        health=Health.DEGRADED,
        because=f"{unit.manager} is about to start {asked.words} ({words})",
        reason="starting",
    )


def _down(reading: ServiceReading, because: str) -> Finding:
    taken = (
        f"; port {reading.port} is taken by {reading.port_taken_by}"
        if reading.port_taken_by
        else ""
    )
    return _unhealthy("process_down", f"{because}{taken}")


def _unhealthy(reason: str, because: str) -> Finding:
    return Finding(health=Health.UNHEALTHY, because=because, reason=reason)
