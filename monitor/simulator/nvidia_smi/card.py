"""A simulated RTX 3090 and how it feels while it works.

Values move smoothly with the share of time that jobs ran; nothing is
random, so that two runs of a test see the same machine.
"""

import math
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace

DRIVER = "590.48.01"
CUDA = "13.1"
NAME = "NVIDIA GeForce RTX 3090"
SERVER = "/opt/facefusion/venv/bin/python facefusion.py run"
"""FaceFusion as nvidia-smi prints it, arguments and all."""
MEMORY_MIB = 24576
RESERVED_MIB = 450
POWER_LIMIT = 350.0
_BUSES = ("01", "41", "81", "C1", "21", "61", "A1", "E1")
_DRIVER_MIB = 8
_LEFT_MIB = 31
"""What is still free when an allocation fails."""
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
_HOT_CELSIUS = 94.0
"""One degree below the slowdown threshold that `readings` prints."""
_HOT_CLOCK = 855
_WARMING = 25.0
"""Seconds in which two thirds of a temperature change happen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What never changes about a GPU. `bus` is its two-digit PCI bus."""

    index: int
    uuid: str
    bus: str

    @property
    def serves(self) -> bool:
        """Return whether it is the card that FaceFusion works on."""
        return self.index == 0

    @property
    def slot(self) -> str:
        """Return the PCI address as the kernel's log prints it."""
        return f"0000:{self.bus}:00"

    @property
    def bus_id(self) -> str:
        """Return the PCI bus id as nvidia-smi prints it."""
        return f"00000000:{self.bus}:00.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupant:
    """A process that holds `mib` of a card's memory; `name` as printed."""

    pid: int
    name: str
    mib: int


GUEST = Occupant(
    pid=4_194_303, name="/home/ann/venv/bin/python train.py", mib=6144
)
"""Somebody else's program that works on the card of FaceFusion."""
ODDITIES = (
    "gpu_reset_required",
    "gpu_hardware",
    "power_cap",
    "phantom_load",
    "mig",
)
"""Faults that show in a card's own answer and nowhere else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is asked of a card at one moment.

    `running` names the job that runs now, `share` is the part of the time
    since the moment before (0..1) in which one ran. `server` is FaceFusion's
    pid where it is alive and uses this card. `is_full`: it took all memory
    there is; `is_hot`: the card cannot get rid of its heat. `guest` works on
    it as well. `leaked` are MiB that the server holds and does not need.
    `oddities` are names of `ODDITIES` that hold.
    """

    running: str = ""
    share: float = 0.0
    server: int | None = None
    stranger: Occupant | None = None
    guest: Occupant | None = None
    leaked: int = 0
    is_full: bool = False
    is_hot: bool = False
    oddities: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """A card at one moment: per cent, MiB, celsius, watts, MHz.

    `hot_seconds` is for how long heat has held its clocks back so far.
    `serves_job`: FaceFusion works on it. `oddities` are names of `ODDITIES`
    that show.
    """

    utilization: int
    memory_utilization: int
    used: int
    celsius: float
    fan: int
    watts: float
    sm_clock: int
    memory_clock: int
    state: int
    occupants: tuple[Occupant, ...] = ()
    is_hot: bool = False
    hot_seconds: float = 0.0
    serves_job: bool = False
    oddities: frozenset[str] = frozenset()

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
        )
        for index in range(count)
    )


def at_rest() -> Vitals:
    """Return how a card is that nobody has used for long."""
    return _vitals(Load(), _IDLE_CELSIUS, 0.0)


def after(
    card: Card, before: Vitals, load: Load, *, seconds: float, now: float
) -> Vitals:
    """Return how a card is `seconds` after `before`, at the moment `now`."""
    aim = _IDLE_CELSIUS + (_BUSY_CELSIUS - _IDLE_CELSIUS) * load.share
    kept = math.exp(-max(0.0, seconds) / _WARMING)
    celsius = aim + (before.celsius - aim) * kept
    vitals = _vitals(
        load, _HOT_CELSIUS if load.is_hot else celsius, _wobble(card, now)
    )
    more = seconds if load.is_hot else 0.0
    return replace(vitals, hot_seconds=before.hot_seconds + more)


def _vitals(load: Load, celsius: float, wobble: float) -> Vitals:
    busy = bool(load.running) or load.guest is not None
    clock = _HOT_CLOCK if load.is_hot else 1740
    occupants = tuple(_occupants(load))
    phantom = 100 if "phantom_load" in load.oddities else 0
    return Vitals(
        utilization=_utilization(load, wobble) if busy else phantom,
        memory_utilization=round(41 + 8 * wobble) if busy else 0,
        used=sum(one.mib for one in occupants) + _DRIVER_MIB,
        celsius=celsius,
        fan=_fan(celsius),
        watts=298 + 32 * wobble if busy else 27 + celsius / 10 + wobble,
        sm_clock=clock + 15 * round(2 * wobble) if busy else 210,
        memory_clock=9501 if busy else 405,
        state=_BUSY_STATE if busy else _IDLE_STATE,
        occupants=occupants,
        is_hot=load.is_hot,
        serves_job=bool(load.running),
        oddities=load.oddities,
    )


def _utilization(load: Load, wobble: float) -> int:
    return round((93 if load.running else 71) + 5 * wobble)


def _occupants(load: Load) -> Iterator[Occupant]:
    if load.stranger is not None:
        yield load.stranger
    if load.guest is not None:
        yield load.guest
    if load.server is None:
        return
    mib = _CONTEXT_MIB + _MODEL_MIB.get(load.running, 0) + load.leaked
    others = sum(one.mib for one in (load.stranger, load.guest) if one)
    most = MEMORY_MIB - RESERVED_MIB - _DRIVER_MIB - others - _LEFT_MIB
    mib = most if load.is_full else min(mib, most)
    yield Occupant(pid=load.server, name=SERVER, mib=mib)


def _fan(celsius: float) -> int:
    if celsius < _FAN_STARTS:
        return 0
    return min(100, round(30 + (celsius - _FAN_STARTS) * 1.2))


def _wobble(card: Card, now: float) -> float:
    """Return something between -1 and 1 that changes all the time."""
    return math.sin(now / 1.7 + 2 * card.index)
