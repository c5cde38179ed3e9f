"""Which GPU a fault is about: uuid and bus id filled in from each other."""

from dataclasses import replace

from monitor.domain.gpu.inventory import Inventory
from monitor.domain.gpu.reading import GpuFault, GpuReading
from monitor.domain.kernel.slot import slot

_OF_ONE_CARD = frozenset({"gpu_hardware", "gpu_reset_required"})


def names_a_gpu(fault: GpuFault) -> bool:
    """Return whether a fault says which GPU it is about."""
    return bool(fault.uuid or fault.pci_bus_id)


def key(fault: GpuFault) -> tuple[str, str]:
    """Return what two faults share that are one: kind and GPU."""
    return fault.fault, fault.uuid or slot(fault.pci_bus_id)


def on_the_only_gpu(fault: GpuFault, reading: GpuReading) -> GpuFault:
    """Pin what an exit code says of "a GPU" to the one there is."""
    if names_a_gpu(fault) or fault.fault not in _OF_ONE_CARD:
        return fault
    if len(reading.gpus) != 1:
        return fault
    return replace(fault, uuid=reading.gpus[0].uuid)


def identified(fault: GpuFault, here: Inventory) -> GpuFault:
    """Fill in uuid and bus id, and say in words which GPU it is."""
    for identity in here:
        same_slot = slot(identity.pci_bus_id) == slot(fault.pci_bus_id)
        if identity.uuid == fault.uuid or (same_slot and not fault.uuid):
            return replace(
                fault,
                uuid=identity.uuid,
                pci_bus_id=identity.pci_bus_id,
                because=f"{identity.label}: {fault.because}",
            )
    if not names_a_gpu(fault):
        return fault
    name = fault.pci_bus_id or fault.uuid
    return replace(fault, because=f"GPU {name}: {fault.because}")
