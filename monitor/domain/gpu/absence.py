"""GPUs that should be there: known, counted or on the bus, but not listed."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from monitor.domain.gpu.advice import sharper
from monitor.domain.gpu.inventory import Inventory
from monitor.domain.gpu.naming import names_a_gpu
from monitor.domain.gpu.reading import GpuFault, GpuReading
from monitor.domain.kernel.slot import slot

OnBus = tuple[str, ...] | None
"""Bus ids of the NVIDIA GPUs that the kernel sees, None where not known."""


def missing(
    named: Iterable[GpuFault], absent: Inventory
) -> Iterator[GpuFault]:
    """Yield the known GPUs that do not answer and nothing else explains."""
    blamed = {fault.uuid for fault in named}
    for identity in absent:
        if identity.uuid not in blamed:
            yield GpuFault(
                fault="gpu_lost",
                because=f"{identity.label}: nvidia-smi does not list it any"
                " more; look at lspci and the kernel log",
                uuid=identity.uuid,
                pci_bus_id=identity.pci_bus_id,
                advice="page",
            )


def unlisted(
    named: Iterable[GpuFault], reading: GpuReading, on_bus: OnBus
) -> Iterator[GpuFault]:
    """Yield the GPUs on the bus that nvidia-smi never spoke of.

    They were lost before we came, or belong to another driver.
    """
    spoken = {slot(gpu.pci_bus_id) for gpu in reading.gpus}
    spoken |= {slot(fault.pci_bus_id) for fault in named}
    for bus_id in on_bus or ():
        if slot(bus_id) not in spoken:
            yield GpuFault(
                fault="gpu_lost",
                because=f"GPU {bus_id}: it is on the PCI bus and nvidia-smi"
                " does not list it; did it fail to start, or was it given to"
                " another driver (vfio-pci, nouveau)?",
                pci_bus_id=bus_id,
                advice="page",
            )


def uncounted(
    named: Iterable[GpuFault], reading: GpuReading
) -> Iterator[GpuFault]:
    """Blame what the driver counts, nobody lists and no fault explains."""
    listed = {gpu.uuid for gpu in reading.gpus}
    explained = {
        fault.uuid or slot(fault.pci_bus_id)
        for fault in named
        if names_a_gpu(fault) and fault.uuid not in listed
    }
    there = len(reading.gpus) + len(explained)
    if reading.attached is not None and reading.attached > there:
        yield GpuFault(
            fault="gpu_lost",
            because=f"the driver counts {reading.attached} GPUs, nvidia-smi"
            f" describes {len(reading.gpus)}; look at lspci and the kernel"
            " log",
            advice="page",
        )


def nothing(reading: GpuReading) -> list[GpuFault]:
    """Return the fault of a host whose driver is fine and has no GPU."""
    if reading.gpus:
        return []
    return [
        GpuFault(
            fault="gpu_lost",
            because="nvidia-smi works but lists no GPU: compare with lspci",
            advice="page",
        )
    ]


def beside_the_bus(fault: GpuFault, on_bus: OnBus) -> GpuFault:
    """Say of a lost GPU whether the kernel still sees it on the bus.

    One that is there may come back with a reboot; for one that is gone
    somebody must look at its power and its riser.
    """
    if on_bus is None or fault.fault != "gpu_lost" or not fault.pci_bus_id:
        return fault
    there = slot(fault.pci_bus_id) in {slot(bus_id) for bus_id in on_bus}
    seen = (
        "the kernel still sees it on the PCI bus"
        if there
        else "it is gone from the PCI bus: check its power and its riser"
    )
    return replace(
        fault,
        because=f"{fault.because}; {seen}",
        advice=sharper(fault.advice, "reboot" if there else "page"),
    )
