"""Connections to one SQLite file, and how they behave."""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection

from monitor.adapters.store.texts import replaced

BUSY_WAIT = 5.0
"""Seconds that a statement waits for another process."""
_WAL_LIMIT = 16_777_216
"""Bytes the write-ahead log is cut back to after a checkpoint."""
_PRAGMAS = (
    f"busy_timeout={int(BUSY_WAIT * 1000)}",
    "synchronous=NORMAL",
    f"journal_size_limit={_WAL_LIMIT}",
)


def make_engine(path: Path, *, durable: bool = False) -> sa.Engine:
    """Return an engine whose writers are engines with `write=True`.

    Durability: in WAL mode each commit is handed to the kernel before it
    returns, so that a killed process loses nothing that was committed.
    With `synchronous=NORMAL` only a checkpoint waits for the disk: after a
    power cut the last commits may be missing, the file stays whole. A
    `durable` engine waits for the disk at each commit.
    """
    engine = sa.create_engine(sa.URL.create("sqlite", database=str(path)))
    sa.event.listen(engine, "connect", _durable if durable else _connected)
    sa.event.listen(engine, "begin", _begun)
    return engine


def _connected(driver: DBAPIConnection, _: object) -> None:
    # A damaged text must not hide the other rows of its table.
    driver.text_factory = replaced
    cursor = driver.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _durable(driver: DBAPIConnection, record: object) -> None:
    _connected(driver, record)
    cursor = driver.cursor()
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def _begun(connection: sa.Connection) -> None:
    # Said here, since the driver would begin late and never for DDL. A
    # writer that begins as a reader can fail halfway, without waiting.
    write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
