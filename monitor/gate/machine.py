"""The machine: its boot, load, memory, who uses it, and the driver.

Nothing here touches the driver: GPUs are counted in sysfs, and those who
talk to the driver are seen through /proc.
"""

from __future__ import annotations

import time

from monitor.gate.driver import driver_module, drivers_seen, gpus_on_bus
from monitor.gate.gaps import Gaps
from monitor.gate.hello import read_boot_id
from monitor.gate.inhibitors import inhibitors_here
from monitor.gate.packages import packages_at_work
from monitor.gate.people import people_here
from monitor.gate.processes import process_names
from monitor.gate.procfiles import host_text, whole_number


def observe_machine(
    _question: dict[str, object], gaps: Gaps
) -> dict[str, object]:
    """Return what README.md says of `machine`; what is missing is a gap."""
    memory = _memory()
    uptime = _uptime()
    now = time.time()
    answer: dict[str, object] = {
        "boot_id": read_boot_id(),
        "boot_time": None if uptime is None else round(now - uptime, 2),
        "uptime": uptime,
        "now": now,
        "load": _load(),
        "cpus": _cpus(
            host_text("sys", "devices", "system", "cpu", "online") or ""
        ),
        "memory_total": memory.get("MemTotal"),
        "memory_available": memory.get("MemAvailable"),
        "gpus_on_bus": gpus_on_bus(),
    }
    for what, value in answer.items():
        if value is None:
            gaps.add(what, f"cannot read {what} here")
    names = process_names()
    answer["drivers"] = drivers_seen(uptime, names)
    answer["driver_module"] = driver_module()
    answer["people"] = people_here(gaps)
    answer["packages"] = packages_at_work(names, gaps)
    answer["inhibitors"] = inhibitors_here(gaps)
    return answer


def _uptime() -> float | None:
    found = _decimals((host_text("proc", "uptime") or "").split()[:1])
    return found[0] if found else None


def _load() -> list[float] | None:
    found = _decimals((host_text("proc", "loadavg") or "").split()[:3])
    return found if len(found) == 3 else None  # noqa: PLR2004 - 1, 5, 15 min


def _decimals(words: list[str]) -> list[float]:
    try:
        return [float(word) for word in words]
    except ValueError:
        return []


def _cpus(text: str) -> int | None:
    """Return how many processors a list like 0-3,8 has."""
    count = 0
    for some in text.strip().split(","):
        first, _, last = some.partition("-")
        low, high = whole_number(first), whole_number(last or first)
        if low is None or high is None or high < low:
            return None
        count += high - low + 1
    return count


def _memory() -> dict[str, int]:
    """Return the lines of /proc/meminfo in bytes."""
    found = {}
    for line in (host_text("proc", "meminfo") or "").splitlines():
        name, _, value = line.partition(":")
        words = value.split()
        kilobytes = whole_number(words[0]) if words else None
        if kilobytes is not None:
            found[name] = kilobytes * 1024
    return found
