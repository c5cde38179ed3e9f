"""Reads files of the kernel, which come a page at a time."""

from __future__ import annotations

import os
import re

from monitor.gate.roots import ROOT

PORTS = range(1, 65536)
"""What a TCP port may be."""

_PIECE = 65536
_NUMBER = re.compile(r"[0-9]{1,18}\Z")


def read_whole(path: str, limit: int = 1 << 20) -> bytes:
    """Return a file's first `limit` bytes. Raises `OSError`.

    /proc gives lists out in pieces of 4 kB, whatever one asks for.
    """
    pieces = []
    left = limit
    with open(path, "rb", buffering=0) as file:
        while left > 0:
            piece = file.read(min(left, _PIECE))
            if not piece:
                break
            pieces.append(piece)
            left -= len(piece)
    return b"".join(pieces)


def start_of_file(limit: int, *parts: str) -> bytes:
    """Return what one read gives of a file of the host, empty without it.

    With little ado, for what is asked of every process.
    """
    try:
        file = os.open(ROOT.path(*parts), os.O_RDONLY)
    except OSError:
        return b""
    try:
        return os.read(file, limit)
    except OSError:  # it ended just now
        return b""
    finally:
        os.close(file)


def host_text(*parts: str) -> str | None:
    """Return a file of the host as text, None when it cannot be read.

    Bytes that are no UTF-8 become the replacement character.
    """
    try:
        found = read_whole(ROOT.path(*parts))
    except OSError:
        return None
    return found.decode("utf-8", "replace")


def whole_number(text: str) -> int | None:
    """Return a number of at most 18 digits, None for any other text."""
    return int(text) if _NUMBER.match(text) else None


def all_pids() -> list[int]:
    """Return the process ids that /proc shows us, in ascending order."""
    try:
        names = os.listdir(ROOT.path("proc"))
    except OSError:
        return []
    numbers = (whole_number(name) for name in names)
    return sorted(one for one in numbers if one)
