"""A simulated RTX 3090 and how it feels while it works.

Values move smoothly with the share of time that jobs ran; nothing is
random, so that two runs of a test see the same machine.
"""

import math
import uuid
from dataclasses import dataclass

DRIVER = "590.48.01"
CUDA = "13.1"
NAME = "NVIDIA GeForce RTX 3090"
PROCESS = "/opt/facefusion/venv/bin/python"
MEMORY_MIB = 24576
RESERVED_MIB = 450
POWER_LIMIT = 350.0
_NOBODY = 4_194_305
"""First PID that Linux never gives out (PID_MAX_LIMIT + 1).

The FaceFusion process is not real; no action may hit another by its PID.
"""
_BUSES = ("01", "41", "81", "C1", "21", "61", "A1", "E1")
_CONTEXT_MIB = 612
_MODEL_MIB = {
    "gfpgan_1.4": 2306,
    "codeformer": 2874,
    "restoreformer_plus_plus": 4126,
    "age": 3380,
    "swap": 3018,
}
_IDLE_CELSIUS = 34.0
_BUSY_CELSIUS = 68.0
_FAN_STARTS = 45.0
_BUSY_STATE = 2
_IDLE_STATE = 8
_WARMING = 25.0
"""Seconds in which two thirds of a temperature change happen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What never changes about a GPU. `bus` is its two-digit PCI bus."""

    index: int
    uuid: str
    bus: str
    pid: int | None

    @property
    def bus_id(self) -> str:
        """Return the PCI bus id as nvidia-smi prints it."""
        return f"00000000:{self.bus}:00.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a card's jobs ask of it at one moment.

    `running` names the job that runs now, `share` is the part of the time
    since the moment before (0..1) in which one ran.
    """

    running: str = ""
    share: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """A card at one moment: per cent, MiB, celsius, watts, MHz."""

    utilization: int
    memory_utilization: int
    used: int
    celsius: float
    fan: int
    watts: float
    sm_clock: int
    memory_clock: int
    state: int
    process_mib: int

    @property
    def is_idle(self) -> bool:
        """Return whether the card rests in its lowest state."""
        return self.state == _IDLE_STATE


def make_cards(host: str, count: int) -> tuple[Card, ...]:
    """Return the cards of a host; FaceFusion lives on the first."""
    return tuple(
        Card(
            index=index,
            uuid=f"GPU-{uuid.uuid5(uuid.NAMESPACE_DNS, f'{index}.{host}')}",
            bus=_BUSES[index % len(_BUSES)],
            pid=_NOBODY + _small(host) if index == 0 else None,
        )
        for index in range(count)
    )


def at_rest(card: Card) -> Vitals:
    """Return how a card is that nobody has used for long."""
    return _vitals(card, Load(), _IDLE_CELSIUS, 0.0)


def after(
    card: Card, before: Vitals, load: Load, *, seconds: float, now: float
) -> Vitals:
    """Return how a card is `seconds` after `before`, at the moment `now`."""
    aim = _IDLE_CELSIUS + (_BUSY_CELSIUS - _IDLE_CELSIUS) * load.share
    kept = math.exp(-max(0.0, seconds) / _WARMING)
    return _vitals(
        card, load, aim + (before.celsius - aim) * kept, _wobble(card, now)
    )


def _vitals(card: Card, load: Load, celsius: float, wobble: float) -> Vitals:
    busy = bool(load.running)
    process = _CONTEXT_MIB + _MODEL_MIB.get(load.running, 0)
    process = process if card.pid is not None else 0
    return Vitals(
        utilization=round(93 + 5 * wobble) if busy else 0,
        memory_utilization=round(41 + 8 * wobble) if busy else 0,
        used=process + 8,
        celsius=celsius,
        fan=_fan(celsius),
        watts=298 + 32 * wobble if busy else 27 + celsius / 10 + wobble,
        sm_clock=1740 + 15 * round(2 * wobble) if busy else 210,
        memory_clock=9501 if busy else 405,
        state=_BUSY_STATE if busy else _IDLE_STATE,
        process_mib=process,
    )


def _fan(celsius: float) -> int:
    if celsius < _FAN_STARTS:
        return 0
    return round(30 + (celsius - _FAN_STARTS) * 1.2)


def _wobble(card: Card, now: float) -> float:
    """Return something between -1 and 1 that changes all the time."""
    return math.sin(now / 1.7 + 2 * card.index)


def _small(host: str) -> int:
    return sum(host.encode()) % 5000
