"""Which disks are full, or about to be."""

from collections.abc import Sequence

from monitor.domain.health import Health
from monitor.domain.machine import thresholds
from monitor.domain.machine.finding import Finding
from monitor.domain.machine.reading import Disk
from monitor.domain.machine.words import share, size


def low_disks(disks: Sequence[Disk]) -> tuple[Finding, ...]:
    """Return what is wrong with each disk, in the order of the paths."""
    found = (_finding(disk) for disk in disks)
    return tuple(finding for finding in found if finding is not None)


def _finding(disk: Disk) -> Finding | None:
    if disk.inodes_free == 0:
        return Finding(
            health=Health.UNHEALTHY,
            because=f"{disk.path} has no inode left for a new file",
            reason="disk_full",
        )
    if disk.total_bytes == 0:  # /proc and its like have no room to lose
        return None
    room = (
        f"{disk.path} has {size(disk.free_bytes)} of {size(disk.total_bytes)} "
        f"free ({share(disk.free_bytes, disk.total_bytes)})"
    )
    if _is_full(disk):
        return Finding(
            health=Health.UNHEALTHY, because=room, reason="disk_full"
        )
    if _is_below(disk, thresholds.LOW_SHARE):
        return Finding(health=Health.DEGRADED, because=room, reason="disk_low")
    return None


def _is_full(disk: Disk) -> bool:
    is_large = disk.total_bytes >= thresholds.SMALL_DISK_BYTES
    if is_large and disk.free_bytes < thresholds.FULL_BYTES:
        return True
    return _is_below(disk, thresholds.FULL_SHARE)


def _is_below(disk: Disk, limit: float) -> bool:
    return (
        disk.free_bytes < limit * disk.total_bytes
        and disk.free_bytes < thresholds.LOW_BYTES
    )
