"""Which process, and no other: what does not change while it lives."""

import re
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


_BOOT_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_NIL = "00000000-0000-0000-0000-000000000000"


def is_boot_id(text: str) -> bool:
    """Return whether it is a boot id as the kernel writes it (random(4)).

    Anything else, such as an error's text or nothing, is compared with no
    boot id: ansible reported reboots by such a text (facts/recovery.md §0).
    """
    return _BOOT_ID.fullmatch(text) is not None and text != _NIL


def identities(reading: ServiceReading) -> tuple[Identity, ...]:
    """Return the processes of a service, in the order of their numbers.

    One whose owner is not known is left out: nobody may signal it.
    """
    found = (identity_of(reading.boot_id, one) for one in reading.processes)
    return tuple(sorted(one for one in found if one is not None))


def identity_of(boot_id: str, process: Process) -> Identity | None:
    """Return which process it is, None without its owner or the boot."""
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
