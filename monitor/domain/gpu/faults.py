"""Everything that is wrong with a host's GPUs, with names to it.

nvidia-smi names some faults itself. The rest shows only beside what is
known: a GPU that is not listed any more, a count that does not fit. Not
faults, though they look it: a software power cap on an idle card, no
utilisation under MIG, 100 % utilisation without a process (facts/gpu.md).
"""

from collections.abc import Iterable
from dataclasses import replace

from monitor.domain.gpu.inventory import (
    Inventory,
    absent_from,
    learn,
    slot,
)
from monitor.domain.gpu.reading import Gpu, GpuFault, GpuReading
from monitor.domain.gpu.recovery_action import wants_recovery
from monitor.domain.health import Health

DEPTH = (
    "gpu_lost",
    "gpu_wedged",
    "gpu_reset_required",
    "driver_mismatch",
    "container_gpu_lost",
    "gpu_hardware",
)
"""All faults, deepest first, as DESIGN §4.6 orders them."""

_OF_ONE_CARD = frozenset({"gpu_hardware", "gpu_reset_required"})


def complete(reading: GpuReading, known: Inventory) -> GpuReading:
    """Return the reading with all its faults, deepest first.

    `reading` holds those that nvidia-smi named, `known` the GPUs of earlier
    readings: what is missing is told from them, and uuids are filled in.
    """
    here = (*learn((), reading), *known)
    absent = absent_from(reading, known)
    named = [
        _identified(fault, here)
        for spoken in reading.faults
        for fault in _spread(_on_the_only_gpu(spoken, reading), absent)
    ]
    named += (
        _identified(fault, here)
        for gpu in reading.gpus
        for fault in _admitted(gpu)
    )
    if reading.gpus:
        named += _missing(named, absent)
        named += _uncounted(named, reading)
    return replace(reading, faults=_in_order(named or _nothing(reading)))


def _on_the_only_gpu(fault: GpuFault, reading: GpuReading) -> GpuFault:
    """Pin what an exit code says of "a GPU" to the one there is."""
    if _names_a_gpu(fault) or fault.fault not in _OF_ONE_CARD:
        return fault
    if len(reading.gpus) != 1:
        return fault
    return replace(fault, uuid=reading.gpus[0].uuid)


def _spread(fault: GpuFault, absent: Inventory) -> Iterable[GpuFault]:
    """Give a loss that names no GPU to those that do not answer."""
    if fault.fault != "gpu_lost" or _names_a_gpu(fault) or not absent:
        return (fault,)
    return (replace(fault, uuid=identity.uuid) for identity in absent)


def _names_a_gpu(fault: GpuFault) -> bool:
    return bool(fault.uuid or fault.pci_bus_id)


def _identified(fault: GpuFault, here: Inventory) -> GpuFault:
    """Fill in uuid and bus id from each other, and say which GPU it is."""
    for identity in here:
        same_slot = slot(identity.pci_bus_id) == slot(fault.pci_bus_id)
        if identity.uuid == fault.uuid or (same_slot and not fault.uuid):
            return replace(
                fault,
                uuid=identity.uuid,
                pci_bus_id=identity.pci_bus_id,
                because=f"{identity.label}: {fault.because}",
            )
    if not _names_a_gpu(fault):
        return fault
    name = fault.pci_bus_id or fault.uuid
    return replace(fault, because=f"GPU {name}: {fault.because}")


def _admitted(gpu: Gpu) -> Iterable[GpuFault]:
    if wants_recovery(gpu.recovery_action):
        yield GpuFault(
            fault="gpu_reset_required",
            because=f'the driver asks for "{gpu.recovery_action}"; drain it'
            " first",
            uuid=gpu.uuid,
        )
    if gpu.row_remap_failed:
        yield GpuFault(
            fault="gpu_hardware",
            because="a row of its memory could not be remapped: NVIDIA's"
            " criterion for replacing the card",
            uuid=gpu.uuid,
            health=Health.DEGRADED,
        )


def _missing(
    named: Iterable[GpuFault], absent: Inventory
) -> Iterable[GpuFault]:
    blamed = {fault.uuid for fault in named}
    for identity in absent:
        if identity.uuid not in blamed:
            yield GpuFault(
                fault="gpu_lost",
                because=f"{identity.label}: nvidia-smi does not list it any"
                " more; look at lspci and the kernel log",
                uuid=identity.uuid,
                pci_bus_id=identity.pci_bus_id,
            )


def _uncounted(
    named: Iterable[GpuFault], reading: GpuReading
) -> Iterable[GpuFault]:
    """Blame what the driver counts, nobody lists and no fault explains."""
    listed = {gpu.uuid for gpu in reading.gpus}
    explained = {
        fault.uuid or slot(fault.pci_bus_id)
        for fault in named
        if _names_a_gpu(fault) and fault.uuid not in listed
    }
    there = len(reading.gpus) + len(explained)
    if reading.attached is not None and reading.attached > there:
        yield GpuFault(
            fault="gpu_lost",
            because=f"the driver counts {reading.attached} GPUs, nvidia-smi"
            f" describes {len(reading.gpus)}; look at lspci and the kernel"
            " log",
        )


def _nothing(reading: GpuReading) -> list[GpuFault]:
    if reading.gpus:
        return []
    return [
        GpuFault(
            fault="gpu_lost",
            because="nvidia-smi works but lists no GPU: compare with lspci",
        )
    ]


def _in_order(faults: Iterable[GpuFault]) -> tuple[GpuFault, ...]:
    """Return the faults deepest first, each of a GPU once."""
    unique = {
        (fault.fault, fault.uuid or slot(fault.pci_bus_id)): fault
        for fault in reversed(list(faults))
    }
    return tuple(
        sorted(unique.values(), key=lambda f: (DEPTH.index(f.fault), f.uuid))
    )
