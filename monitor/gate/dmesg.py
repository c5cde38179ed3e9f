"""The kernel's ring buffer, with a cursor of our own making."""

from __future__ import annotations

import binascii
import re
from typing import NamedTuple

from monitor.gate.commands import run_command
from monitor.gate.hello import read_boot_id
from monitor.gate.kernellog import KernelLine, KernelSeen, lines_told
from monitor.gate.processes import host_boot_time

_RING_OUTPUT = 8 << 20
_STAMPED = re.compile(r"\[ *([0-9]{1,9})\.([0-9]{6})\] ?(.*)")
_RING_CURSOR = re.compile(r"dmesg;([A-Za-z0-9-]*);([0-9]{1,15});([0-9a-f]+)\Z")


class _RingLine(NamedTuple):
    """A line and its microseconds since the boot."""

    stamp: int
    text: str

    @property
    def sum(self) -> str:
        return f"{binascii.crc32(self.text.encode('utf-8', 'replace')):08x}"


def read_ring(cursor: str | None, within: float) -> KernelSeen | str:
    """Return what `dmesg` shows after `cursor`, or why it cannot be read.

    Lost is what the buffer forgot since the cursor; at first, what it
    forgot before its oldest line cannot be known.
    """
    ended = run_command(("dmesg",), within, _RING_OUTPUT)
    lines = _ring_lines(ended.stdout.decode("utf-8", "replace"))
    if ended.code != 0 or not lines:
        said = ended.stderr.decode("utf-8", "replace").strip()
        return f"dmesg: {said[:100] or 'shows nothing with a time'}"
    boot = read_boot_id() or ""
    news, lost = _after_ring_cursor(lines, cursor, boot)
    last = lines[-1]
    return KernelSeen(
        "dmesg",
        f"dmesg;{boot};{last.stamp};{last.sum}",
        _dated(news),
        lost,
    )


def _ring_lines(text: str) -> list[_RingLine]:
    """Read lines; what has no time goes on with the line before it."""
    lines: list[_RingLine] = []
    for line in text.split("\n"):
        found = _STAMPED.match(line)
        if found:
            seconds, micros, rest = found.groups()
            stamp = int(seconds) * 1_000_000 + int(micros)
            lines.append(_RingLine(stamp, rest))
        elif lines and line.strip():
            lines.append(_RingLine(lines[-1].stamp, line.strip()))
    return lines


def _after_ring_cursor(
    lines: list[_RingLine], cursor: str | None, boot: str
) -> tuple[list[_RingLine], bool]:
    found = _RING_CURSOR.match(cursor or "")
    if not found or found.group(1) != boot:
        return lines, False
    stamp, crc = int(found.group(2)), found.group(3)
    for place in range(len(lines) - 1, -1, -1):
        if lines[place].stamp == stamp and lines[place].sum == crc:
            return lines[place + 1 :], False
    return [line for line in lines if line.stamp > stamp], True


def _dated(lines: list[_RingLine]) -> list[KernelLine]:
    boot_time = host_boot_time()
    dated = []
    for line in lines:
        at = None
        if boot_time is not None:
            at = round(boot_time + line.stamp / 1_000_000, 2)
        dated.extend(lines_told(line.text, at))
    return dated
