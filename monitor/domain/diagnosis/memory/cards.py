"""Which of a machine's cards a server uses, also when one of them is lost.

Servers may be configured by index. A lost card has none any more, and those
behind it move up, so the places of the last complete reading are kept.
"""

from dataclasses import dataclass

from monitor.domain.fleet import Target
from monitor.domain.gpu.reading import Gpu, GpuFault, GpuReading
from monitor.domain.kernel.slot import slot
from monitor.domain.observation import Observation

_PART = "MIG-"
"""How the uuid of a part of a card begins: it does not tell which card."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A card in nvidia-smi's list; `slot` is its bus id, comparable."""

    index: int
    uuid: str
    slot: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cards:
    """The cards of the machine when all of them answered last."""

    places: tuple[Place, ...] = ()

    def learn(self, seen: Observation) -> "Cards":
        """Return this after a look at the GPUs that missed none."""
        reading = seen.reading
        if not isinstance(reading, GpuReading) or not reading.gpus:
            return self
        if any(fault.fault == "gpu_lost" for fault in reading.faults):
            return self
        return Cards(places=_places(reading))

    def used(
        self, target: Target, reading: GpuReading | None
    ) -> tuple[Gpu, ...]:
        """Return the cards of a reading that a server uses."""
        if reading is None:
            return ()
        return tuple(
            gpu
            for gpu in reading.gpus
            if self.uses(target, gpu.pci_bus_id, reading)
        )

    def uses(
        self, target: Target, bus_id: str, reading: GpuReading | None
    ) -> bool:
        """Return whether a server uses the card with a bus id."""
        if _uses_all(target):
            return True
        place = self._place("", bus_id, reading)
        return place is not None and _names(target, place)

    def concerns(
        self, target: Target, fault: GpuFault, reading: GpuReading
    ) -> bool:
        """Return whether a fault is about a card that a server uses.

        One that names no card is about all of them. A lost card that was
        never seen to answer may be any that is missing.
        """
        if _uses_all(target) or not (fault.uuid or fault.pci_bus_id):
            return True
        place = self._place(fault.uuid, fault.pci_bus_id, reading)
        if place is not None:
            return _names(target, place)
        there = {gpu.index for gpu in reading.gpus}
        return any(
            wanted == fault.uuid
            if isinstance(wanted, str)
            else wanted not in there
            for wanted in target.gpus
        )

    def _place(
        self, uuid: str, bus_id: str, reading: GpuReading | None
    ) -> Place | None:
        listed = _places(reading) if reading else ()
        for place in (*self.places, *listed):
            if place.uuid == uuid or place.slot == slot(bus_id):
                return place
        return None


def _places(reading: GpuReading) -> tuple[Place, ...]:
    return tuple(
        Place(index=gpu.index, uuid=gpu.uuid, slot=slot(gpu.pci_bus_id))
        for gpu in reading.gpus
    )


def _uses_all(target: Target) -> bool:
    return not target.gpus or any(
        isinstance(one, str) and one.startswith(_PART) for one in target.gpus
    )


def _names(target: Target, place: Place) -> bool:
    return place.index in target.gpus or place.uuid in target.gpus


def used(target: Target, reading: GpuReading | None) -> tuple[Gpu, ...]:
    """Return the cards that a server uses, by this one reading alone."""
    return Cards().used(target, reading)
