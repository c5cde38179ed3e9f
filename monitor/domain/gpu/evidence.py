"""What the kernel's log of this boot says about single GPUs.

An Xid is a moment, a fault lasts: whether an Xid still counts depends on
what the GPU answered after it. A GPU that fell off the bus, or whose own
processor hung, is back when it answers at all. One that wanted a reset has
had it when the driver asks for nothing any more. Bad hardware stays bad
until the machine boots again.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from monitor.domain.gpu.reading import Gpu, GpuFault, GpuReading
from monitor.domain.gpu.recovery_action import (
    recovery_action_code,
    wants_recovery,
)
from monitor.domain.health import Health
from monitor.domain.kernel.event import KernelReading, XidEvent
from monitor.domain.kernel.slot import slot
from monitor.domain.kernel.xids import xid

_BACK_WHEN_ANSWERING = frozenset({"gpu_lost", "gpu_wedged"})
_GSP = frozenset({119, 120})
"""Xids of a GPU whose own processor is dead: who asks it hangs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """Which Xid events of this boot have been answered since.

    `answered`: the GPU answered anything afterwards; `sound`: the driver
    said that it wants nothing done.
    """

    answered: frozenset[XidEvent] = frozenset()
    sound: frozenset[XidEvent] = frozenset()


NOTHING = Aftermath()


def settle(
    before: Aftermath,
    reading: GpuReading,
    kernel: KernelReading | None,
    *,
    until: float | None = None,
) -> Aftermath:
    """Return which events are settled once a reading is there.

    All of `kernel` must be older than the reading; else `until` says when
    that was taken, by the host's clock. What is not in `kernel` any more is
    forgotten.
    """
    if kernel is None:
        return before
    answering = {slot(gpu.pci_bus_id): gpu for gpu in _answering(reading)}
    answered, sound = set[XidEvent](), set[XidEvent]()
    for event in kernel.xids:
        gpu = answering.get(slot(event.pci_bus_id))
        if until is not None and event.at >= until:
            gpu = None
        if gpu or event in before.answered:
            answered.add(event)
        if (gpu and _is_sound(gpu)) or event in before.sound:
            sound.add(event)
    return Aftermath(answered=frozenset(answered), sound=frozenset(sound))


def blamed(
    reading: GpuReading, kernel: KernelReading | None, after: Aftermath
) -> Iterator[GpuFault]:
    """Yield the faults that Xids tell of and nothing has settled.

    One a GPU and fault, from the newest Xid. `after` must include the
    reading itself.
    """
    if kernel is None:
        return
    answering = {slot(gpu.pci_bus_id): gpu for gpu in _answering(reading)}
    seen: set[tuple[str, str]] = set()
    for event in reversed(kernel.xids):
        place, fault = slot(event.pci_bus_id), xid(event.xid).fault
        if (place, fault) in seen or not _counts(event, fault, after):
            continue
        seen.add((place, fault))
        yield _fault(event, fault, answering.get(place))


def hanging(kernel: KernelReading | None, after: Aftermath) -> XidEvent | None:
    """Return the newest Xid 119 or 120 without an answer since."""
    for event in reversed(kernel.xids if kernel else ()):
        if event.xid in _GSP and event not in after.answered:
            return event
    return None


def _answering(reading: GpuReading) -> Iterable[Gpu]:
    lost = {
        fault.uuid
        for fault in reading.faults
        if fault.fault in _BACK_WHEN_ANSWERING
    }
    return (gpu for gpu in reading.gpus if gpu.uuid not in lost)


def _is_sound(gpu: Gpu) -> bool:
    """Whether the driver says that nothing is to do, not merely nothing."""
    known = recovery_action_code(gpu.recovery_action) is not None
    return known and not wants_recovery(gpu.recovery_action)


def _counts(event: XidEvent, fault: str, after: Aftermath) -> bool:
    if fault in _BACK_WHEN_ANSWERING:
        return event not in after.answered
    if fault == "gpu_reset_required":
        return event not in after.sound
    return bool(fault)


def _fault(event: XidEvent, fault: str, answering: Gpu | None) -> GpuFault:
    known = xid(event.xid)
    because = f"the kernel said Xid {event.xid} ({known.meaning})"
    found = GpuFault(
        fault=fault,
        because=because,
        pci_bus_id=event.pci_bus_id,
        advice=known.advice,
    )
    if answering is None:
        return found
    if fault == "gpu_reset_required" and answering.recovery_action is None:
        because += "; this driver does not say whether that is settled"
    return replace(
        found,
        because=because,
        uuid=answering.uuid,
        health=Health.DEGRADED,
    )
