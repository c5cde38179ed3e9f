"""The kernel's log: the GPU driver's errors, and whom the kernel killed.

Never touches the driver, so it works when the driver does not. From the
journal where we may read it; else from the ring buffer, which forgets.
"""

from __future__ import annotations

import re

from monitor.gate.dmesg import read_ring
from monitor.gate.gaps import Gaps
from monitor.gate.kernellog import KernelLine, KernelSeen, cannot_read
from monitor.gate.kernjournal import read_kernel_journal
from monitor.gate.protocol import Refused, number_of

_KERNEL_CURSOR = re.compile(r"[A-Za-z0-9=;_-]{1,512}\Z")
_ENTRIES = 500
_ENTRIES_AT_MOST = 2000
_TEXT_AT_MOST = 400_000
"""Characters of an answer: with other parts it must fit one line."""


def observe_kernel(
    question: dict[str, object], _gaps: Gaps
) -> dict[str, object]:
    """Return the news after `cursor`, oldest first.

    Raises `Refused` where neither log can be read: no entries would mean
    that nothing happened.
    """
    cursor = _cursor_asked(question.get("cursor"))
    limit = int(number_of(question, "limit", _ENTRIES, _ENTRIES_AT_MOST))
    within = number_of(question, "within", 8.0, 60.0)
    seen = _read_either(cursor, within / 2.5)
    newest = _newest(seen.lines, limit)
    return {
        "source": seen.source,
        "cursor": seen.cursor,
        "entries": [{"at": one.at, "text": one.text} for one in newest],
        "lost": seen.lost or len(newest) < len(seen.lines),
    }


def _read_either(cursor: str | None, within: float) -> KernelSeen:
    """Ask the log that the cursor is of first; each has `within` seconds."""
    readers = [read_kernel_journal, read_ring]
    if cursor is not None and cursor.startswith("dmesg"):
        readers.reverse()
    whys = []
    for reader in readers:
        seen = reader(cursor, within)
        if isinstance(seen, KernelSeen):
            return seen
        whys.append(seen)
    raise Refused("forbidden", cannot_read(whys))


def _newest(lines: list[KernelLine], limit: int) -> list[KernelLine]:
    kept: list[KernelLine] = []
    room = _TEXT_AT_MOST
    for line in reversed(lines[-limit:]):
        room -= len(line.text) + 40
        if room < 0:
            break
        kept.append(line)
    return kept[::-1]


def _cursor_asked(cursor: object) -> str | None:
    if cursor is None:
        return None
    if isinstance(cursor, str) and _KERNEL_CURSOR.match(cursor):
        return cursor
    raise Refused("bad_request", "cannot use cursor: it is none of ours")
