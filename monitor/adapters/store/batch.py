"""What waits to be written, and the one transaction that writes it."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.exc import SQLAlchemyError

from monitor.adapters.store import trimming
from monitor.adapters.store.errors import is_sick
from monitor.adapters.store.keys import key_row
from monitor.adapters.store.moments import moment_rows
from monitor.adapters.store.runs import run_row
from monitor.adapters.store.schema import KEY, MOMENTS, RUNS, TRACKS
from monitor.adapters.store.tracks import track_row
from monitor.domain.canary.reading import CanaryReading
from monitor.domain.observation import CheckKey
from monitor.ports import Told

CHECKS_WAITING = 50_000
"""Tracks that wait at most; 1,000 targets have some 5,000 checks."""
LOOKS_WAITING = 1000
"""Looks that wait at most while the database cannot be written."""
FIRST_SWEEP = 1000
"""Looks before the first sweep, and before a failed one is tried again."""

_ODD = (SQLAlchemyError, ValueError, OverflowError)
_upsert = insert(TRACKS)
_UPSERT = _upsert.on_conflict_do_update(
    index_elements=KEY,
    set_={
        c.name: _upsert.excluded[c.name] for c in TRACKS.c if c.name not in KEY
    },
)


@dataclass(slots=True)
class Batch:
    """Tracks by check, the newest each, and looks worth keeping, in order.

    `done` is for those who wait until it is on disk.
    """

    tracks: dict[CheckKey, Told] = field(default_factory=dict)
    looks: list[Told] = field(default_factory=list)
    done: asyncio.Future[None] | None = None

    def __bool__(self) -> bool:
        return bool(self.tracks or self.looks)

    def waited_for(self) -> asyncio.Future[None]:
        """Return what tells that it is on disk, or why not."""
        if self.done is None:
            self.done = asyncio.get_running_loop().create_future()
        return self.done

    def tell(self, error: BaseException | None) -> None:
        """Tell those who wait, if there are any left."""
        if self.done is None or self.done.done():
            return
        if error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(error)
            self.done.exception()  # nobody may be listening any more

    def take_back(self, older: "Batch") -> None:
        """Take over what another batch could not write."""
        self.tracks = older.tracks | self.tracks
        self.looks[:0] = older.looks

    def parts(self) -> Iterator["Batch"]:
        """Yield what it holds one by one, tracks first."""
        for key, told in self.tracks.items():
            yield Batch(tracks={key: told})
        for told in self.looks:
            yield Batch(looks=[told])


@dataclass(slots=True)
class Writer:
    """Writes batches; lives on the store's one writing thread.

    `engine` begins its transactions as a writer. `dropped` counts looks
    that no database takes.
    """

    engine: sa.Engine
    runs_each: int = trimming.RUNS_KEPT
    dropped: int = 0
    before_sweep: int = FIRST_SWEEP

    def write(self, batch: Batch) -> None:
        """Write all of it. Raises `SQLAlchemyError` when nobody could.

        Nothing is written then. One odd look does not hold up the others:
        it is dropped and counted.
        """
        try:
            with self.engine.begin() as db:
                self._put(db, batch)
        except _ODD as error:
            if is_sick(error):
                raise
            with self.engine.begin() as db:
                odd = sum(not self._could(db, one) for one in batch.parts())
            self.dropped += odd
        self.before_sweep -= len(batch.looks)

    def sweep_if_due(self) -> None:
        """Sweep after so many looks. Raises `SQLAlchemyError`.

        Not a part of writing: what was written stays written, even if this
        fails, and must not be handed in again.
        """
        if self.before_sweep <= 0:
            self.before_sweep = FIRST_SWEEP
            self.sweep()

    def sweep(self) -> None:
        """Hold the bounds of all checks together."""
        with self.engine.begin() as db:
            trimming.sweep(db)
            self.runs_each = trimming.runs_each(db)
        self.before_sweep = trimming.SLICE

    def _could(self, db: sa.Connection, part: Batch) -> bool:
        try:
            with db.begin_nested():
                self._put(db, part)
        except _ODD as error:
            if is_sick(error):
                raise
            return False
        return True

    def _put(self, db: sa.Connection, batch: Batch) -> None:
        _put_tracks(db, batch.tracks.values())
        for told in batch.looks:
            self._put_look(db, told)

    def _put_look(self, db: sa.Connection, told: Told) -> None:
        key, reading = key_row(told.seen.key), told.seen.reading
        if isinstance(reading, CanaryReading):
            db.execute(RUNS.insert(), run_row(told, reading))
            trimming.trim_runs(db, key, self.runs_each)
        for row in moment_rows(told):
            db.execute(MOMENTS.insert(), row)
            trimming.trim_moments(db, key, str(row["what"]))


def _put_tracks(db: sa.Connection, told: Iterable[Told]) -> None:
    rows = [track_row(one) for one in told]
    if rows:
        db.execute(_UPSERT, rows)
