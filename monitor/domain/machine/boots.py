"""Telling a reboot, once."""

from dataclasses import dataclass, replace

from monitor.domain.machine.clocks import stamp, steady
from monitor.domain.machine.reading import MachineReading


@dataclass(frozen=True, slots=True, kw_only=True)
class Boot:
    """The boot that was seen last; `at` is our Unix time, None: not known."""

    boot_id: str = ""
    at: float | None = None


def follow(
    before: Boot, reading: MachineReading
) -> tuple[Boot, MachineReading, str]:
    """Return the boot, the reading and what to tell of a new boot.

    Within one boot the reading keeps the boot time told first. What is told
    is empty where nothing is new, and where the boot is not known.
    """
    if not reading.boot_id:
        return before, reading, ""
    is_same = before.boot_id in {"", reading.boot_id}
    if is_same:
        at = steady(reading.boot_time, before.at)
        reading = replace(reading, boot_time=at)
    known = before.at if is_same and reading.boot_time is None else None
    boot = Boot(boot_id=reading.boot_id, at=reading.boot_time or known)
    return boot, reading, "" if is_same else _words(reading.boot_time)


def _words(at: float | None) -> str:
    return "booted again" if at is None else f"booted again at {stamp(at)}"
