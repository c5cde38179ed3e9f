"""Reads a file for the verb `files`: of our directory, or an output."""

from __future__ import annotations

import base64
import contextlib
import os
import re
import time
from collections.abc import Iterator

from monitor.gate.filepaths import opened_parent, regular, steps_below, told
from monitor.gate.finding import absolute_path
from monitor.gate.protocol import Refused, number_of

_LARGEST = 32 << 20
_CHUNK_LIMIT = 524_288
_RECENT = 6 * 3600
"""Seconds: a run and its output are never older."""

_PICTURES = re.compile(
    rb"\xff\xd8|\x89PNG|GIF8|RIFF....WEBP|II\*\x00|MM\x00\*|BM....\x00{4}",
    re.DOTALL,
)
"""How outputs begin. From elsewhere nothing else is given out: whoever has
the key would read every log that was written to of late."""

_HEAD = 12


def get_file(
    request: dict[str, object], directory: str | None
) -> dict[str, object]:
    """Return a piece of a file as README.md says. Raises `Refused`."""
    path = absolute_path(request.get("path"), "path")
    offset = _offset(request.get("offset", 0))
    limit = int(number_of(request, "limit", _CHUNK_LIMIT, _CHUNK_LIMIT))
    with told(f"get {path}"):
        if directory and steps_below(directory, path):
            with opened_parent(directory, path) as (folder, name):
                return _chunk(name, folder, offset, limit)
        newer_than = _recent(request.get("newer_than"))
        return _chunk(path, None, offset, limit, newer_than)


def _chunk(
    path: str,
    folder: int | None,
    offset: int,
    limit: int,
    newer_than: int | None = None,
) -> dict[str, object]:
    """Read a piece; `newer_than` is given for what is not in our folder."""
    with _opened_regular(path, folder) as (file, found):
        if newer_than is not None:
            _check_output(file, path, found, newer_than)
        if found.st_size > _LARGEST:
            raise Refused(
                "too_large",
                f"cannot get {path}: it is larger than {_LARGEST} bytes",
            )
        # What the kernel makes up, below /proc, has the size 0.
        wanted = max(0, min(limit, found.st_size - offset))
        data = os.pread(file, wanted, offset)
    return {
        "data": base64.b64encode(data).decode("ascii"),
        "size": found.st_size,
        "mtime": found.st_mtime,
        "more": offset + len(data) < found.st_size and bool(data),
    }


@contextlib.contextmanager
def _opened_regular(
    path: str, folder: int | None
) -> Iterator[tuple[int, os.stat_result]]:
    """Open a regular file. Raises `OSError` and `Refused`."""
    # Looked at before it is opened: to open a device may do something.
    regular(os.lstat(path, dir_fd=folder), path)
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    file = os.open(path, flags, dir_fd=folder)
    try:
        yield file, regular(os.fstat(file), path)
    finally:
        os.close(file)


def _check_output(
    file: int, path: str, found: os.stat_result, newer_than: int
) -> None:
    if int(found.st_mtime) < newer_than:
        flaw = "it is older than this run's input"
    elif not _PICTURES.match(os.pread(file, _HEAD, 0)):
        flaw = "it is no picture, and not in our directory"
    else:
        return
    raise Refused("forbidden", f"cannot get {path}: {flaw}")


def _offset(value: object) -> int:
    if type(value) is int and 0 <= value <= _LARGEST:
        return value
    raise Refused("bad_request", "cannot use offset: it is no place in a file")


def _recent(value: object) -> int:
    """Return the time that an output must be newer than.

    Whole seconds, as some file systems have them; not of long ago, for that
    would open every file to whoever asks.
    """
    given = isinstance(value, (int, float)) and not isinstance(value, bool)
    at = float(str(value)) if given else 0.0
    if abs(time.time() - at) < _RECENT:
        return int(at)
    raise Refused(
        "forbidden",
        "cannot get a file outside of our directory without newer_than, the "
        "time of this run's input",
    )
