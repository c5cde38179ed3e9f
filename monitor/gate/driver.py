"""The NVIDIA driver as seen without it: sysfs and /proc only."""

from __future__ import annotations

import os
from collections.abc import Mapping

from monitor.gate.processes import process_names, stat_of
from monitor.gate.procfiles import host_text
from monitor.gate.roots import ROOT

_NVIDIA = "0x10de"
_DISPLAY = "0x03"
"""PCI classes of display controllers begin so, 3D controllers' too."""

_TOOL = "nvidia-smi"
_DRIVERS_AT_MOST = 50


def gpus_on_bus() -> list[str] | None:
    """Return the bus ids of NVIDIA GPUs that are the driver's to find.

    One that another driver has (vfio-pci for a guest, nouveau) is not.
    None where there is no sysfs to tell. One that fell off the bus may
    still be among them: the kernel forgets a card late.
    """
    try:
        names = sorted(os.listdir(ROOT.path("sys", "bus", "pci", "devices")))
    except OSError:
        return None
    return [name for name in names if _is_gpu(name)]


def _is_gpu(name: str) -> bool:
    folder = ("sys", "bus", "pci", "devices", name)
    vendor = host_text(*folder, "vendor") or ""
    if vendor.strip() != _NVIDIA:
        return False
    if not (host_text(*folder, "class") or "").startswith(_DISPLAY):
        return False
    return _driver_of(folder) in {"", "nvidia"}


def _driver_of(folder: tuple[str, ...]) -> str:
    """Return the name of a device's driver, "" without one."""
    try:
        return os.path.basename(os.readlink(ROOT.path(*folder, "driver")))
    except OSError:
        return ""


def driver_module() -> str | None:
    """Return the version of the loaded module, None without one."""
    text = host_text("sys", "module", "nvidia", "version")
    return (text or "").strip() or None


def drivers_seen(
    uptime: float | None, names: Mapping[int, str] | None = None
) -> list[dict[str, object]]:
    """Return every nvidia-smi that runs, whoever started it.

    `uptime` in seconds tells their age. `names` are those of all processes,
    where they are known. A stuck one waits in state D; what it waits in is
    `wchan`, empty where we may not know.
    """
    names = process_names() if names is None else names
    pids = [pid for pid, name in names.items() if name == _TOOL]
    seen = [_driver_seen(pid, uptime) for pid in pids[:_DRIVERS_AT_MOST]]
    return [one for one in seen if one]


def _driver_seen(pid: int, uptime: float | None) -> dict[str, object] | None:
    stat = stat_of(pid)
    if stat is None or stat.state in "ZX":
        return None
    wchan = (host_text("proc", str(pid), "wchan") or "").strip()
    started = stat.start_ticks / os.sysconf("SC_CLK_TCK")
    return {
        "pid": pid,
        "name": stat.name,
        "state": stat.state,
        "age": None if uptime is None else round(uptime - started, 2),
        "wchan": "" if wchan == "0" else wchan,
    }
