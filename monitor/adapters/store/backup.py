"""A copy of the file before a migration changes it."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

BACKUPS_KEPT = 3


def back_up(path: Path, revision: str) -> Path:
    """Copy a database beside itself, readable by us only; return the copy.

    Of several copies the newest few are kept. Raises `OSError` and
    `sqlite3.Error`; then there is no new copy.
    """
    target = path.with_name(f"{path.name}.before-{revision}.bak")
    part = target.with_name(f"{target.name}.part")
    try:
        _copy(path, part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    _forget_old(path, target)
    return target


def _copy(path: Path, part: Path) -> None:
    part.unlink(missing_ok=True)
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR
    os.close(os.open(part, flags, 0o600))
    with (
        closing(sqlite3.connect(path)) as old,
        closing(sqlite3.connect(part)) as new,
    ):
        old.backup(new)
    with part.open("rb") as copied:
        os.fsync(copied.fileno())


def _forget_old(path: Path, newest: Path) -> None:
    start, end = f"{path.name}.before-", ".bak"
    copies = [
        one
        for one in path.parent.iterdir()
        if one.name.startswith(start) and one.name.endswith(end)
    ]
    copies.sort(key=lambda one: (one != newest, -one.stat().st_mtime))
    for old in copies[BACKUPS_KEPT:]:
        old.unlink(missing_ok=True)
