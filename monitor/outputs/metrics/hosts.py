"""Series about machines: memory, load, disks, and the driver's errors."""

from collections import Counter
from collections.abc import Mapping, Sequence

from monitor.domain.gpu.reading import Gpu
from monitor.domain.kernel.slot import slot
from monitor.domain.machine.reading import MachineReading
from monitor.engine.board import KnownGpu
from monitor.outputs.metrics.sheet import Sheet
from monitor.outputs.metrics.text import Labels

Xids = tuple[tuple[str, int, int], ...]
"""(PCI bus id, Xid, how many), as `KernelReading.counts` has them."""
_PLAIN = ("load1", "cpus", "memory_total_bytes", "memory_available_bytes")
"""Fields of MachineReading that are exported under their own name."""
GRAVE = (13, 31, 43, 48, 64, 74, 79, 94, 95, 119, 120)
"""Xids that stop work (facts/gpu.md §2): counted from 0, so that their first
event shows in rate(). Others appear when they happen."""


def reading(sheet: Sheet, seen: MachineReading, host: Labels) -> None:
    """Write what a look at a machine showed.

    The boot time is by our clock, so that `time() -` is the uptime.
    """
    sheet.put("facefusion_host_boot_time_seconds", seen.boot_time, host)
    for name in _PLAIN:
        sheet.put(f"facefusion_host_{name}", getattr(seen, name), host)
    for disk in seen.disks:
        where = host.also(path=disk.path)
        total, free = disk.total_bytes, disk.free_bytes
        sheet.put("facefusion_host_disk_total_bytes", total, where)
        sheet.put("facefusion_host_disk_free_bytes", free, where)


def xids(
    sheet: Sheet,
    counts: Xids,
    known: Mapping[str, KnownGpu],
    host: Labels,
) -> None:
    """Write how many errors of each kind every GPU had.

    The kernel names a GPU by its slot; one that nobody identified has no
    uuid.
    """
    gpus = tuple(one.gpu for one in known.values())
    for (uuid, xid), count in _by_gpu(counts, gpus).items():
        labels = host.also(uuid=uuid, xid=str(xid))
        sheet.put("facefusion_gpu_xid_errors_total", count, labels)


def _by_gpu(counts: Xids, gpus: Sequence[Gpu]) -> Counter[tuple[str, int]]:
    found = Counter({(gpu.uuid, xid): 0 for gpu in gpus for xid in GRAVE})
    uuids = {slot(gpu.pci_bus_id): gpu.uuid for gpu in gpus}
    for bus_id, xid, count in counts:
        found[uuids.get(slot(bus_id), ""), xid] += count
    return found
