"""When the cards that a server uses were last slowed down by heat."""

from dataclasses import dataclass

from monitor.domain.diagnosis.memory.cards import Cards
from monitor.domain.fleet import Target
from monitor.domain.gpu.reading import Gpu, GpuReading
from monitor.domain.observation import Observation

_HEAT = ("hw_thermal_slowdown", "sw_thermal_slowdown")
_ANY = "hw_slowdown"
"""Set for heat and for the power brake alike (facts/gpu.md §2, throttle)."""
_BRAKES = frozenset({"hw_power_brake", "hw_power_brake_slowdown"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Heat:
    """`at` is the Unix time in seconds of the last look that showed it.

    `card` names the card in words for people, `reasons` are its clock
    events. An idle card and a power cap are no heat.
    """

    at: float | None = None
    card: str = ""
    reasons: tuple[str, ...] = ()

    def learn(
        self, target: Target, seen: Observation, cards: Cards | None = None
    ) -> "Heat":
        """Return this after a look at the GPUs."""
        reading = seen.reading
        if not isinstance(reading, GpuReading):
            return self
        for gpu in (cards or Cards()).used(target, reading):
            if reasons := slowed(gpu):
                return Heat(at=seen.at, card=label(gpu), reasons=reasons)
        return self


def slowed(gpu: Gpu) -> tuple[str, ...]:
    """Return the clock events by which heat slows a card down now."""
    active = {name for name, on in gpu.clock_events if on}
    heat = tuple(name for name in _HEAT if name in active)
    if _ANY in active and (heat or not active & _BRAKES):
        return (_ANY, *heat)
    return heat


def label(gpu: Gpu) -> str:
    """Return a card in words for people."""
    return f"{gpu.name} at {gpu.pci_bus_id}"
