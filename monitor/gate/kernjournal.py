"""The kernel's log in the journal, from a cursor on."""

from __future__ import annotations

from monitor.gate.commands import Ended, run_command
from monitor.gate.journal import parse_entry
from monitor.gate.kernellog import KernelSeen, lines_told

_ROWS_AT_FIRST = 5000
_ROWS_OUTPUT = 8 << 20
_KERNEL_ROWS = (
    "journalctl",
    "--dmesg",
    "--boot",
    "--no-pager",
    "--quiet",
    "--all",
    "--output=json",
    "--output-fields=MESSAGE",
)


def read_kernel_journal(cursor: str | None, within: float) -> KernelSeen | str:
    """Return what came after `cursor`, else the newest 5,000 lines.

    Returns why not where the journal cannot be read or has nothing of the
    kernel: to a user who may not read it it looks empty.
    """
    lost = False
    if cursor is not None and not cursor.startswith("dmesg"):
        ended = _kernel_rows(f"--after-cursor={cursor}", within)
        if ended.code == 0 or ended.cut or ended.late:
            return _rows_seen(ended, cursor)
        lost = True  # its place in the journal is gone
    ended = _kernel_rows(f"--lines={_ROWS_AT_FIRST}", within)
    seen = _rows_seen(ended, None)
    if seen.cursor is None:
        return f"journalctl: {_why(ended)}"
    full = ended.stdout.count(b"\n") >= _ROWS_AT_FIRST
    return seen._replace(lost=lost or full)


def _kernel_rows(where: str, within: float) -> Ended:
    return run_command((*_KERNEL_ROWS, where), within, _ROWS_OUTPUT)


def _rows_seen(ended: Ended, cursor: str | None) -> KernelSeen:
    """Read the rows; one that is cut in half is read next time."""
    seen = KernelSeen("journal", cursor, [])
    for row in ended.stdout.split(b"\n"):
        entry = parse_entry(row)
        if entry is None:
            continue
        text = entry[2].decode("utf-8", "replace")
        seen.lines.extend(lines_told(text, entry[1]))
        seen = seen._replace(cursor=entry[0])
    return seen


def _why(ended: Ended) -> str:
    said = ended.stderr.decode("utf-8", "replace").strip().split("\n")
    if ended.late:
        return "took too long"
    return said[-1][:100] or "nothing of the kernel that we may read"
