"""Which process, and no other: what does not change while it lives."""

from dataclasses import dataclass

from monitor.domain.service.reading import Process, ServiceReading


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Identity:
    """A process on one boot of a machine.

    `start_ticks` are clock ticks after boot (proc(5), starttime): a number
    that is used again has another.
    """

    boot_id: str
    pid: int
    start_ticks: int
    uid: int
    cmdline: tuple[str, ...] = ()
    cwd: str = ""
    cgroup: str = ""
    is_server: bool = False


def identities(reading: ServiceReading) -> tuple[Identity, ...]:
    """Return the processes of a service, in the order of their numbers.

    One whose owner is not known is left out: nobody may signal it.
    """
    found = (_identity(reading.boot_id, one) for one in reading.processes)
    return tuple(sorted(one for one in found if one is not None))


def _identity(boot_id: str, process: Process) -> Identity | None:
    if process.uid is None or not boot_id:
        return None
    return Identity(
        boot_id=boot_id,
        pid=process.pid,
        start_ticks=process.start_ticks,
        uid=process.uid,
        cmdline=process.cmdline,
        cwd=process.cwd or "",
        cgroup=process.cgroup,
        is_server=process.is_server,
    )
