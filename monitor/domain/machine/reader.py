"""What a gate's answer says about a machine, as far as it can be read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from monitor.domain.errors import Unreadable
from monitor.domain.kernel.event import KernelReading
from monitor.domain.machine.answered import Answered
from monitor.domain.machine.clocks import boot_time, clock_offset
from monitor.domain.machine.reading import Disk, DriverProcess, MachineReading
from monitor.domain.machine.users import inhibitor, package, person
from monitor.domain.wire import Part

_DRIVERS = 256
"""Kept of the nvidia-smi processes: where one hangs they pile up."""
_PHRASES = 64
_MOMENT = 60.0
_GPUS = 64
_DISKS = 64
_PATH_LIMIT = 4096
_WORD_LIMIT = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Through:
    """How an answer came: `at` is our Unix time when it was there."""

    at: float
    way: str
    gate_version: str = ""
    python: str = ""


def read_machine(
    told: Answered,
    through: Through,
    *,
    disks: Sequence[str] = (),
    kernel: KernelReading | None = None,
) -> MachineReading:
    """Return what the parts machine and disks say; never raises.

    `disks` are the paths that were asked for. The gaps are those of `told`
    so far, so what else is read from it is read before.
    """
    reading = MachineReading(
        way=through.way,
        gate_version=through.gate_version,
        python=through.python,
        boot_id=told.boot_id,
        clock_offset=clock_offset(told.at, through.at),
        disks=_disks(told) if disks else (),
        kernel=kernel,
    )
    part = told.part("machine")
    if part is not None:
        reading = _with_machine(reading, _Fields(told, part), through, told.at)
    return replace(reading, gaps=told.gaps)


class _Fields:
    """The fields of a part; one that cannot be read becomes a gap."""

    def __init__(self, told: Answered, part: Part) -> None:
        self._told = told
        self._part = part

    def whole(self, key: str, least: int = 0) -> int | None:
        return self._told.kept(
            self._part.name,
            key,
            lambda: self._part.maybe_whole(key, least=least),
        )

    def number(self, key: str) -> float | None:
        return self._told.kept(
            self._part.name, key, lambda: self._part.maybe_number(key)
        )

    def text(self, key: str) -> str:
        return self._told.text(self._part, key)

    def load(self) -> float | None:
        loads = self._told.kept(
            self._part.name, "load", lambda: self._part.maybe_numbers("load")
        )
        return loads[0] if loads else None

    def memory(self) -> tuple[int | None, int | None]:
        """Return all memory and what is available, in bytes."""
        total = self.whole("memory_total")
        available = self.whole("memory_available")
        if total is None or available is None or available <= total:
            return total, available
        self._told.lack(
            self._part.name,
            "memory_available",
            f"cannot believe {self._part.path('memory_available')}: more "
            "memory is available than there is",
        )
        return total, None

    def gpus_on_bus(self) -> tuple[str, ...] | None:
        return self._told.kept(
            self._part.name,
            "gpus_on_bus",
            lambda: self._part.maybe_texts(
                "gpus_on_bus", limit=_WORD_LIMIT, most=_GPUS
            ),
        )

    def drivers(self) -> tuple[DriverProcess, ...] | None:
        """Return the nvidia-smi processes, None where not all are known.

        Half a list would look like a driver that nobody waits for.
        """
        if not self._part.has("drivers"):
            return None
        return self._told.kept(self._part.name, "drivers", self._read_drivers)

    def phrases(
        self, key: str, read: Callable[[Part], str]
    ) -> tuple[str, ...] | None:
        """Return a phrase for each of a list, None where not all are known.

        Half a list would look like a machine that nobody else uses.
        """
        if not self._part.has(key):
            return None
        return self._told.kept(
            self._part.name, key, lambda: self._read_phrases(key, read)
        )

    def _read_phrases(
        self, key: str, read: Callable[[Part], str]
    ) -> tuple[str, ...]:
        items = self._part.items(key, most=_PHRASES, cut=True)
        return tuple(read(Part(one, name)) for name, one in items)

    def _read_drivers(self) -> tuple[DriverProcess, ...]:
        items = self._part.items("drivers", most=_DRIVERS, cut=True)
        return tuple(_driver(Part(one, name)) for name, one in items)


def _with_machine(
    reading: MachineReading,
    fields: _Fields,
    through: Through,
    answered_at: float | None,
) -> MachineReading:
    now, uptime = fields.number("now"), fields.number("uptime")
    total, available = fields.memory()
    offset = reading.clock_offset
    return replace(
        reading,
        boot_id=reading.boot_id or fields.text("boot_id"),
        uptime=uptime,
        boot_time=boot_time(uptime, now, answered_at, ours=through.at),
        clock_offset=clock_offset(now, through.at)
        if offset is None
        else offset,
        load1=fields.load(),
        cpus=fields.whole("cpus", least=1),
        memory_total_bytes=total,
        memory_available_bytes=available,
        drivers=fields.drivers(),
        gpus_on_bus=fields.gpus_on_bus(),
        driver_module=fields.text("driver_module"),
        people=fields.phrases("people", person),
        packages=fields.phrases("packages", package),
        inhibitors=fields.phrases("inhibitors", inhibitor),
    )


def _driver(part: Part) -> DriverProcess:
    return DriverProcess(
        pid=part.whole("pid", least=1),
        name=part.maybe_text("name", limit=_WORD_LIMIT, cut=True) or "",
        state=part.text("state", limit=1),
        # One that began after the uptime was read is younger than nothing.
        age=max(0.0, part.number("age", least=-_MOMENT)),
        wchan=part.maybe_text("wchan", limit=_WORD_LIMIT, cut=True) or "",
    )


def _disks(told: Answered) -> tuple[Disk, ...]:
    part = told.part("disks")
    if part is None:
        return ()
    return told.each(part, "disks", _disk, most=_DISKS) or ()


def _disk(part: Part) -> Disk:
    total, free = part.whole("total"), part.whole("free")
    inodes = part.maybe_whole("inodes_total")
    inodes_free = part.maybe_whole("inodes_free")
    if free > total:
        raise Unreadable(
            f"cannot read {part.name}: more bytes are free than there are"
        )
    return Disk(
        path=part.text("path", limit=_PATH_LIMIT),
        total_bytes=total,
        free_bytes=free,
        # Btrfs makes inodes as it needs them and says 0 of 0.
        inodes_total=inodes or None,
        inodes_free=inodes_free if inodes else None,
    )
