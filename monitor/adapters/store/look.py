"""A look at a file before it is touched, through a read-only connection."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

CHECK_SECONDS = 2.0
"""How long the start may take to read a big file through for damage."""
_STEPS = 10_000
"""Steps of SQLite's machine between two looks at the clock: under 1 ms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is in a file: its tables and its revision, empty without one."""

    tables: frozenset[str]
    revision: str = ""
    damage: str = ""


def look(path: Path) -> Found:
    """Return what is in a file. Raises `sqlite3.Error`."""
    uri = f"{path.as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True)) as db:
        rows = db.execute("SELECT name FROM sqlite_master WHERE type='table'")
        tables = frozenset(str(name) for (name,) in rows)
        return Found(
            tables=tables,
            revision=_revision(db) if "alembic_version" in tables else "",
            damage=_damage(db),
        )


def _revision(db: sqlite3.Connection) -> str:
    row = db.execute("SELECT version_num FROM alembic_version").fetchone()
    return "" if row is None else str(row[0])


def _damage(db: sqlite3.Connection) -> str:
    """Return the first damage found; none within the time is none."""
    db.set_progress_handler(_late(CHECK_SECONDS), _STEPS)
    try:
        said = db.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            return ""
        raise
    finally:
        db.set_progress_handler(None, 0)
    found = str(said[0]) if said else "ok"
    return "" if found == "ok" else found.splitlines()[-1]


def _late(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end
