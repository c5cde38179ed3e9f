"""Bounds of what is kept: of each check, and of all together.

Rows are counted, never dated: a clock that jumps a year ahead must not
empty the history.
"""

from collections.abc import Mapping

import sqlalchemy as sa

from monitor.adapters.store.keys import of_check
from monitor.adapters.store.moments import What
from monitor.adapters.store.schema import (
    ANSWERS,
    MOMENTS,
    PAGES,
    RUNS,
    TRACKS,
    WINDOWS,
)

RUNS_KEPT = 1000
"""Runs kept of each canary: three days at the shortest usual interval."""
LEAST_RUNS = 100
"""Kept even with many canaries: a baseline takes 50 good ones."""
RUNS_IN_ALL = 500_000
"""About 150 MB."""
MOMENTS_KEPT = {
    What.TRANSITION: 1000,
    What.CANARY: 1000,
    What.FAILURE: 500,
    What.DIAGNOSIS: 1000,
}
"""Lines of history kept of each check, by kind."""
MOMENTS_IN_ALL = 500_000
"""About 150 MB; diagnoses are counted on their own."""
DIAGNOSES_IN_ALL = 100_000
"""About 30 MB. Of a quiet server only its last says since when."""
PAGES_KEPT = 1000
"""Pages kept of each server."""
PAGES_IN_ALL = 50_000
"""About 20 MB."""
TRACKS_IN_ALL = 20_000
"""Checks, those that are gone included."""
WINDOWS_IN_ALL = 2000
ANSWERS_IN_ALL = 10_000
_ALL: sa.ColumnElement[bool] = sa.true()
SLICE = 5000
"""Rows removed in one sweep and table: a look waits for no big one."""


def trim_runs(db: sa.Connection, key: Mapping[str, str], keep: int) -> None:
    """Keep the newest runs of one canary."""
    _trim(db, RUNS, of_check(RUNS, key), keep)


def trim_pages(db: sa.Connection, target: str) -> None:
    """Keep the newest pages of one server, and of all together."""
    _trim(db, PAGES, PAGES.c.target == target, PAGES_KEPT)
    _sweep(db, PAGES, PAGES.c.id, PAGES_IN_ALL)


def trim_moments(db: sa.Connection, key: Mapping[str, str], what: str) -> None:
    """Keep the newest moments of one kind of one check."""
    where = of_check(MOMENTS, key) & (MOMENTS.c.what == what)
    _trim(db, MOMENTS, where, MOMENTS_KEPT[What(what)])


def runs_each(db: sa.Connection) -> int:
    """Return how many runs of a canary there is room for.

    Shared out evenly: a busy canary must not push an hourly one's out.
    """
    checks = sa.select(sa.func.count()).select_from(TRACKS)
    canaries = checks.where(TRACKS.c.check_name.startswith("canary."))
    count = db.execute(canaries).scalar_one()
    return max(LEAST_RUNS, min(RUNS_KEPT, RUNS_IN_ALL // max(1, count)))


def sweep(db: sa.Connection) -> None:
    """Hold the bounds of all checks together, a slice at a time."""
    _sweep(db, RUNS, RUNS.c.id, RUNS_IN_ALL)
    diagnosis = MOMENTS.c.what == sa.literal_column(f"'{What.DIAGNOSIS}'")
    _sweep(db, MOMENTS, MOMENTS.c.id, MOMENTS_IN_ALL, ~diagnosis)
    _sweep(db, MOMENTS, MOMENTS.c.id, DIAGNOSES_IN_ALL, diagnosis)
    _sweep(db, TRACKS, TRACKS.c.at, TRACKS_IN_ALL)


def trim_windows(db: sa.Connection) -> None:
    """Keep the windows that end last."""
    _sweep(db, WINDOWS, WINDOWS.c.ends_at, WINDOWS_IN_ALL)


def forget_answers(db: sa.Connection, oldest: float) -> None:
    """Remove answers that were given before a Unix time."""
    db.execute(ANSWERS.delete().where(ANSWERS.c.at < oldest))


def trim_answers(db: sa.Connection) -> None:
    """Keep the newest answers."""
    _sweep(db, ANSWERS, ANSWERS.c.id, ANSWERS_IN_ALL)


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


def _sweep(
    db: sa.Connection,
    table: sa.Table,
    by: sa.ColumnElement[object],
    keep: int,
    where: sa.ColumnElement[bool] = _ALL,
) -> None:
    count = sa.select(sa.func.count()).select_from(table).where(where)
    over = db.execute(count).scalar_one() - keep
    if over <= 0:
        return
    edge = sa.select(by).where(where).order_by(by)
    edge = edge.offset(min(over, SLICE)).limit(1)
    db.execute(table.delete().where(where, by < edge.scalar_subquery()))
