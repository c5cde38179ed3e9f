"""When a host was looked at, by its own clock."""

from dataclasses import dataclass

from monitor.adapters.gate.plain.sections import (
    Section,
    decimal,
    one,
    whole,
)
from monitor.domain.errors import Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class HostClock:
    """`now` is Unix time, `uptime` seconds, `ticks` a second's."""

    now: int
    uptime: float
    ticks: int
    boot_id: str

    @property
    def boot_time(self) -> float:
        """Unix time of the boot."""
        return self.now - self.uptime

    def after_boot(self, ticks: int) -> float:
        """Return the Unix time of so many ticks after the boot."""
        return self.boot_time + ticks / self.ticks

    def age(self, ticks: int) -> float:
        """Return the seconds since so many ticks after the boot."""
        return max(0.0, self.uptime - ticks / self.ticks)


def read_clock(section: Section) -> HostClock:
    """Return what the clock says. Raises `Unreadable` without one."""
    now = whole(one(section, "now"))
    uptime = decimal((one(section, "uptime") or "").partition(" ")[0])
    if now is None or uptime is None:
        raise Unreadable("cannot read the clock of the host, or its /proc")
    return HostClock(
        now=now,
        uptime=uptime,
        ticks=whole(one(section, "ticks")) or 100,
        boot_id=(one(section, "boot_id") or "").strip(),
    )
