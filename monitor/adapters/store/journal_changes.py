"""Changes, each function a part of one transaction."""

from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from monitor.adapters.store import journal_plans as plans
from monitor.adapters.store.journal_damage import (
    now_is,
    readable,
    superseded,
)
from monitor.adapters.store.journal_json import plain
from monitor.adapters.store.journal_rows import (
    captured_of,
    captured_row,
    change_of,
    change_row,
    deed_of,
)
from monitor.adapters.store.schema_recovery import (
    CAPTURES,
    CHANGES,
    LOCKS,
    OPEN_CHANGE,
    PLANS,
)
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.past import Deed
from monitor.domain.recovery.words import State
from monitor.ports.recovery import Captured


def apply(db: sa.Connection, change: Change) -> Change:
    """Add the one change of an open plan. Raises `Superseded`."""
    verb = f"apply plan {change.plan}"
    plans.check_open(db, change.plan, verb)
    if one(db, change.id) is not None:
        raise superseded(verb, f"{change.id} is another's change", "plan")
    db.execute(CHANGES.insert(), change_row(change))
    of_it = PLANS.update().where(PLANS.c.id == plain(change.plan))
    db.execute(of_it, {"change": plain(change.id)})
    return kept(db, change.id, verb)


def one(db: sa.Connection, change_id: str) -> Change | None:
    """Return a change, None for one that was never kept."""
    asked = sa.select(CHANGES).where(CHANGES.c.id == plain(change_id))
    row = db.execute(asked).mappings().first()
    return None if row is None else readable(row, "id", change_of)


def newest(
    db: sa.Connection, limit: int, before: str, target: str, *, only_open: bool
) -> list[Change]:
    """Return changes, newest first."""
    of = CHANGES.c
    asked = sa.select(CHANGES).order_by(of.number.desc()).limit(limit)
    if before:
        edge = sa.select(of.number).where(of.id == plain(before))
        asked = asked.where(of.number < edge.scalar_subquery())
    if target:
        asked = asked.where(of.target == plain(target))
    if only_open:
        asked = asked.where(sa.text(OPEN_CHANGE))
    rows = db.execute(asked).mappings().all()
    return [readable(row, "id", change_of) for row in rows]


def kept(db: sa.Connection, change_id: str, verb: str) -> Change:
    """Return a change. Raises `Superseded` for one that is not kept."""
    change = one(db, change_id)
    if change is None:
        raise superseded(verb, "it is not kept", "state")
    return change


def move(
    db: sa.Connection, change: Change, expected: State, owner: str
) -> None:
    """Put a change in its next state. Raises `Superseded`."""
    verb = f"go on with change {change.id}"
    found = kept(db, change.id, verb)
    same = (found.state, found.owner) == (expected, plain(owner))
    if not same or found.is_over:
        raise superseded(verb, now_is(found), "state")
    put(db, change, found)
    if change.is_over:
        plans.end(db, found.plan, change.outcome, change.because)
        db.execute(LOCKS.delete().where(LOCKS.c.change == found.id))


def put(db: sa.Connection, change: Change, found: Change) -> None:
    """Put a change in place of the one that was found.

    That somebody wanted it stopped is not forgotten by who did not know.
    """
    asked = change.cancel_asked_by or found.cancel_asked_by
    row = change_row(replace(change, cancel_asked_by=asked))
    db.execute(CHANGES.update().where(CHANGES.c.id == found.id), row)


def say(db: sa.Connection, change_id: str, progress: str, now: float) -> None:
    """Put the newest sentence about a change that goes on."""
    this = CHANGES.update().where(CHANGES.c.id == plain(change_id))
    values = {"progress": plain(progress), "updated_at": now}
    db.execute(this.where(sa.text(OPEN_CHANGE)), values)


def ask_to_cancel(db: sa.Connection, change_id: str, who: str) -> Change:
    """Note who wants it stopped; the first who did stays. `Superseded`."""
    verb = f"cancel change {change_id}"
    found = kept(db, change_id, verb)
    if found.is_over:
        raise superseded(verb, now_is(found), "state")
    asked = replace(found, cancel_asked_by=plain(who))
    put(db, found if found.cancel_asked_by else asked, found)
    return kept(db, change_id, verb)


def deeds(db: sa.Connection, since: float) -> list[Deed]:
    """Return what was intended since a Unix time, oldest first."""
    of = CHANGES.c
    asked = sa.select(CHANGES).where(of.intent_at >= since)
    rows = db.execute(asked.order_by(of.intent_at, of.number)).mappings()
    return [deed_of(readable(row, "id", change_of)) for row in rows.all()]


def capture(db: sa.Connection, captured: Captured) -> None:
    """Put what was captured, in place of an earlier try."""
    row = captured_row(captured)
    put_it = insert(CAPTURES).values(row)
    db.execute(
        put_it.on_conflict_do_update(index_elements=["change"], set_=row)
    )


def captured(db: sa.Connection, change_id: str) -> Captured | None:
    """Return what was captured for a change."""
    of = CAPTURES.c
    asked = sa.select(CAPTURES).where(of.change == plain(change_id))
    row = db.execute(asked).mappings().first()
    return None if row is None else readable(row, "change", captured_of)
