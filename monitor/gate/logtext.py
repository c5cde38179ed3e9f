"""Lines of a log as they leave the host: clean, cut, and not too many."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from monitor.gate.protocol import Refused

_LONGEST = 2000
_MOST_TEXT = 500_000
"""Characters of all lines: a whole answer must fit one line of 1 MiB."""

_A_LINE_MORE = 40
"""Characters that an answer needs around each text."""

_COLOURS = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u2028\u2029]")


class LogLine(NamedTuple):
    """A line of a log; `at` is Unix time, None where the log has none."""

    at: float | None
    text: str


class LogSeen(NamedTuple):
    """What came into a log after `cursor`, and the cursor from now on."""

    cursor: str | None
    lines: list[LogLine]
    skipped: int = 0
    rotated: bool = False
    restarted: bool = False


def clean(raw: bytes) -> str:
    """Return one line as text: at most 2,000 characters, no control ones.

    Of a progress bar, which overwrites itself, only its last state counts.
    """
    state = raw.rstrip(b"\r\n\0").rsplit(b"\r", 1)[-1]
    # A character has up to four bytes, and colours come on top.
    text = state[: 8 * _LONGEST].decode("utf-8", "replace")
    return _CONTROLS.sub("", _COLOURS.sub("", text))[:_LONGEST]


def lines_of(raw: bytes, at: float | None) -> list[LogLine]:
    """Return the lines of a message that hold anything."""
    texts = (clean(one) for one in raw.split(b"\n"))
    return [LogLine(at, text) for text in texts if text.strip()]


def newest_lines(
    lines: Iterable[LogLine], limit: int
) -> tuple[list[LogLine], int]:
    """Return the newest lines of at most `limit` bytes, and what is lost.

    What is lost is counted in bytes.
    """
    kept: list[LogLine] = []
    lost = said = held = 0
    for line in reversed(list(lines)):
        size = len(line.text.encode("utf-8", "replace")) + 1
        held += size
        said += _said(line.text) + _A_LINE_MORE
        if lost or held > limit or said > _MOST_TEXT:
            lost += size
        else:
            kept.append(line)
    return kept[::-1], lost


def _said(text: str) -> int:
    """Return the bytes of a text in JSON, quotes and backslashes doubled."""
    size = len(text.encode("utf-8", "replace"))
    return size + text.count("\\") + text.count('"')


def log_flaw(name: str, because: str) -> Refused:
    """Return the refusal of a question about a log."""
    return Refused("bad_request", f"cannot use {name}: {because}")
