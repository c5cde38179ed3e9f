"""Orders to the database that keep one thing each, within its bounds."""

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from monitor.adapters.store import trimming
from monitor.adapters.store.diagnoses import diagnosis_row, page_row
from monitor.adapters.store.keys import of_check
from monitor.adapters.store.schema import (
    ANSWERS,
    KEY,
    MOMENTS,
    PAGES,
    WINDOWS,
)
from monitor.adapters.store.windows import answer_row, window_row
from monitor.domain.diagnosis.record import DiagnosisRecord, PageRecord
from monitor.domain.maintenance import Window
from monitor.ports import KeptAnswer


def keep_diagnosis(db: sa.Connection, record: DiagnosisRecord) -> None:
    """Add a changed diagnosis to the history.

    One that is there already was kept by a try that took too long.
    """
    row = diagnosis_row(record)
    key = {name: str(row[name]) for name in KEY}
    of = MOMENTS.c
    same = of_check(MOMENTS, key) & (of.what == row["what"])
    there = sa.select(of.id).where(same, of.at == record.at)
    if db.execute(there.where(of.reason == record.cause)).first() is None:
        db.execute(MOMENTS.insert(), row)
        trimming.trim_moments(db, key, str(row["what"]))


def keep_page(db: sa.Connection, record: PageRecord) -> None:
    """Put a page, in place of what was known of it.

    A server has one page at a time: when one begins, all others have ended.
    """
    row = page_row(record)
    put = insert(PAGES).values(row)
    db.execute(
        put.on_conflict_do_update(index_elements=["target", "at"], set_=row)
    )
    if record.ended_at is None:
        of = PAGES.c
        others = (of.target == row["target"]) & (of.at != record.at)
        db.execute(
            PAGES.update()
            .where(others, of.ended_at.is_(None))
            .values(
                ended_at=sa.case((of.at > record.at, of.at), else_=record.at)
            )
        )
    trimming.trim_pages(db, str(row["target"]))


def keep_window(db: sa.Connection, window: Window) -> None:
    """Put a maintenance window, in place of what was known of it."""
    row = window_row(window)
    put = insert(WINDOWS).values(row)
    db.execute(put.on_conflict_do_update(index_elements=["id"], set_=row))
    trimming.trim_windows(db)


def keep_answer(
    db: sa.Connection, key: str, answer: KeptAnswer, oldest: float
) -> None:
    """Add an answer unless there is one; forget those before `oldest`."""
    trimming.forget_answers(db, oldest)
    put = insert(ANSWERS).values(answer_row(key, answer))
    db.execute(put.on_conflict_do_nothing(index_elements=["key"]))
    trimming.trim_answers(db)
