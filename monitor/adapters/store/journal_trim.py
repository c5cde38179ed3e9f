"""Bounds of what is kept of recovery. The audit has none: it is the proof.

Open plans and changes stay, and every change whose intent somebody may
still count.
"""

import sqlalchemy as sa

from monitor.adapters.store.schema_recovery import (
    APPROVALS,
    CAPTURES,
    CHANGES,
    PLANS,
)

ENDED_KEPT = 10_000
"""Ended changes, and closed plans without one: about 80 MB together."""
INTENTS_KEPT = 400 * 86_400.0
"""Seconds that intents are kept beyond that, for budgets and reviews."""
CAPTURES_KEPT = 200
"""Newest captures; 200 MB if each is as big as may be, 10 MB as they are."""
SLICE = 5000
"""Rows removed at once: an outcome waits for no big sweep."""


def trim_changes(db: sa.Connection, now: float) -> None:
    """Forget the oldest ended changes, their plans and captures."""
    of = CHANGES.c
    forgotten = of.intent_at.is_(None) | (of.intent_at < now - INTENTS_KEPT)
    gone = _oldest(CHANGES, of.state == "ended", forgotten)
    rows = db.execute(gone).all()
    if not rows:
        return
    ids = [row.id for row in rows]
    _forget_plans(db, PLANS.c.change.in_(ids))
    db.execute(CAPTURES.delete().where(CAPTURES.c.change.in_(ids)))
    db.execute(CHANGES.delete().where(of.id.in_(ids)))


def trim_plans(db: sa.Connection) -> None:
    """Forget the oldest plans that were closed without a change."""
    of = PLANS.c
    closed = of.outcome.is_not(None) & (of.change == "")
    rows = db.execute(_oldest(PLANS, closed, sa.true())).all()
    if rows:
        _forget_plans(db, of.id.in_([row.id for row in rows]))


def trim_captures(db: sa.Connection) -> None:
    """Forget the oldest captures."""
    rowid = sa.literal_column("rowid", sa.Integer)
    newest = sa.select(rowid).select_from(CAPTURES).order_by(rowid.desc())
    edge = newest.limit(1).offset(CAPTURES_KEPT - 1).scalar_subquery()
    db.execute(CAPTURES.delete().where(rowid < edge))


def _forget_plans(db: sa.Connection, where: sa.ColumnElement[bool]) -> None:
    ids = sa.select(PLANS.c.id).where(where)
    db.execute(APPROVALS.delete().where(APPROVALS.c.plan.in_(ids)))
    db.execute(PLANS.delete().where(where))


def _oldest(
    table: sa.Table,
    over: sa.ColumnElement[bool],
    forgotten: sa.ColumnElement[bool],
) -> sa.Select[*tuple[object, ...]]:
    number = table.c.number
    newest = sa.select(number).where(over).order_by(number.desc())
    edge = newest.limit(1).offset(ENDED_KEPT - 1).scalar_subquery()
    old = sa.select(table.c.id).where(over, forgotten, number < edge)
    return old.order_by(number).limit(SLICE)
