"""What one look at a host's GPUs suggests."""

from collections.abc import Iterator
from dataclasses import dataclass

from monitor.domain.gpu.reading import Gpu, GpuReading
from monitor.domain.health import Health

_HEAT = frozenset({"sw_thermal_slowdown", "hw_thermal_slowdown"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A look's health, its one-word reason (empty when all is well)."""

    health: Health
    because: str
    reason: str = ""


def judge(reading: GpuReading) -> Verdict:
    """Return the verdict on a reading whose faults are complete.

    Unhealthy means that no GPU is left to work with; one sick GPU among
    others, or one that merely complains, is degraded. So is a driver that
    was upgraded under running programs: they go on, only new ones cannot
    begin (facts/gpu.md §2).
    """
    if not reading.faults:
        return Verdict(health=Health.HEALTHY, because=_all_well(reading))
    deepest, *others = reading.faults
    more = f" (and {len(others)} more)" if others else ""
    health = Health.DEGRADED if _works(reading) else Health.UNHEALTHY
    return Verdict(
        health=health,
        because=f"{deepest.because}{more}",
        reason=deepest.fault,
    )


def _works(reading: GpuReading) -> bool:
    if all(fault.fault == "driver_mismatch" for fault in reading.faults):
        return True
    sick = {
        fault.uuid
        for fault in reading.faults
        if fault.health is Health.UNHEALTHY
    }
    return any(gpu.uuid not in sick for gpu in reading.gpus)


def _all_well(reading: GpuReading) -> str:
    number = len(reading.gpus)
    answers = f"{number} GPU{'s answer' if number != 1 else ' answers'}"
    return "; ".join((answers, *(_slowed(gpu) for gpu in _hot(reading))))


def _hot(reading: GpuReading) -> Iterator[Gpu]:
    """Yield the GPUs that heat slows down: told, and no fault of theirs."""
    for gpu in reading.gpus:
        if any(on and name in _HEAT for name, on in gpu.clock_events):
            yield gpu


def _slowed(gpu: Gpu) -> str:
    named = (name for name, on in gpu.clock_events if on and name in _HEAT)
    reasons = ", ".join(named)
    return f"heat slows down {gpu.name} at {gpu.pci_bus_id} ({reasons})"
