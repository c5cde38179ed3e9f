"""`monitor.ports.Store` in one SQLite file."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import sqlalchemy as sa

from monitor.adapters.clock import SystemClock
from monitor.adapters.store import keeping
from monitor.adapters.store.batch import Writer
from monitor.adapters.store.behind import WriteBehind
from monitor.adapters.store.engine import make_engine
from monitor.adapters.store.errors import telling
from monitor.adapters.store.inbox import SqliteInbox
from monitor.adapters.store.journal import Access, SqliteJournal
from monitor.adapters.store.lane import Lane
from monitor.adapters.store.news import News
from monitor.adapters.store.opening import open_file, path_of
from monitor.adapters.store.reading import Reader
from monitor.domain.diagnosis.record import DiagnosisRecord, PageRecord
from monitor.domain.errors import CannotStore
from monitor.domain.history import Kept, Moment
from monitor.domain.maintenance import Window
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.ports import Clock, KeptAnswer, Told

ANSWER_KEPT = 86_400.0
"""Seconds an answer is kept, as the port says."""
BODY_LIMIT = 1_048_576
"""Bytes of an answer that is kept."""

_T = TypeVar("_T")


class SqliteStore:
    """One file, written by one thread and read by another.

    `url` is `sqlite:///FILE`. Opening it migrates an older file, after a
    copy of it. Every method raises `CannotStore` when the file cannot be
    opened, read or written; the next call tries again. `journal` is the
    part of it that recovery keeps, `inbox` that of received alerts.
    """

    def __init__(self, url: str, clock: Clock | None = None) -> None:
        self._path = path_of(url)
        self._clock = clock or SystemClock()
        self._engine = open_file(self._path)
        self._writer = Writer(self._engine.execution_options(write=True))
        self._reader = Reader(self._engine)
        self._writes = Lane("store-write")
        self._reads = Lane("store-read")
        self._behind = WriteBehind(self._writes, self._writer)
        self._news = News()
        self._durable = make_engine(self._path, durable=True)
        access = Access(
            path=self._path,
            durable=self._durable.execution_options(write=True),
            reader=self._engine,
            writes=self._writes,
            reads=self._reads,
        )
        self.journal = SqliteJournal(access)
        self.inbox = SqliteInbox(access)

    @property
    def unreadable(self) -> int:
        """Return how many damaged rows were left out since the start."""
        return self._reader.unreadable

    @property
    def dropped(self) -> int:
        """Return how many looks no database would take, since the start."""
        return self._writer.dropped

    async def remember(self, told: Told) -> None:
        """Keep a look: its track within a second, news before it returns.

        When that fails the look is tried again by itself; the error of a
        track that had to wait, or of holding the file's bounds, is raised by
        a later call.
        """
        with telling("write", self._path):
            if self._news.has(told):
                await self._behind.look(told)
            else:
                self._behind.track(told)

    async def kept(self) -> Sequence[Kept]:
        """Return the track of every check that was ever remembered."""
        with telling("write", self._path):
            await self._behind.flush()
        return await self._read(self._reader.kept)

    async def canary_history(
        self, key: CheckKey, *, limit: int, url: str | None = None
    ) -> Sequence[Observation]:
        """Return the last runs of a canary, newest first.

        With `url` only those of the server that was there.
        """
        return await self._read(lambda: self._reader.runs(key, limit, url))

    async def history(
        self,
        kind: Kind,
        subject: str,
        *,
        since: float,
        limit: int,
        before: int | None = None,
    ) -> Sequence[Moment]:
        """Return what happened to a target or host, newest first."""
        read = self._reader.moments
        return await self._read(
            lambda: read(kind, subject, since, limit, before)
        )

    async def keep_diagnosis(self, record: DiagnosisRecord) -> None:
        """Keep that a diagnosis changed; it shows in `history` too."""
        await self._write(lambda db: keeping.keep_diagnosis(db, record))

    async def diagnoses(self) -> Sequence[DiagnosisRecord]:
        """Return the last diagnosis of every server."""
        return await self._read(self._reader.diagnoses)

    async def keep_page(self, record: PageRecord) -> None:
        """Keep a page, or what became of it, by server and beginning."""
        await self._write(lambda db: keeping.keep_page(db, record))

    async def pages(
        self,
        *,
        since: float,
        limit: int,
        before: int | None = None,
        target: str = "",
    ) -> Sequence[PageRecord]:
        """Return pages that ended after `since` or hold, newest first."""
        read = self._reader.pages
        return await self._read(lambda: read(since, limit, before, target))

    async def alive(self) -> None:
        """Return once both threads of the store have ended some job."""
        await self._writes.answers()
        await self._reads.answers()

    async def windows(self, *, ended_after: float) -> Sequence[Window]:
        """Return maintenance windows that end after a Unix time."""
        return await self._read(lambda: self._reader.windows(ended_after))

    async def keep_window(self, window: Window) -> None:
        """Keep a maintenance window, or what became of it, by its id."""
        await self._write(lambda db: keeping.keep_window(db, window))

    async def answer_to(self, key: str) -> KeptAnswer | None:
        """Return what an idempotency key was answered with, if it was."""
        oldest = self._clock.now() - ANSWER_KEPT
        return await self._read(lambda: self._reader.answer(key, oldest))

    async def keep_answer(self, key: str, answer: KeptAnswer) -> None:
        """Keep an answer for a day; the first one for a key stays."""
        if len(answer.body) > BODY_LIMIT:
            raise CannotStore(
                f"cannot keep an answer of {len(answer.body)} bytes;"
                f" {BODY_LIMIT} is the most, ask for less at once"
            )
        oldest = self._clock.now() - ANSWER_KEPT
        await self._write(
            lambda db: keeping.keep_answer(db, key, answer, oldest)
        )

    def close(self) -> None:
        """Write what is left and close the file. Blocks for some seconds.

        Raises `CannotStore` when that could not be written; the file is
        closed all the same.
        """
        try:
            with telling("write", self._path):
                self._behind.close()
        finally:
            self._reads.close()
            self._writes.close()
            self._durable.dispose()
            self._engine.dispose()

    async def _write(self, work: Callable[[sa.Connection], None]) -> None:
        def write() -> None:
            with self._writer.engine.begin() as db:
                work(db)

        with telling("write", self._path):
            await self._writes.run(write)

    async def _read(self, work: Callable[[], _T]) -> _T:
        with telling("read", self._path):
            return await self._reads.run(work)
