"""The parts `machine` and `disks`: what the kernel would say."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from monitor.gate.protocol import Refused
from monitor.simulator.gate.site import Answer, Question, Site
from monitor.simulator.machine.world import DIRECTORY, World
from monitor.simulator.nvidia_smi.card import DRIVER

_CPUS = 16
_MEMORY = 64 << 30
_AVAILABLE = 51 << 30
_IDLE_LOAD = 0.35
_BUSY_LOAD = 4.6
_OVERLOAD = 3.0 * _CPUS
_ROOT = (240 << 30, 171 << 30, 15_728_640, 14_901_221)
_DATA = (960 << 30, 402 << 30, 62_914_560, 61_180_004)
"""Total, free bytes and inodes of `/` and of FaceFusion's own disk."""
_MOST_PATHS = 64


def machine(site: Site, now: float) -> Answer:
    """Return how the machine is, its load that of the jobs it does."""
    world = site.world
    load = _BUSY_LOAD if world.doing().running else _IDLE_LOAD
    if site.faults.is_on("host_overloaded"):
        load += _OVERLOAD
    return {
        "boot_id": world.boot.id,
        "boot_time": world.boot.at,
        "uptime": now - world.boot.at,
        "now": now,
        "load": [load, load * 0.8, load * 0.6],
        "cpus": _CPUS,
        "memory_total": _MEMORY,
        "memory_available": _AVAILABLE,
        "drivers": _drivers(world, now),
        "gpus_on_bus": [f"{c.slot}.0" for c in site.nvidia_smi.rack.cards],
        "driver_module": DRIVER,
        "people": [],
        "packages": [],
        "inhibitors": [],
    }


def disks(site: Site, question: Question) -> Answer:
    """Return the room on two disks: `/`, and the one with FaceFusion."""
    paths = question.get("paths")
    if not isinstance(paths, Sequence) or isinstance(paths, str):
        raise Refused("bad_request", "cannot use paths: it is no list")
    full = site.faults.is_on("disk_full")
    return {"disks": [_disk(str(one), full) for one in paths[:_MOST_PATHS]]}


def _disk(path: str, full: bool) -> Answer:  # noqa: FBT001 - of one caller
    is_data = PurePosixPath(path).is_relative_to(DIRECTORY)
    total, free, inodes, inodes_free = _DATA if is_data else _ROOT
    return {
        "path": path,
        "total": total,
        "free": 0 if full and is_data else free,
        "inodes_total": inodes,
        "inodes_free": inodes_free,
    }


def _drivers(world: World, now: float) -> list[Answer]:
    stuck = world.stuck
    if stuck is None:
        return []
    return [
        {
            "pid": stuck.pid,
            "name": "nvidia-smi",
            "state": "D",
            "age": max(0.0, now - stuck.since),
            "wchan": "nv_simulated_wait",
        }
    ]
