"""Questions to the database. A row that makes no sense is left out."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa

from monitor.adapters.store.diagnoses import diagnosis_of, page_of
from monitor.adapters.store.keys import key_row, of_check
from monitor.adapters.store.moments import What, moment_of
from monitor.adapters.store.runs import run_of
from monitor.adapters.store.schema import (
    ANSWERS,
    MOMENTS,
    PAGES,
    RUNS,
    TRACKS,
    WINDOWS,
)
from monitor.adapters.store.texts import clean
from monitor.adapters.store.tracks import kept
from monitor.adapters.store.windows import answer_of, window_of
from monitor.domain.diagnosis.record import DiagnosisRecord, PageRecord
from monitor.domain.history import Kept, Moment
from monitor.domain.maintenance import Window
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.ports import KeptAnswer

_T = TypeVar("_T")
_DAMAGED = (ValueError, TypeError, KeyError, OverflowError, RecursionError)


@dataclass(slots=True)
class Reader:
    """Reads; lives on the store's one reading thread.

    `unreadable` counts rows that were left out since the start.
    """

    engine: sa.Engine
    unreadable: int = 0

    def kept(self) -> list[Kept]:
        """Return every track."""
        return self._all(sa.select(TRACKS), kept)

    def runs(
        self, key: CheckKey, limit: int, url: str | None
    ) -> list[Observation]:
        """Return the last runs of a canary, at a URL or at any."""
        newest = (
            sa.select(RUNS)
            .where(of_check(RUNS, key_row(key)))
            .order_by(RUNS.c.id.desc())
            .limit(limit)
        )
        if url is not None:
            newest = newest.where(RUNS.c.url == clean(url))
        return self._all(newest, run_of)

    def moments(
        self,
        kind: Kind,
        subject: str,
        since: float,
        limit: int,
        before: int | None = None,
    ) -> list[Moment]:
        """Return what happened to a target or host, newest first."""
        of = MOMENTS.c
        newest = (
            sa.select(MOMENTS)
            .where(of.kind == kind.value, of.subject == clean(subject))
            .where(of.at >= since)
            .order_by(of.id.desc())
            .limit(limit)
        )
        if before is not None:
            newest = newest.where(of.id < before)
        return self._all(newest, moment_of)

    def diagnoses(self) -> list[DiagnosisRecord]:
        """Return the last diagnosis of every server."""
        of = MOMENTS.c
        newest = (
            sa.select(sa.func.max(of.id))
            .where(of.what == sa.literal_column(f"'{What.DIAGNOSIS}'"))
            .group_by(of.subject)
        )
        asked = sa.select(MOMENTS).where(of.id.in_(newest)).order_by(of.id)
        return self._all(asked, diagnosis_of)

    def pages(
        self, since: float, limit: int, before: int | None, target: str
    ) -> list[PageRecord]:
        """Return pages that hold or ended after a Unix time."""
        of = PAGES.c
        newest = (
            sa.select(PAGES)
            .where(of.ended_at.is_(None) | (of.ended_at > since))
            .order_by(of.id.desc())
            .limit(limit)
        )
        if before is not None:
            newest = newest.where(of.id < before)
        if target:
            newest = newest.where(of.target == clean(target))
        return self._all(newest, page_of)

    def windows(self, ended_after: float) -> list[Window]:
        """Return the windows that end after a Unix time, soonest first."""
        of = WINDOWS.c
        open_ = (
            sa.select(WINDOWS)
            .where(of.ends_at > ended_after)
            .where(of.ended_at.is_(None) | (of.ended_at > ended_after))
            .order_by(of.ends_at, of.id)
        )
        return self._all(open_, window_of)

    def answer(self, key: str, oldest: float) -> KeptAnswer | None:
        """Return an answer that was given since the Unix time `oldest`."""
        of = ANSWERS.c
        one = sa.select(ANSWERS).where(of.key == clean(key), of.at >= oldest)
        return next(iter(self._all(one, answer_of)), None)

    def _all(
        self,
        asked: sa.Select[*tuple[object, ...]],
        read: Callable[[sa.RowMapping], _T],
    ) -> list[_T]:
        with self.engine.begin() as db:
            rows = db.execute(asked).mappings().all()
        return list(self._readable(rows, read))

    def _readable(
        self,
        rows: Iterable[sa.RowMapping],
        read: Callable[[sa.RowMapping], _T],
    ) -> Iterable[_T]:
        for row in rows:
            try:
                yield read(row)
            except _DAMAGED:
                self.unreadable += 1
