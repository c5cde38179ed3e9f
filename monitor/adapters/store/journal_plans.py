"""Plans and approvals, each function a part of one transaction."""

from collections import defaultdict

import sqlalchemy as sa

from monitor.adapters.store.journal_damage import (
    now_is,
    readable,
    superseded,
)
from monitor.adapters.store.journal_json import plain
from monitor.adapters.store.journal_rows import (
    approval_of,
    approval_row,
    change_of,
    plan_row,
    record_of,
)
from monitor.adapters.store.schema_recovery import (
    APPROVALS,
    CHANGES,
    OPEN_PLAN,
    PLANS,
)
from monitor.domain.recovery.plan import Approval, Plan, PlanRecord
from monitor.domain.recovery.words import Outcome, State


def keep(db: sa.Connection, plan: Plan) -> None:
    """Add a plan. Raises `Superseded` when it is there."""
    if one(db, plan.id) is not None:
        raise superseded(f"keep plan {plan.id}", "it is kept already", "plan")
    db.execute(PLANS.insert(), plan_row(plan))


def one(db: sa.Connection, plan_id: str) -> PlanRecord | None:
    """Return a plan, None for one that was never kept."""
    asked = sa.select(PLANS).where(PLANS.c.id == plain(plan_id))
    return next(iter(_records(db, asked)), None)


def newest(
    db: sa.Connection, limit: int, *, only_open: bool
) -> list[PlanRecord]:
    """Return plans, newest first."""
    asked = sa.select(PLANS).order_by(PLANS.c.number.desc()).limit(limit)
    if only_open:
        asked = asked.where(sa.text(OPEN_PLAN))
    return _records(db, asked)


def approve(db: sa.Connection, approval: Approval) -> PlanRecord:
    """Add a person's word. Raises `Superseded`."""
    verb = f"approve plan {approval.plan}"
    record = kept(db, approval.plan, verb)
    if record.outcome is not None:
        raise superseded(verb, f"it has {record.outcome.value}", "plan")
    if record.change:
        _check_waiting(db, record.change, verb)
    if plain(approval.digest) != record.plan.digest:
        raise superseded(verb, "it says something else by now", "plan")
    row = approval_row(approval)
    if row["who"] in {given.by.who for given in record.approvals}:
        raise superseded(verb, f"{row['who']} did so before", "person")
    db.execute(APPROVALS.insert(), row)
    return kept(db, approval.plan, verb)


def close(
    db: sa.Connection, plan_id: str, outcome: Outcome, because: str
) -> PlanRecord:
    """Close a plan that was not applied. Raises `Superseded`."""
    check_open(db, plan_id, f"close plan {plan_id}")
    end(db, plan_id, outcome, because)
    return kept(db, plan_id, f"close plan {plan_id}")


def end(
    db: sa.Connection, plan_id: str, outcome: Outcome | None, because: str
) -> None:
    """Give a plan its outcome."""
    values = {"outcome": outcome, "because": plain(because)}
    db.execute(PLANS.update().where(PLANS.c.id == plain(plan_id)), values)


def check_open(db: sa.Connection, plan_id: str, verb: str) -> None:
    """Raise `Superseded` for a plan that may not be applied any more."""
    record = kept(db, plan_id, verb)
    if record.change:
        raise superseded(verb, f"it is change {record.change}", "plan")
    if record.outcome is not None:
        raise superseded(verb, f"it has {record.outcome.value}", "plan")


def kept(db: sa.Connection, plan_id: str, verb: str) -> PlanRecord:
    """Return a plan. Raises `Superseded` for one that is not kept."""
    record = one(db, plan_id)
    if record is None:
        raise superseded(verb, "it is not kept", "plan")
    return record


def _check_waiting(db: sa.Connection, change_id: str, verb: str) -> None:
    asked = sa.select(CHANGES).where(CHANGES.c.id == change_id)
    row = db.execute(asked).mappings().one()
    change = readable(row, "id", change_of)
    if change.state is not State.WAITING:
        raise superseded(verb, now_is(change), "plan")


def _records(
    db: sa.Connection, asked: sa.Select[*tuple[object, ...]]
) -> list[PlanRecord]:
    rows = db.execute(asked).mappings().all()
    of = APPROVALS.c
    theirs = sa.select(APPROVALS).where(of.plan.in_([r["id"] for r in rows]))
    given: dict[str, list[Approval]] = defaultdict(list)
    for row in db.execute(theirs.order_by(sa.text("rowid"))).mappings():
        given[row["plan"]].append(readable(row, "plan", approval_of))

    def plan_of(row: sa.RowMapping) -> PlanRecord:
        return record_of(row, tuple(given[row["id"]]))

    return [readable(row, "id", plan_of) for row in rows]
