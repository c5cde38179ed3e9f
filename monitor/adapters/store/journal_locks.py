"""Locks and their fencing tokens, each function a part of a transaction."""

from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from monitor.adapters.store import journal_changes as changes
from monitor.adapters.store.journal_damage import (
    now_is,
    readable,
    superseded,
)
from monitor.adapters.store.journal_json import plain
from monitor.adapters.store.journal_rows import lock_of, lock_row
from monitor.adapters.store.schema_recovery import FENCING, LOCKS
from monitor.domain.errors import CannotStore
from monitor.ports.recovery import Lock

HIGHEST = 2**53
"""Tokens stay below: JSON readers that count in floats keep them apart."""


def take(db: sa.Connection, wanted: Lock, now: float) -> Lock:
    """Give a lock with a new token. Raises `Superseded`.

    One that ran out is not given away while its change goes on: what that
    did is not known before the sweeper has looked.
    """
    verb = f"lock {wanted.host}"
    change = changes.one(db, wanted.change)
    if change is not None and change.is_over:
        raise superseded(verb, now_is(change), "state")
    held = one(db, wanted.host)
    if held is not None and not _same(held, wanted):
        _check_lapsed(db, held, now, verb)
    return give(db, wanted)


def give(db: sa.Connection, wanted: Lock) -> Lock:
    """Put a lock with the next token."""
    given = replace(wanted, token=_highest(db) + 1)
    _raise(db, given.token)
    row = lock_row(given)
    put = insert(LOCKS).values(row)
    db.execute(put.on_conflict_do_update(index_elements=["host"], set_=row))
    return given


def beat(db: sa.Connection, lock: Lock, until: float) -> None:
    """Keep a lock for longer. Raises `Superseded`."""
    ours(db, lock)
    this = LOCKS.update().where(LOCKS.c.host == plain(lock.host))
    db.execute(this, {"until": until})


def unlock(db: sa.Connection, lock: Lock) -> None:
    """Give a lock back, if it is still this one."""
    of = LOCKS.c
    this = (of.host == plain(lock.host)) & (of.token == lock.token)
    same = (of.change == plain(lock.change)) & (of.owner == plain(lock.owner))
    db.execute(LOCKS.delete().where(this, same))


def ours(db: sa.Connection, lock: Lock) -> Lock:
    """Return a lock as it is kept. Raises `Superseded` when it is lost."""
    held = one(db, lock.host)
    if held is None or not _same(held, lock) or held.token != lock.token:
        whose = f"{held.change} of {held.owner}" if held else "nobody"
        because = f"its lock with token {lock.token} is lost, to {whose}"
        raise superseded(f"act on {lock.host}", because, "lock")
    return held


def one(db: sa.Connection, host: str) -> Lock | None:
    """Return the lock of a machine."""
    asked = sa.select(LOCKS).where(LOCKS.c.host == plain(host))
    row = db.execute(asked).mappings().first()
    return None if row is None else readable(row, "host", lock_of)


def of_change(db: sa.Connection, change_id: str) -> Lock | None:
    """Return the lock that a change holds."""
    asked = sa.select(LOCKS).where(LOCKS.c.change == plain(change_id))
    row = db.execute(asked).mappings().first()
    return None if row is None else readable(row, "host", lock_of)


def all_of_them(db: sa.Connection) -> list[Lock]:
    """Return all locks by host, those that ran out too."""
    rows = db.execute(sa.select(LOCKS).order_by(LOCKS.c.host)).mappings()
    return [readable(row, "host", lock_of) for row in rows.all()]


def raise_to(db: sa.Connection, above: int) -> bool:
    """Give out only higher tokens; return whether that is news.

    Raises `CannotStore` for a number that nobody has counted to: one
    damaged machine must not use up the numbers of all.
    """
    if above >= HIGHEST:
        raise CannotStore(
            f"cannot count fencing tokens from {above}: none of ours is"
            " so high; look at the state of the gate that told it"
        )
    news = above > _highest(db)
    if news:
        _raise(db, above)
    return news


def _highest(db: sa.Connection) -> int:
    return db.execute(sa.select(FENCING.c.highest)).scalar() or 0


def _raise(db: sa.Connection, highest: int) -> None:
    row = {"id": 1, "highest": highest}
    put = insert(FENCING).values(row)
    db.execute(put.on_conflict_do_update(index_elements=["id"], set_=row))


def _same(held: Lock, lock: Lock) -> bool:
    theirs = (plain(lock.change), plain(lock.owner))
    return (held.change, held.owner) == theirs


def _check_lapsed(
    db: sa.Connection, held: Lock, now: float, verb: str
) -> None:
    because = f"change {held.change} of {held.owner} holds it"
    if held.until > now:
        raise superseded(verb, because, "lock")
    change = changes.one(db, held.change)
    if change is not None and not change.is_over:
        because = f"{because}, ran out and is to be looked after first"
        raise superseded(verb, because, "lock")
