"""What of the kernel's log is told, wherever it was read."""

from __future__ import annotations

import re
from typing import NamedTuple

_TOLD = re.compile(
    r"NVRM|Xid|fallen off the bus|oom[-_]|[Oo]ut of memory|Killed process"
)
_LONGEST_ENTRY = 1000


class KernelLine(NamedTuple):
    """A line of the kernel; `at` is Unix time, None where it has none."""

    at: float | None
    text: str


class KernelSeen(NamedTuple):
    """What was read of a log, and where to go on; `lost`: not all of it."""

    source: str
    cursor: str | None
    lines: list[KernelLine]
    lost: bool = False


def lines_told(text: str, at: float | None) -> list[KernelLine]:
    """Return the line, or nothing for what is none of our business."""
    if not _TOLD.search(text):
        return []
    return [KernelLine(at, text[:_LONGEST_ENTRY])]


def cannot_read(whys: list[str]) -> str:
    """Return why neither log can be read, and what would help."""
    return (
        "cannot read the kernel's log: put the user that the monitor logs in"
        f" as into the group systemd-journal or adm ({'; '.join(whys)})"
    )
