"""The part `machine`, from /proc and /sys as text."""

from monitor.adapters.gate.plain.clock import HostClock
from monitor.adapters.gate.plain.sections import (
    Section,
    decimal,
    every,
    groups,
    one,
    whole,
)
from monitor.gate.processes import parse_stat

_KIB = 1024
_AVERAGES = 3
_ENDED = "ZX"


def read_machine(section: Section, clock: HostClock) -> dict[str, object]:
    """Return the part; what is not known is None."""
    return {
        "boot_id": clock.boot_id or None,
        "boot_time": clock.boot_time,
        "uptime": clock.uptime,
        "now": clock.now,
        "load": _load(one(section, "load")),
        "cpus": len(every(section, "cpu")) or None,
        "memory_total": _bytes(one(section, "MemTotal:")),
        "memory_available": _bytes(one(section, "MemAvailable:")),
        "drivers": [
            driver
            for group in groups(section, "driver")
            if (driver := _driver(group, clock))
        ],
        "gpus_on_bus": (
            every(section, "gpu") if one(section, "bus") else None
        ),
        "driver_module": one(section, "driver_module"),
        "people": None,
        "packages": None,
        "inhibitors": None,
    }


def _load(text: str | None) -> list[float] | None:
    averages = [decimal(word) for word in (text or "").split()[:_AVERAGES]]
    known = [average for average in averages if average is not None]
    return known if len(known) == _AVERAGES else None


def _bytes(kib: str | None) -> int | None:
    number = whole(kib)
    return None if number is None else number * _KIB


def _driver(group: Section, clock: HostClock) -> dict[str, object] | None:
    stat = parse_stat(one(group, "stat") or "")
    pid = whole(one(group, "driver"))
    if stat is None or pid is None or stat.state in _ENDED:
        return None  # it ended, perhaps while it was read
    wchan = (one(group, "wchan") or "").strip()
    return {
        "pid": pid,
        "name": stat.name,
        "state": stat.state,
        "age": clock.age(stat.start_ticks),
        "wchan": "" if wchan == "0" else wchan,
    }
