"""Values that are cries for help: what a GPU says in place of a number.

Everybody else reads them as "not reported" and drops them (facts/gpu.md §1).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from monitor.domain.gpu.reading import Gpu, GpuFault
from monitor.domain.health import Health
from monitor.domain.nvidia_smi.values import bare

_SHOWN = 5

_REBOOT = "drain the host and reboot it; page when it happens again"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Alarm:
    fault: str
    hint: str
    advice: str
    health: Health = Health.UNHEALTHY


_UNANSWERED = _Alarm(
    # Only degraded: a card whose fan sensor says ERR! may well do its work.
    # When it answers nothing at all, it is lost (see complaints below).
    fault="gpu_hardware",
    hint="the driver got no answer from that part of the card; see its"
    " recovery action and the kernel log",
    advice="watch",
    health=Health.DEGRADED,
)
_LOST = _Alarm(fault="gpu_lost", hint=_REBOOT, advice="reboot")

_ALARMS = {
    "unknown error": _UNANSWERED,
    "err!": _UNANSWERED,
    "gpu is lost": _LOST,
    "gpu requires reset": _Alarm(
        fault="gpu_reset_required",
        hint="drain it, then reset it",
        advice="drain_reset",
    ),
    "corrupted inforom": _Alarm(
        fault="gpu_hardware",
        hint="it keeps working; open a ticket for the card",
        advice="ticket",
        health=Health.DEGRADED,
    ),
    "interrupt request issue": _Alarm(
        fault="gpu_hardware",
        hint="the kernel and the card disagree: reboot",
        advice="reboot",
    ),
    "insufficient external power": _Alarm(
        fault="gpu_hardware",
        hint="a power cable is missing or loose",
        advice="page",
    ),
}


def complaints(
    gpu: Gpu, said: Iterable[tuple[str, str]]
) -> tuple[GpuFault, ...]:
    """Return what a GPU's own values admit, given (field, text) pairs."""
    found = _alarms(said, answers=_measures(gpu))
    return tuple(
        replace(fault, uuid=gpu.uuid, pci_bus_id=gpu.pci_bus_id)
        for fault in found
    )


def unnamed(said: Iterable[tuple[str, str]], *, bus_id: str) -> GpuFault:
    """Return the fault of a GPU that cannot tell its uuid any more."""
    admitted = _alarms(said, answers=False)
    lost = GpuFault(
        fault="gpu_lost",
        because=f"nvidia-smi lists it without a uuid; {_REBOOT}",
        advice="reboot",
    )
    return replace(admitted[0] if admitted else lost, pci_bus_id=bus_id)


def _alarms(
    said: Iterable[tuple[str, str]], *, answers: bool
) -> tuple[GpuFault, ...]:
    fields: dict[str, list[str]] = {}
    for field, text in said:
        spelling = bare(text)
        if spelling.lower() in _ALARMS:
            fields.setdefault(spelling, []).append(field)
    return tuple(
        _fault(spelling, names, answers=answers)
        for spelling, names in fields.items()
    )


def _fault(spelling: str, fields: Sequence[str], *, answers: bool) -> GpuFault:
    alarm = _ALARMS[spelling.lower()]
    if alarm is _UNANSWERED and not answers:
        alarm = _LOST
    shown = ", ".join(fields[:_SHOWN])
    more = " and more" if len(fields) > _SHOWN else ""
    return GpuFault(
        fault=alarm.fault,
        because=f'nvidia-smi says "{spelling}" for {shown}{more};'
        f" {alarm.hint}",
        health=alarm.health,
        advice=alarm.advice,
    )


def _measures(gpu: Gpu) -> bool:
    """Return whether a GPU answers any question about its present state."""
    present = (
        gpu.memory_used_bytes,
        gpu.temperature_celsius,
        gpu.utilization_ratio,
        gpu.performance_state,
        gpu.power_draw_watts,
    )
    return any(value is not None for value in present)
