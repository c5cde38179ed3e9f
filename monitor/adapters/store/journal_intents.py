"""Writing an intent, and taking over one whose owner is gone."""

from dataclasses import replace

import sqlalchemy as sa

from monitor.adapters.store import journal_changes as changes
from monitor.adapters.store import journal_locks as locks
from monitor.adapters.store.journal_damage import now_is, superseded
from monitor.adapters.store.journal_json import plain
from monitor.adapters.store.schema_recovery import CHANGES
from monitor.domain.recovery.change import BEFORE_INTENT, Change
from monitor.domain.recovery.words import Outcome, State
from monitor.ports.recovery import Limits, Lock

_IDLE = [one.value for one in (*BEFORE_INTENT, State.CLIMBING, State.ENDED)]
"""Whatever else a state says counts as under way, nonsense too. What a
`recover` does is counted by its rungs."""
_DID_NOT_HELP = [Outcome.FAILED.value, Outcome.GAVE_UP.value]


def intend(
    db: sa.Connection, change: Change, lock: Lock, limits: Limits
) -> None:
    """Put the intent of a change. Raises `Superseded`."""
    verb = f"begin with change {change.id}"
    found = changes.kept(db, change.id, verb)
    mine = found.owner == plain(change.owner) == plain(lock.owner)
    if found.state not in BEFORE_INTENT or not mine:
        raise superseded(verb, now_is(found), "state")
    held = locks.ours(db, lock)
    if (held.host, held.change) != (plain(change.host), found.id):
        because = f"its lock is of {held.change} on {held.host}"
        raise superseded(verb, because, "lock")
    if held.until <= change.updated_at:
        raise superseded(verb, f"the lock of {held.host} ran out", "lock")
    _check_limits(db, change, limits, verb)
    changes.put(db, replace(change, token=held.token), found)


def take_over(
    db: sa.Connection,
    change: Change,
    lock: Lock | None,
    new: Lock,
    now: float,
) -> Lock | None:
    """Give a change, as it was read, the owner of the lock `new`.

    Returns that lock with its token, or None where the dead owner left
    none. Raises `Superseded`.
    """
    verb = f"take over change {change.id}"
    found = changes.kept(db, change.id, verb)
    same = (found.state, found.owner) == (change.state, plain(change.owner))
    if not same or found.is_over:
        raise superseded(verb, now_is(found), "state")
    if locks.of_change(db, found.id) != lock:
        raise superseded(verb, "its lock is another by now", "lock")
    if lock is not None and lock.until > now:
        raise superseded(verb, "its lock has not run out", "lock")
    given = None if lock is None else locks.give(db, new)
    token = found.token if given is None else given.token
    ours = replace(found, owner=new.owner, token=token, updated_at=now)
    changes.put(db, ours, found)
    return given


def _check_limits(
    db: sa.Connection, change: Change, limits: Limits, verb: str
) -> None:
    _check_budget(db, change, limits, verb)
    _check_cooldown(db, change, limits, verb)
    if limits.at_once is not None:
        under_way = _count(db, CHANGES.c.state.not_in(_IDLE))
        if under_way >= limits.at_once:
            because = f"{under_way} changes are under way elsewhere"
            raise superseded(verb, because, "at_once")


def _check_budget(
    db: sa.Connection, change: Change, limits: Limits, verb: str
) -> None:
    if limits.most is None:
        return
    of = CHANGES.c
    same = _here(change) & (of.action == change.action.value)
    spent = _count(db, same & (of.intent_at >= limits.since))
    if spent >= limits.most:
        because = f"{spent} of {limits.most} are spent"
        raise superseded(verb, because, "budget")


def _check_cooldown(
    db: sa.Connection, change: Change, limits: Limits, verb: str
) -> None:
    """Count all that was begun there but the rungs below, which are over."""
    if limits.quiet_since is None:
        return
    begun = _here(change) & (CHANGES.c.intent_at >= limits.quiet_since)
    if limits.climbs:
        begun &= ~_rung_that_did_not_help(limits.climbs)
    if _count(db, begun):
        because = f"{change.target} was acted on just now"
        raise superseded(verb, because, "cooldown")


def _here(change: Change) -> sa.ColumnElement[bool]:
    return CHANGES.c.target == plain(change.target)


def _rung_that_did_not_help(parent: str) -> sa.ColumnElement[bool]:
    of = CHANGES.c
    over = sa.func.coalesce(of.outcome, "").in_(_DID_NOT_HELP)
    return (of.parent == plain(parent)) & (of.done == 1) & over


def _count(db: sa.Connection, where: sa.ColumnElement[bool]) -> int:
    rows = sa.select(sa.func.count()).select_from(CHANGES).where(where)
    return db.execute(rows).scalar_one()
