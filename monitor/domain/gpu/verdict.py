"""What one look at a host's GPUs suggests."""

from dataclasses import dataclass

from monitor.domain.gpu.reading import GpuReading
from monitor.domain.health import Health


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A look's health, its one-word reason (empty when all is well)."""

    health: Health
    because: str
    reason: str = ""


def judge(reading: GpuReading) -> Verdict:
    """Return the verdict on a reading whose faults are complete.

    Unhealthy means that no GPU is left to work with; one sick GPU among
    others, or one that merely complains, is degraded.
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
    sick = {
        fault.uuid
        for fault in reading.faults
        if fault.health is Health.UNHEALTHY
    }
    return any(gpu.uuid not in sick for gpu in reading.gpus)


def _all_well(reading: GpuReading) -> str:
    number = len(reading.gpus)
    return f"{number} GPU{'s answer' if number != 1 else ' answers'}"
