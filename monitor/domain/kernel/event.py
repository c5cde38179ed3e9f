"""One thing that the kernel's log tells about a machine."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelLine:
    """A line of the kernel's log; `at` is Unix time by the host's clock."""

    at: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class XidEvent:
    """An error that the NVIDIA driver reported for a GPU.

    `pci_bus_id` is as the kernel prints it (no function, 4-digit domain);
    compare it through `gpu.inventory.slot`. `pid` is None where the kernel
    did not know it. A GPU that fell off the bus without an Xid line counts
    as Xid 79 (facts/gpu.md §2).
    """

    boot_id: str
    at: float
    pci_bus_id: str
    xid: int
    pid: int | None = None
    process: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OomKill:
    """A process that the kernel killed to get memory back."""

    boot_id: str
    at: float
    pid: int
    process: str = ""
    cgroup: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelReading:
    """What is known of this boot's kernel log.

    `xids` and `ooms` are distinct events, oldest first, of this boot and
    bounded; `counts` maps (pci bus id, xid) to how many distinct events
    there were since we watch, over boots. `cursor` is where to go on.
    """

    source: str
    cursor: str | None
    boot_id: str
    xids: tuple[XidEvent, ...] = ()
    ooms: tuple[OomKill, ...] = ()
    counts: tuple[tuple[str, int, int], ...] = ()
    lost: bool = False
