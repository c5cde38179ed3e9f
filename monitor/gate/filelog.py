"""A log file by cursor, through rotation, truncation and half lines."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from typing import NamedTuple

from monitor.gate.gaps import Gaps
from monitor.gate.logtext import LogLine, LogSeen, lines_of, newest_lines

_FILE_CURSOR = re.compile(
    r"([0-9]{1,20}):([0-9]{1,20}):([0-9]{1,18}):([0-9a-f]{16})\Z"
)
_FIRST_LOOK = 65536
_BEFORE = 256
"""Bytes before a cursor that tell whether it is still the same text."""

_HALF_LINE = 65536
"""Bytes of a line without its end that wait for the rest."""


class _Mark(NamedTuple):
    """A place in a file: which file, how far, and what is before it."""

    device: int
    inode: int
    offset: int
    digest: str


class _Piece(NamedTuple):
    """What was read of a file: from `start`, `skipped` bytes left out."""

    text: bytes
    start: int
    skipped: int


def read_log_file(
    path: str, cursor: str | None, limit: int, gaps: Gaps
) -> LogSeen:
    """Return what came after the cursor, at first the last 64 kB.

    A link is followed, to a regular file only.
    """
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(_opened(path))
        except OSError as error:
            gaps.add("file", f"cannot read {path}: {_reason(error)}")
            return LogSeen(cursor, [])
        mark = _mark_of(cursor)
        if mark is None:
            return _first_look(file, limit, rotated=cursor is not None)
        if _is_at(file, mark):
            return _go_on(file, mark.offset, limit, b"", rotated=False)
        rest = _rest_of_old(path, mark, limit)
        return _go_on(file, 0, limit, rest, rotated=True)


@contextlib.contextmanager
def _opened(path: str) -> Iterator[int]:
    """Open a regular file. Raises `OSError`, also for what is none."""
    # Looked at before it is opened: to open a device may do something.
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError("it is no regular file")
    file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise OSError("it is no regular file")
        yield file
    finally:
        os.close(file)


def _reason(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return (
            "permission denied; give the user that the monitor logs in as "
            "access to it"
        )
    return (error.strerror or str(error)).lower()


def _mark_of(cursor: str | None) -> _Mark | None:
    match = _FILE_CURSOR.match(cursor or "")
    if not match:
        return None
    device, inode, offset = (int(one) for one in match.groups()[:3])
    return _Mark(device, inode, offset, match.group(4))


def _cursor_at(file: int, offset: int) -> str:
    found = os.fstat(file)
    digest = _digest(file, offset)
    return f"{found.st_dev}:{found.st_ino}:{offset}:{digest}"


def _digest(file: int, offset: int) -> str:
    start = max(0, offset - _BEFORE)
    before = os.pread(file, offset - start, start)
    return hashlib.sha256(before).hexdigest()[:16]


def _is_at(file: int, mark: _Mark) -> bool:
    found = os.fstat(file)
    same = (found.st_dev, found.st_ino) == (mark.device, mark.inode)
    return same and _holds(file, mark)


def _holds(file: int, mark: _Mark) -> bool:
    """Tell whether a file has the text that was there before the mark."""
    enough = os.fstat(file).st_size >= mark.offset
    return enough and _digest(file, mark.offset) == mark.digest


def _first_look(file: int, limit: int, *, rotated: bool) -> LogSeen:
    seen = _go_on(file, 0, min(limit, _FIRST_LOOK), b"", rotated=rotated)
    return seen._replace(skipped=0)


def _rest_of_old(path: str, mark: _Mark, limit: int) -> bytes:
    """Return what came into the file before it was rotated away.

    It is PATH.1 then: the file itself, or a copy of it.
    """
    try:
        with _opened(f"{path}.1") as old:
            same = os.fstat(old).st_ino == mark.inode
            if not (same or mark.offset) or not _holds(old, mark):
                return b""
            return _piece(old, mark.offset, limit).text
    except OSError:
        return b""


def _piece(file: int, start: int, limit: int) -> _Piece:
    """Read to the end, but only the last `limit` bytes, by whole lines."""
    size = os.fstat(file).st_size
    begin = max(start, size - limit)
    pieces = []
    place = begin
    while place < size:
        piece = os.pread(file, min(1 << 16, size - place), place)
        if not piece:  # it was cut just now
            break
        pieces.append(piece)
        place += len(piece)
    text = b"".join(pieces)
    if begin > start:
        cut = text.find(b"\n") + 1
        begin, text = begin + cut, text[cut:]
    return _Piece(text, begin, begin - start)


def _go_on(
    file: int, start: int, limit: int, rest: bytes, *, rotated: bool
) -> LogSeen:
    piece = _piece(file, start, limit)
    whole = piece.text.rfind(b"\n") + 1
    if len(piece.text) - whole > min(_HALF_LINE, limit // 2):
        whole = len(piece.text)
    lines: list[LogLine] = lines_of(rest, None)
    lines += lines_of(piece.text[:whole], None)
    kept, lost = newest_lines(lines, limit)
    cursor = _cursor_at(file, piece.start + whole)
    return LogSeen(cursor, kept, piece.skipped + lost, rotated)
