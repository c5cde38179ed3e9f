"""The log of a systemd unit, from the journal."""

from __future__ import annotations

import json
import re
import time

from monitor.gate.commands import Ended, run_command
from monitor.gate.gaps import Gaps
from monitor.gate.logtext import LogLine, LogSeen, lines_of, newest_lines
from monitor.gate.units import failure

_BYTES = range(256)
_JOURNAL_CURSOR_MOST = 511
_CURSOR = re.compile(r"[a-z]=[0-9a-f]+(;[a-z]=[0-9a-f]+){1,9}\Z")
_SINCE = re.compile(r"@[0-9]{1,12}\Z")
"""The cursor of a log without a line yet: a moment."""

_FIRST_BYTES = 65536
_NEWEST = 1000
_OUTPUT = 8 << 20
_OPTIONS = (
    "--no-pager",
    "--all",
    "--output=json",
    "--output-fields=MESSAGE,MESSAGE_ID",
)
_STARTING = "7d4958e842da4a758f6c1cdc7b36dcc5"
_STARTED = "39f53479d3a045ac8e11786248231fbf"
"""systemd's own ids for "unit begins to start" and "has started"."""


def read_journal(
    unit: str, cursor: str | None, limit: int, gaps: Gaps, within: float
) -> LogSeen:
    """Return what came after the cursor, at first the last 64 kB."""
    known = cursor if _usable(cursor) else None
    began, end = time.time(), time.monotonic() + within
    ended = _ask(unit, _after(known), within / 2)
    skipped = 0
    rotated = known is None and cursor is not None
    if known is not None and (ended.cut or ended.late or ended.code):
        # Too much came since, or its place is gone: only the newest then.
        skipped = len(ended.stdout) if ended.cut else 0
        rotated = True
        ended = _ask(unit, _after(None), max(0.1, end - time.monotonic()))
    _note_gaps(ended, gaps)
    if ended.code and not ended.stdout:
        return LogSeen(cursor, [], 0)
    most = limit if known is not None else min(limit, _FIRST_BYTES)
    seen = _seen(ended.stdout, known, most)
    # Nothing yet: then all that comes from this second on is new.
    cursor = seen.cursor or f"@{max(0, int(began) - 1)}"
    lost = skipped + seen.skipped
    return seen._replace(cursor=cursor, skipped=lost, rotated=rotated)


def _usable(cursor: str | None) -> bool:
    text = cursor or ""
    is_one = bool(_CURSOR.match(text) or _SINCE.match(text))
    return is_one and len(text) <= _JOURNAL_CURSOR_MOST


def _after(cursor: str | None) -> list[str]:
    if cursor is None:
        return [f"--lines={_NEWEST}"]
    if cursor.startswith("@"):
        return [f"--since={cursor}"]
    return [f"--after-cursor={cursor}"]


def _ask(unit: str, after: list[str], within: float) -> Ended:
    argv = ["journalctl", *_OPTIONS, *after, f"--unit={unit}"]
    return run_command(argv, within, _OUTPUT)


def _note_gaps(ended: Ended, gaps: Gaps) -> None:
    said = ended.stderr.decode("utf-8", "replace").lower()
    if "not seeing messages" in said or "permission" in said:
        gaps.add(
            "journal",
            "cannot read all of the journal; put the user that the monitor "
            "logs in as into the group systemd-journal",
        )
    elif ended.code and not ended.stdout:
        gaps.add(
            "journal",
            f"cannot read the journal: {failure(ended, 'journalctl')}",
        )


def _seen(output: bytes, known: str | None, limit: int) -> LogSeen:
    cursor = known
    lines: list[LogLine] = []
    restarted = False
    for row in output.split(b"\n"):
        entry = parse_entry(row)
        if entry is None:
            continue
        cursor = entry[0]
        lines += lines_of(entry[2], entry[1])
        restarted = restarted or entry[3]
    kept, lost = newest_lines(lines, limit)
    news = known is not None
    return LogSeen(
        cursor, kept, lost if news else 0, restarted=restarted and news
    )


def parse_entry(row: bytes) -> tuple[str, float | None, bytes, bool] | None:
    """Return cursor, Unix time, message, and whether the unit starts.

    None for a line that is no entry.
    """
    try:
        entry = json.loads(row)
    except (ValueError, RecursionError):
        return None
    cursor = entry.get("__CURSOR") if isinstance(entry, dict) else None
    if not isinstance(cursor, str) or not _usable(cursor):
        return None
    starts = entry.get("MESSAGE_ID") in (_STARTING, _STARTED)
    at = _microseconds(entry.get("__REALTIME_TIMESTAMP"))
    return cursor, at, message_bytes(entry.get("MESSAGE")), starts


def message_bytes(message: object) -> bytes:
    """Return a message, which is text, its bytes as numbers, or several."""
    if isinstance(message, str):
        return message.encode("utf-8", "replace")
    if not isinstance(message, list):
        return b""
    if all(type(one) is int and one in _BYTES for one in message):
        return bytes(message)
    return b"\n".join(
        message_bytes(one) for one in message if isinstance(one, (str, list))
    )


def _microseconds(text: object) -> float | None:
    digits = isinstance(text, str) and re.match(r"[0-9]{1,17}\Z", text)
    return int(str(text)) / 1e6 if digits else None
