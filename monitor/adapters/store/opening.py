"""Opening the state file: seen to be ours and whole before it is touched."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from monitor.adapters.store.backup import back_up
from monitor.adapters.store.engine import make_engine
from monitor.adapters.store.errors import cannot, refused
from monitor.adapters.store.look import Found, look
from monitor.adapters.store.migrating import migrate
from monitor.adapters.store.schema import HEAD, REVISIONS

_PREFIX = "sqlite:///"
_OURS = "canary_runs"
"""A table that every release has had."""


def path_of(url: str) -> Path:
    """Return the file of `sqlite:///FILE`.

    A relative one is relative to where the daemon was started, as
    `WorkingDirectory=` of a systemd unit says: state is not kept beside a
    configuration in /etc.
    """
    return Path(url.removeprefix(_PREFIX)).absolute()


def open_file(path: Path) -> sa.Engine:
    """Return an engine on a file of the newest revision.

    Raises `CannotStore` for a file that is damaged, locked, not ours, or
    newer than we are; such a file is left as it is.
    """
    try:
        _create(path)
        found = look(path)
        _check(path, found)
        if found.tables and found.revision != HEAD:
            back_up(path, HEAD)
        return _opened(path, found)
    except (OSError, ValueError, sqlite3.Error, SQLAlchemyError) as error:
        raise cannot("open", path, error) from None


def _create(path: Path) -> None:
    """Make a new file that only we may read."""
    if path.is_dir():
        raise refused("open", path, "it is a folder", "name a file in it")
    if path.exists() and not path.is_file():
        raise refused("open", path, "it is no regular file", "name another")
    flags = os.O_CREAT | os.O_RDWR | os.O_CLOEXEC
    os.close(os.open(path, flags, 0o600))


def _check(path: Path, found: Found) -> None:
    if found.damage:
        raise cannot("open", path, f"it is malformed: {found.damage}")
    if found.revision and found.revision not in REVISIONS:
        raise refused(
            "open",
            path,
            f"it has revision {found.revision}, this release knows {HEAD}",
            "install the release that wrote it, or put back the copy"
            f" {path.name}.before-{found.revision}.bak",
        )
    if found.tables and _OURS not in found.tables:
        raise refused(
            "open",
            path,
            "it belongs to another program",
            "name a file of our own in state.url",
        )


def _opened(path: Path, found: Found) -> sa.Engine:
    engine = make_engine(path)
    try:
        if found.revision != HEAD:
            migrate(engine.execution_options(write=True))
        _prepare(path, engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _prepare(path: Path, engine: sa.Engine) -> None:
    """See that it can be written, and log ahead from now on."""
    if _log_ahead(engine) != "wal":
        raise refused(
            "open",
            path,
            "its file system has no shared memory, which SQLite's log needs",
            "put it on a local disk",
        )
    with engine.execution_options(write=True).begin():
        pass


def _log_ahead(engine: sa.Engine) -> object:
    """Switch on the write-ahead log; return the mode the file is in."""
    with closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")  # not in a transaction
        row = cursor.fetchone()
        cursor.close()
    return None if row is None else row[0]
