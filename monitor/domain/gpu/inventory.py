"""Which GPUs a host had, so that a lost one keeps its name.

A GPU that is lost can no longer say its uuid; the error names its bus id,
or nothing at all.
"""

from dataclasses import dataclass

from monitor.domain.gpu.reading import GpuReading
from monitor.domain.kernel.slot import slot

__all__ = ["Identity", "Inventory", "absent_from", "learn", "slot"]

_MOST = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A GPU by what does not change while the host runs."""

    uuid: str
    pci_bus_id: str
    name: str

    @property
    def label(self) -> str:
        """Return the GPU in words for people."""
        return f"{self.name or 'GPU'} at {self.pci_bus_id} ({self.uuid})"


Inventory = tuple[Identity, ...]
"""The GPUs last known on one host, those that answered last first."""


def learn(known: Inventory, reading: GpuReading) -> Inventory:
    """Return the inventory after a reading.

    A GPU that is missing stays known, that is the point, until another one
    answers from its slot.
    """
    seen = tuple(
        Identity(uuid=gpu.uuid, pci_bus_id=gpu.pci_bus_id, name=gpu.name)
        for gpu in reading.gpus
    )
    return (*seen, *absent_from(reading, known))[:_MOST]


def absent_from(reading: GpuReading, known: Inventory) -> Inventory:
    """Return the known GPUs that do not answer, nor another in their slot."""
    uuids = {gpu.uuid for gpu in reading.gpus}
    slots = {slot(gpu.pci_bus_id) for gpu in reading.gpus}
    return tuple(
        identity
        for identity in known
        if identity.uuid not in uuids
        and slot(identity.pci_bus_id) not in slots
    )
