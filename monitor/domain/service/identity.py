"""Who a process is, so that nobody else is ever taken for it.

A pid is used again; with the boot and the clock tick at which it started it
names one process for ever. The rest shows that it is still what we took it
for: facts/gpu.md §7, DESIGN §4.7.
"""

from dataclasses import dataclass, replace

from monitor.domain.service.reading import ServiceReading


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One process; `start_ticks` are clock ticks after boot."""

    boot_id: str
    pid: int
    start_ticks: int
    uid: int
    cmdline: tuple[str, ...]
    cwd: str | None
    cgroup: str

    def same(self, other: "Identity") -> bool:
        """Return whether both are one process that is still the same thing.

        The working directory counts where both looks could see it: only
        the process's own user and root can.
        """
        if self.cwd is None or other.cwd is None:
            return replace(self, cwd=other.cwd) == other
        return self == other


def identity_of(reading: ServiceReading) -> Identity | None:
    """Return who serves; None without one, or when that is not certain.

    A process of an unknown boot, user, cgroup or command line cannot be
    told from another one.
    """
    server = reading.server
    if server is None or server.uid is None:
        return None
    if not (reading.boot_id and server.cmdline and server.cgroup):
        return None
    return Identity(
        boot_id=reading.boot_id,
        pid=server.pid,
        start_ticks=server.start_ticks,
        uid=server.uid,
        cmdline=server.cmdline,
        cwd=server.cwd,
        cgroup=server.cgroup,
    )
