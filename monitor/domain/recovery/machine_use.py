"""Who uses a machine and its cards: what an action may touch."""

from dataclasses import dataclass
from enum import StrEnum

from monitor.domain.recovery.identity import Identity


class Whose(StrEnum):
    """Whose process holds GPU memory.

    `service`: of the server's own unit, container or directory. `stray`: it
    runs the server's FaceFusion too, and is not of its unit any more.
    `other`: anybody else's, which nothing here ever ends.
    """

    SERVICE = "service"
    STRAY = "stray"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuUse:
    """A process on a card, by what nvidia-smi and /proc say of it.

    `uuid` is the card's. `memory_bytes` is None where the driver does not
    tell. `identity` is None where its owner or start could not be seen, and
    for what is not ours to end.
    """

    uuid: str
    pid: int
    name: str
    whose: Whose
    memory_bytes: int | None = None
    identity: Identity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card that the server uses; `utilization` from 0 to 1."""

    uuid: str
    index: int
    used_bytes: int | None = None
    utilization: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuTable:
    """The cards that a server uses, and who holds memory on them.

    As of the Unix time `at`. A process on two cards is there twice.
    """

    at: float
    cards: tuple[Card, ...]
    uses: tuple[GpuUse, ...] = ()

    @property
    def ours(self) -> tuple[GpuUse, ...]:
        """What belongs to the server's FaceFusion."""
        return tuple(o for o in self.uses if o.whose is not Whose.OTHER)

    @property
    def others(self) -> tuple[GpuUse, ...]:
        """What is somebody else's, and left alone."""
        return tuple(o for o in self.uses if o.whose is Whose.OTHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineUse:
    """Who and what a reboot of a machine would touch.

    `targets` are the other servers on it. `people` are logged in there, the
    monitor's own user left out, `packages` the package managers at work, and
    `inhibitors` ask systemd to keep it up; all are phrases, None where nobody
    can tell. `strangers` are processes on
    any of its cards that belong to no server of ours. `starts_at_boot`: its
    manager starts the service then, None where no manager does. `is_ours`:
    this monitor runs on it. `gpus` are as many as were ever seen there at
    once, None for a machine whose cards nobody has seen.
    """

    targets: tuple[str, ...] = ()
    people: tuple[str, ...] | None = None
    packages: tuple[str, ...] | None = None
    inhibitors: tuple[str, ...] | None = None
    strangers: tuple[str, ...] = ()
    starts_at_boot: bool | None = None
    is_ours: bool = False
    gpus: int | None = None
