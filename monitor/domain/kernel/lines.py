"""Lines of the kernel's log that tell of a GPU or of a killed process.

The forms are those of facts/gpu.md §2 and of mm/oom_kill.c. Only what the
kernel itself begins a line with counts: users choose names of processes and
of control groups, and both are printed.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from monitor.domain.kernel.event import KernelLine, OomKill, XidEvent

FELL_OFF = 79
"""The Xid of a GPU that fell off the bus, with an Xid line or without."""

_SHOWN = 300
_READ = 2000
_MORE = 3
"""Lines that may follow the first of the driver's message about a lost GPU;
it is three lines long."""

_PREFIX = r"(?:<[0-9]{1,3}>)?(?:kernel: )?(?:\[[^\]\n]{0,40}\])?\s*"
"""A priority, and the time as dmesg prints it: all of it may be absent."""
_BUS = r"(?P<bus>[0-9a-fA-F]{4,8}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2}(?:\.[0-7])?)"
_XID = re.compile(
    _PREFIX
    + r"NVRM: Xid \((?:PCI:)?"
    + _BUS
    + r"(?: GPU-I:[0-9]{1,3})?\): (?P<xid>[0-9]{1,4})(?![0-9])"
    r"(?:, pid='?(?P<pid>[0-9]{1,9}|<unknown>)'?)?"
    r"(?:, name=(?P<name>[^,\n]{0,64}))?"
)
_FALLEN = re.compile(
    _PREFIX
    + r"NVRM: GPU (?:at )?(?:PCI:)?"
    + _BUS
    + r":? (?:GPU )?has fallen off the bus"
)
_HEAD = re.compile(_PREFIX + r"NVRM: The NVIDIA GPU " + _BUS)
_TAIL = re.compile(r"fallen off the bus and is\s+(?:NVRM:\s+)?not responding")
_NVRM = re.compile(_PREFIX + r"NVRM: ")
_KILLED = re.compile(
    _PREFIX + r"(?:(?:Memory cgroup out|Out) of memory[^:\n]{0,40}: )?"
    r"Killed process (?P<pid>[0-9]{1,9})(?:, UID [0-9]{1,10})?,?"
    r" \((?P<name>[^\n]{0,16})\)(?:[ ,]|$)"
)
_OOM = re.compile(
    # What users choose stands in front: the last pid of the line counts.
    _PREFIX
    + r"oom-kill:constraint=(?P<about>[^\n]*),task=(?P<name>[^\n]{0,64}),"
    r"pid=(?P<pid>[0-9]{1,9}),uid=[0-9]{1,10}\s*$"
)


def events(
    lines: Iterable[KernelLine], boot_id: str
) -> Iterator[XidEvent | OomKill]:
    """Yield what lines tell, one event each; most tell nothing."""
    for line in _whole(lines):
        event = event_of(line, boot_id)
        if event is not None:
            yield event


def event_of(line: KernelLine, boot_id: str) -> XidEvent | OomKill | None:
    """Return what one line tells, None for nothing; never raises."""
    text = line.text[:_READ].lstrip()
    return _gpu_event(line.at, text, boot_id) or _kill(line.at, text, boot_id)


def _gpu_event(at: float, text: str, boot_id: str) -> XidEvent | None:
    if found := _XID.match(text):
        return XidEvent(
            boot_id=boot_id,
            at=at,
            pci_bus_id=found["bus"],
            xid=int(found["xid"]),
            pid=_pid(found["pid"]),
            process=_known(found["name"] or ""),
            text=_shown(text),
        )
    fallen = _FALLEN.match(text) or (_TAIL.search(text) and _HEAD.match(text))
    if not fallen:
        return None
    return XidEvent(
        boot_id=boot_id,
        at=at,
        pci_bus_id=fallen["bus"],
        xid=FELL_OFF,
        text=_shown(text),
    )


def _kill(at: float, text: str, boot_id: str) -> OomKill | None:
    if found := _KILLED.match(text):
        cgroup = ""
    elif found := _OOM.match(text):
        _, there, cgroup = found["about"].rpartition("task_memcg=")
        cgroup = cgroup if there else ""
    else:
        return None
    return OomKill(
        boot_id=boot_id,
        at=at,
        pid=int(found["pid"]),
        process=_shown(found["name"]),
        cgroup=_shown(cgroup),
    )


def _whole(lines: Iterable[KernelLine]) -> Iterator[KernelLine]:
    """Put the message about a lost GPU back together, line by line."""
    head: KernelLine | None = None
    more = 0
    for line in lines:
        text = line.text[:_READ].lstrip()
        if _HEAD.match(text):
            open_ = not _TAIL.search(text)
            head, more = replace(line, text=text) if open_ else None, _MORE
        elif head is not None and more and _NVRM.match(text):
            head, more = replace(head, text=f"{head.text}\n{text}"), more - 1
            if _TAIL.search(head.text):
                yield head
                head = None
        yield line


def _pid(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


def _known(name: str) -> str:
    return "" if name == "<unknown>" else _shown(name)


def _shown(text: str) -> str:
    """Return a text fit for a terminal, on one line."""
    kept = "".join(c if c.isprintable() else " " for c in text[: 2 * _SHOWN])
    return " ".join(kept.split())[:_SHOWN]
