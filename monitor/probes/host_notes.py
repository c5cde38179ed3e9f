"""What one look at a machine leaves for the other looks at it.

One object a machine, shared by its probes and those of the servers on it.
It keeps no history: who writes a note replaces the one before.
"""

from collections.abc import Collection
from dataclasses import dataclass

from monitor.domain.kernel.event import KernelReading
from monitor.domain.machine.reading import DriverProcess, MachineReading

OTHER = "other"
"""Owner of GPU memory that belongs to no target of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owned:
    pids: frozenset[int]
    at: float
    started: float | None
    working: bool | None


class HostNotes:
    """Notes about one machine; times are Unix times in seconds, ours.

    `kernel` is what the kernel's log last said, `drivers` the nvidia-smi
    processes seen last (None: not known) and `drivers_at` when, which also
    holds for `gpus_on_bus`. `boot_id` is empty and `clock_offset` (seconds
    the host's clock is ahead of ours) None where not known.
    """

    def __init__(self) -> None:
        self.kernel: KernelReading | None = None
        self.drivers: tuple[DriverProcess, ...] | None = None
        self.drivers_at: float | None = None
        self.gpus_on_bus: tuple[str, ...] | None = None
        self.boot_id: str = ""
        self.clock_offset: float | None = None
        self._owned: dict[str, _Owned] = {}

    def saw(self, machine: MachineReading, at: float) -> None:
        """Note what a look at the machine saw; `at` is when it started.

        What the look could not tell of the kernel's log stays as it was:
        events do not become untrue. The rest is forgotten.
        """
        self.kernel = machine.kernel or self.kernel
        self.drivers = machine.drivers
        self.drivers_at = at
        self.gpus_on_bus = machine.gpus_on_bus
        self.boot_id = machine.boot_id or self.boot_id
        self.clock_offset = machine.clock_offset

    def rebooted(self) -> None:
        """Forget whose processes are whose, and the old boot's kernel."""
        self.kernel = None
        self._owned.clear()

    def own(
        self,
        target: str,
        pids: Collection[int],
        at: float,
        *,
        started: float | None = None,
        working: bool | None = None,
    ) -> None:
        """Note which processes are a target's, containers' included.

        `started` is when the oldest of them was, by the host's clock:
        infinity when there is none, None where that is not known; `working`
        whether one of them was seen to work, None for not known.
        """
        self._owned[target] = _Owned(
            pids=frozenset(pids), at=at, started=started, working=working
        )

    def working(self, target: str) -> bool | None:
        """Return whether a target's processes work, as `own` has it."""
        owned = self._owned.get(target)
        return None if owned is None else owned.working

    def started(self, target: str) -> float | None:
        """Return when a target's oldest process started, as `own` has it."""
        owned = self._owned.get(target)
        return None if owned is None else owned.started

    def disown(self, target: str) -> None:
        """Forget a target's processes: nobody knows them any more."""
        self._owned.pop(target, None)

    def owner(self, pid: int, now: float, fresh: float) -> str:
        """Return the target that a process belongs to, or `OTHER`.

        Notes older than `fresh` seconds do not count: pids are used again.
        """
        for target, owned in self._owned.items():
            if pid in owned.pids and 0 <= now - owned.at <= fresh:
                return target
        return OTHER
