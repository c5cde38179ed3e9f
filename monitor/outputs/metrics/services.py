"""Series about the process of a FaceFusion server on its host."""

from dataclasses import dataclass

from monitor.domain.observation import Observation
from monitor.domain.service.endings import has_ended
from monitor.domain.service.reading import Process, ServiceReading
from monitor.domain.service.sight import cannot_see
from monitor.outputs.metrics.sheet import Sheet
from monitor.outputs.metrics.text import Labels

_DRIFT = 2.0
"""Seconds by which a start may seem to move: an answer takes time to come,
and the kernel knows its own start to a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """One process of a machine: which, since when by our clock, its CPU time.

    Its start is told as it was told first: a series that trembles would
    look like a restart to `changes()`.
    """

    process: tuple[str, int, int]
    start: float
    cpu_seconds: float | None


def lived(former: Life | None, seen: Observation) -> Life | None:
    """Return the life of a server's process after a look.

    None when it is gone; the former one while nobody can tell.
    """
    reading = seen.reading
    if not isinstance(reading, ServiceReading):
        return former
    server = reading.server
    if server is None:
        return None if running(reading) is False else former
    which = (reading.boot_id, server.pid, server.start_ticks)
    start, cpu = _start(server, reading.now, seen), server.cpu_seconds
    if former is not None and former.process == which:
        start = former.start if _close(former.start, start) else start
        cpu = former.cpu_seconds if cpu is None else cpu
    return Life(process=which, start=start, cpu_seconds=cpu)


def running(seen: ServiceReading) -> bool | None:
    """Return whether a process serves, None where that cannot be told.

    A manager's word counts where processes are hidden from us.
    """
    server, unit = seen.server, seen.unit
    if server is not None:
        return server.state != "Z"
    if unit is not None and not unit.exists:
        return None  # systemd calls a unit that it does not know inactive
    if unit is not None and has_ended(unit):
        return False
    if unit is not None and unit.main_pid:
        return True
    unasked = seen.manager != "process" and unit is None
    return None if unasked or cannot_see(seen, "process") else False


def reading(
    sheet: Sheet, seen: ServiceReading, life: Life | None, target: Labels
) -> None:
    """Write what a look at a service showed; `life` is that of its server."""
    prefix, server = "facefusion_process_", seen.server
    sheet.put(f"{prefix}running", running(seen), target)
    if server is None or life is None:
        return
    sheet.put(f"{prefix}start_time_seconds", life.start, target)
    resident = server.resident_bytes
    sheet.put(f"{prefix}resident_memory_bytes", resident, target)


def spent(sheet: Sheet, life: Life | None, target: Labels) -> None:
    """Write the CPU time of the process that lives, gone with it."""
    if life is not None:
        name = "facefusion_process_cpu_seconds_total"
        sheet.put(name, life.cpu_seconds, target)


def _start(server: Process, now: float | None, seen: Observation) -> float:
    """Return when a process started, by our clock.

    The host looked at its clock while we waited; up to what that may
    explain the clocks are the same.
    """
    if now is None:
        return server.started_at
    ahead = now - (seen.at + seen.duration / 2)
    if abs(ahead) <= _DRIFT + seen.duration / 2:
        return server.started_at
    return server.started_at - ahead


def _close(one: float, other: float) -> bool:
    return abs(one - other) <= _DRIFT
