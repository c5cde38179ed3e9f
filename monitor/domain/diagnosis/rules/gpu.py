"""What is wrong with the GPUs that a server uses.

Faults come from the look at the GPUs once that is believed to be bad, from
a look at the machine that saw nvidia-smi wait in the kernel, and from Xid
events that repeat. A card that the server does not use is the host's matter.
"""

from collections.abc import Iterator, Mapping

from monitor.domain.diagnosis.backing import (
    brought_down,
    facts_of,
    failing_since,
    is_disproved,
)
from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.cause import Remedy, Severity
from monitor.domain.diagnosis.finding import Finding, Rule, fact
from monitor.domain.diagnosis.xids import repeated
from monitor.domain.gpu.reading import GpuFault, GpuReading
from monitor.domain.health import Health

_REMEDIES: Mapping[str, tuple[Remedy, ...]] = {
    "reboot": (Remedy.REBOOT,),
    "drain_reset": (Remedy.REBOOT,),
    "restart_container": (Remedy.RESTART,),
}
"""By a fault's advice; whatever else it says is for people."""
_MISMATCH = "driver_mismatch"
_TICKET = "ticket"
"""Advice for what is worn and works (a corrupt infoROM): nobody is paged."""
_FAULTS = frozenset(
    {
        "gpu_lost",
        "gpu_wedged",
        "gpu_reset_required",
        "driver_mismatch",
        "container_gpu_lost",
        "gpu_hardware",
    }
)
"""Faults that are causes by the same word (`gpu.faults.DEPTH`)."""


def faults(case: Case) -> Iterator[Finding]:
    """Yield the faults of the cards that the server uses."""
    gpu = case.gpu
    reading = gpu.grounds.reading if gpu and gpu.grounds else None
    if gpu is None or not gpu.is_bad or not isinstance(reading, GpuReading):
        return
    for fault in reading.faults:
        if fault.fault in _FAULTS and case.memory.cards.concerns(
            case.target, fault, reading
        ):
            yield _finding(case, gpu, fault)


def wedged_driver(case: Case) -> Iterator[Finding]:
    """Yield a driver in whose lock an nvidia-smi hangs.

    One that answers since is not wedged: a loop (nvidia-smi -l) is in the
    kernel now and then. While canaries still succeed it is a warning.
    """
    machine, gpu = case.machine, case.gpu
    if machine is None or not machine.is_bad or machine.since is None:
        return
    if machine.reason != "wedged_driver" or _went_well(gpu, machine.since):
        return
    works = any(_went_well(one, machine.since) for one in case.canaries())
    yield Finding(
        cause="gpu_wedged",
        because=_because(machine),
        facts=fact(machine),
        health=Health.DEGRADED if works else None,
    )


def repeated_xids(case: Case) -> Iterator[Finding]:
    """Yield errors that a restart ended before and that are there again."""
    for told in repeated(case):
        down = brought_down(case, told.at)
        if down and not is_disproved(case, told):
            yield Finding(
                cause="gpu_reset_required",
                because=f"{told.because}: restarts do not last",
                facts=(told.fact, *facts_of(down)),
            )


def _finding(case: Case, gpu: Look, fault: GpuFault) -> Finding:
    return Finding(
        cause=fault.fault,
        because=fault.because,
        facts=fact(gpu, fault.because),
        health=_health(case, fault),
        severity=_severity(fault),
        remedies=_REMEDIES.get(fault.advice, ()),
    )


def _health(case: Case, fault: GpuFault) -> Health | None:
    """Return how bad it is; None is as bad as the table says.

    A process that has the GPU goes on with it under a new driver, only a
    new one cannot begin (facts/gpu.md §2).
    """
    if fault.fault == _MISMATCH:
        return None if failing_since(case, 0.0) else Health.DEGRADED
    return None if fault.health is Health.UNHEALTHY else Health.DEGRADED


def _severity(fault: GpuFault) -> Severity | None:
    """Return info for what is worn and still works; else as the table has."""
    is_worn = fault.advice == _TICKET and fault.health is Health.DEGRADED
    return Severity.INFO if is_worn else None


def _went_well(look: Look | None, since: float) -> bool:
    return (
        look is not None
        and look.last_success is not None
        and look.last_success > since
    )


def _because(look: Look) -> str:
    return look.grounds.because if look.grounds else ""


RULES: tuple[Rule, ...] = (faults, wedged_driver, repeated_xids)
