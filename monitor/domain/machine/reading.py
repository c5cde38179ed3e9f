"""What a look at a machine shows, in base units.

None means "not known", and then a gap says why.
"""

from dataclasses import dataclass

from monitor.domain.kernel.event import KernelReading


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something that should be known and is not, and why."""

    part: str
    what: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """Room on one file system; `free_bytes` is for an ordinary user."""

    path: str
    total_bytes: int
    free_bytes: int
    inodes_total: int | None = None
    inodes_free: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverProcess:
    """An nvidia-smi that runs on the host, whoever started it.

    `state` is the letter of /proc (D: waits in the kernel and cannot be
    killed), `age` in seconds, `wchan` the kernel function it waits in.
    """

    pid: int
    name: str
    state: str
    age: float
    wchan: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineReading:
    """One look at a machine.

    `way` is how it was observed: installed, stdin or plain. `clock_offset`
    is how many seconds the host's clock is ahead of ours. `gpus_on_bus` are
    bus ids of NVIDIA GPUs that the kernel sees, None where not known.
    `people` are logged in, our own user left out, `packages` are package
    managers at work, and `inhibitors` block a shutdown of it, a phrase each;
    None where the gate does not tell.
    """

    way: str
    gate_version: str = ""
    python: str = ""
    boot_id: str = ""
    boot_time: float | None = None
    uptime: float | None = None
    clock_offset: float | None = None
    load1: float | None = None
    cpus: int | None = None
    memory_total_bytes: int | None = None
    memory_available_bytes: int | None = None
    disks: tuple[Disk, ...] = ()
    drivers: tuple[DriverProcess, ...] | None = None
    gpus_on_bus: tuple[str, ...] | None = None
    driver_module: str = ""
    people: tuple[str, ...] | None = None
    packages: tuple[str, ...] | None = None
    inhibitors: tuple[str, ...] | None = None
    kernel: KernelReading | None = None
    gaps: tuple[Gap, ...] = ()
