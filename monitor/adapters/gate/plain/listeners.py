"""Who listens, from the kernel's own tables: no ss is needed."""

from collections.abc import Sequence

from monitor.adapters.gate.plain.processes import Found
from monitor.adapters.gate.plain.sections import Section, every
from monitor.gate.listeners import Listening, parse_tcp


def read_listeners(section: Section) -> list[Listening] | None:
    """Return every TCP listener, None where the kernel shows none."""
    if not every(section, "table"):
        return None
    return parse_tcp("\n".join(every(section, "tcp")))


def owned(
    listening: Sequence[Listening], processes: Sequence[Found]
) -> list[dict[str, object]]:
    """Return what the processes listen on.

    The pid is None where only the user fits: we may not see descriptors.
    """
    owners: dict[int, int] = {}
    for process in processes:
        for inode in process.inodes or ():
            owners.setdefault(inode, process.seen.pid)
    hidden = {one.seen.uid for one in processes if one.inodes is None}
    return [
        {
            "address": one.address,
            "port": one.port,
            "pid": owners.get(one.inode),
            "uid": one.uid,
            "in_container": False,
        }
        for one in listening
        if one.inode in owners or one.uid in hidden
    ]


def stranger(
    listening: Sequence[Listening],
    ours: Sequence[dict[str, object]],
    port: object,
) -> dict[str, object] | None:
    """Return who has our port when none of ours listens on it."""
    if any(one["port"] == port for one in ours):
        return None
    for one in listening:
        if one.port == port:
            return {"pid": None, "uid": one.uid, "name": None}
    return None
