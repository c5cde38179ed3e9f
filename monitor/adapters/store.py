"""SQLite: the history of canary runs and of changed opinions."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from monitor.domain.canary.reading import CanaryReading, Operation, Result
from monitor.domain.errors import CannotStore
from monitor.domain.health import Health
from monitor.domain.judgement import Transition
from monitor.domain.observation import CheckKey, Kind, Observation

RUNS_KEPT = 1000
"""Runs kept of each canary: three days at the shortest usual interval."""
TRANSITIONS_KEPT = 10_000
"""Changed opinions kept in all."""

_T = TypeVar("_T")
_METADATA = sa.MetaData()
_KEY = ("kind", "subject", "check_name")
_RUNS = sa.Table(
    "canary_runs",
    _METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    *(sa.Column(name, sa.Text, nullable=False) for name in _KEY),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("duration", sa.Float, nullable=False),
    sa.Column("health", sa.Text, nullable=False),
    sa.Column("because", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("canary", sa.Text, nullable=False),
    sa.Column("operation", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("result", sa.Text, nullable=False),
    sa.Column("seconds", sa.Float),
    sa.Column("output_valid", sa.Boolean),
    sa.Column("low", sa.Float),
    sa.Column("high", sa.Float),
    sa.Column("ratio", sa.Float),
    sa.Index("canary_runs_by_check", *_KEY, "at"),
)
_TRANSITIONS = sa.Table(
    "transitions",
    _METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    *(sa.Column(name, sa.Text, nullable=False) for name in _KEY),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("before", sa.Text, nullable=False),
    sa.Column("after", sa.Text, nullable=False),
    sa.Column("because", sa.Text, nullable=False),
)


class SqliteStore:
    """`monitor.ports.Store` in one SQLite file, written by one thread.

    Raises `CannotStore` when the file cannot be opened, read or written.
    """

    def __init__(self, url: str) -> None:
        self._engine = sa.create_engine(url)
        sa.event.listen(self._engine, "connect", _be_durable)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        try:
            _METADATA.create_all(self._engine)
        except SQLAlchemyError as error:
            self._thread.shutdown()
            raise _cannot("open", error, self._engine) from None

    async def remember(
        self, seen: Observation, changed: Transition | None
    ) -> None:
        """Keep a canary run and a changed opinion; the rest is not kept."""
        reading = seen.reading
        run = reading if isinstance(reading, CanaryReading) else None
        if run is None and changed is None:
            return
        await self._in_thread(lambda: self._write(seen, run, changed))

    async def canary_history(
        self, key: CheckKey, *, limit: int
    ) -> Sequence[Observation]:
        """Return the last runs of a canary, newest first."""
        return await self._in_thread(lambda: self._read(key, limit))

    def close(self) -> None:
        """Finish what was handed in and close the file."""
        self._thread.shutdown()
        self._engine.dispose()

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, work)
        except SQLAlchemyError as error:
            raise _cannot("use", error, self._engine) from None

    def _write(
        self,
        seen: Observation,
        run: CanaryReading | None,
        changed: Transition | None,
    ) -> None:
        with self._engine.begin() as db:
            if run is not None:
                db.execute(_RUNS.insert(), _run_row(seen, run))
                _trim(db, _RUNS, _of(_RUNS, seen.key), RUNS_KEPT)
            if changed is not None:
                db.execute(_TRANSITIONS.insert(), _transition_row(changed))
                _trim(db, _TRANSITIONS, sa.true(), TRANSITIONS_KEPT)

    def _read(self, key: CheckKey, limit: int) -> list[Observation]:
        newest = (
            sa.select(_RUNS)
            .where(_of(_RUNS, key))
            .order_by(_RUNS.c.id.desc())
            .limit(limit)
        )
        with self._engine.begin() as db:
            return [_observation(r) for r in db.execute(newest).mappings()]


def _be_durable(connection: sa.PoolProxiedConnection, _: object) -> None:
    """Readers never wait for the writer, and a kill loses nothing."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.close()


def _cannot(
    verb: str, error: SQLAlchemyError, engine: sa.Engine
) -> CannotStore:
    cause = getattr(error, "orig", None) or error
    return CannotStore(
        f"cannot {verb} the state database {engine.url.database}: {cause};"
        " check state.url, its folder's permissions and the free disk space;"
        " a file that is no database can be moved aside"
    )


def _of(table: sa.Table, key: CheckKey) -> sa.ColumnElement[bool]:
    values = _key_row(key)
    return sa.and_(*(table.c[name] == values[name] for name in _KEY))


def _trim(
    db: sa.Connection,
    table: sa.Table,
    where: sa.ColumnElement[bool],
    keep: int,
) -> None:
    oldest = (
        sa.select(table.c.id)
        .where(where)
        .order_by(table.c.id.desc())
        .limit(1)
        .offset(keep - 1)
        .scalar_subquery()
    )
    db.execute(table.delete().where(where, table.c.id < oldest))


def _key_row(key: CheckKey) -> dict[str, str]:
    return {
        "kind": key.kind,
        "subject": key.subject,
        "check_name": key.check,
    }


def _run_row(seen: Observation, run: CanaryReading) -> dict[str, object]:
    low, high = run.benchmark or (None, None)
    return {
        **_key_row(seen.key),
        "at": seen.at,
        "duration": seen.duration,
        "health": seen.health,
        "because": seen.because,
        "reason": seen.reason,
        "canary": run.canary,
        "operation": run.operation,
        "model": run.model,
        "result": run.result,
        "seconds": run.duration,
        "output_valid": run.output_valid,
        "low": low,
        "high": high,
        "ratio": run.ratio,
    }


def _transition_row(changed: Transition) -> dict[str, object]:
    return {
        **_key_row(changed.key),
        "at": changed.at,
        "before": changed.before,
        "after": changed.after,
        "because": changed.because,
    }


def _observation(r: sa.RowMapping) -> Observation:
    key = CheckKey(
        kind=Kind(r["kind"]), subject=r["subject"], check=r["check_name"]
    )
    benchmark = None if r["high"] is None else (r["low"], r["high"])
    return Observation(
        key=key,
        probe="canary",
        at=r["at"],
        duration=r["duration"],
        health=Health(r["health"]),
        because=r["because"],
        reason=r["reason"],
        reading=CanaryReading(
            canary=r["canary"],
            operation=Operation(r["operation"]),
            model=r["model"],
            result=Result(r["result"]),
            duration=r["seconds"],
            output_valid=r["output_valid"],
            benchmark=benchmark,
            ratio=r["ratio"],
        ),
    )
