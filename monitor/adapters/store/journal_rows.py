"""Changes, approvals, locks and what was captured, as rows and back."""

import sqlalchemy as sa

from monitor.adapters.store.journal_json import (
    plain,
    plan_of,
    plan_text,
    principal_of,
    principal_text,
    whole,
)
from monitor.adapters.store.texts import number, optional, text
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.past import Deed
from monitor.domain.recovery.plan import Approval, Plan, PlanRecord
from monitor.domain.recovery.words import Action, Outcome, State
from monitor.ports.recovery import Captured, Lock

Row = dict[str, object]


def plan_row(plan: Plan) -> Row:
    """Return the row of a plan that is open."""
    return {
        "id": plain(plan.id),
        "plan": plan_text(plan),
        "digest": plain(plan.digest),
        "change": "",
        "outcome": None,
        "because": "",
    }


def record_of(
    row: sa.RowMapping, approvals: tuple[Approval, ...]
) -> PlanRecord:
    """Return the plan of a row. Raises `ValueError` or the like."""
    return PlanRecord(
        plan=plan_of(text(row["plan"])),
        approvals=approvals,
        change=text(row["change"]),
        outcome=_outcome(row["outcome"]),
        because=text(row["because"]),
    )


def approval_row(approval: Approval) -> Row:
    """Return the row of an approval."""
    return {
        "plan": plain(approval.plan),
        "who": plain(approval.by.who),
        "at": approval.at,
        "digest": plain(approval.digest),
        "by": principal_text(approval.by),
    }


def approval_of(row: sa.RowMapping) -> Approval:
    """Return the approval of a row. Raises `ValueError` or the like."""
    return Approval(
        plan=text(row["plan"]),
        digest=text(row["digest"]),
        by=principal_of(text(row["by"])),
        at=number(row["at"]),
    )


def change_row(change: Change) -> Row:
    """Return the row of a change."""
    return {
        "id": plain(change.id),
        "plan": plain(change.plan),
        "action": change.action.value,
        "target": plain(change.target),
        "host": plain(change.host),
        "by": principal_text(change.by),
        "state": change.state.value,
        "because": plain(change.because),
        "created_at": change.created_at,
        "updated_at": change.updated_at,
        "expires_at": change.expires_at,
        "owner": plain(change.owner),
        "token": change.token,
        "intent_at": change.intent_at,
        "outcome": change.outcome and change.outcome.value,
        "progress": plain(change.progress),
        "cancel_asked_by": plain(change.cancel_asked_by),
        "done": int(change.done),
        "parent": plain(change.parent),
    }


def change_of(row: sa.RowMapping) -> Change:
    """Return the change of a row. Raises `ValueError` or the like."""
    return Change(
        id=text(row["id"]),
        plan=text(row["plan"]),
        action=Action(row["action"]),
        target=text(row["target"]),
        host=text(row["host"]),
        by=principal_of(text(row["by"])),
        state=State(row["state"]),
        because=text(row["because"]),
        created_at=number(row["created_at"]),
        updated_at=number(row["updated_at"]),
        expires_at=number(row["expires_at"]),
        owner=text(row["owner"]),
        token=whole(row["token"]),
        intent_at=optional(row["intent_at"]),
        outcome=_outcome(row["outcome"]),
        progress=text(row["progress"]),
        cancel_asked_by=text(row["cancel_asked_by"]),
        done=_yes_or_no(row["done"]),
        parent=text(row["parent"]),
    )


def deed_of(change: Change) -> Deed:
    """Return what a change did, whose intent was written."""
    return Deed(
        change=change.id,
        action=change.action,
        target=change.target,
        intent_at=number(change.intent_at),
        outcome=change.outcome,
        ended_at=change.updated_at if change.is_over else None,
        done=change.done,
        parent=change.parent,
    )


def lock_of(row: sa.RowMapping) -> Lock:
    """Return the lock of a row. Raises `ValueError` or the like."""
    return Lock(
        host=text(row["host"]),
        change=text(row["change"]),
        owner=text(row["owner"]),
        token=whole(row["token"]),
        until=number(row["until"]),
    )


def lock_row(lock: Lock) -> Row:
    """Return the row of a lock."""
    return {
        "host": plain(lock.host),
        "change": plain(lock.change),
        "owner": plain(lock.owner),
        "token": lock.token,
        "until": lock.until,
    }


def captured_row(captured: Captured) -> Row:
    """Return the row of what was captured."""
    return {
        "change": plain(captured.change),
        "at": captured.at,
        "text": plain(captured.text),
    }


def captured_of(row: sa.RowMapping) -> Captured:
    """Return what was captured, of a row. Raises `ValueError` or so."""
    return Captured(
        change=text(row["change"]),
        at=number(row["at"]),
        text=text(row["text"]),
    )


def _yes_or_no(value: object) -> bool:
    """Return a truth. Raises `ValueError` for what is neither 0 nor 1."""
    if whole(value) not in {0, 1}:
        raise ValueError("neither 0 nor 1")
    return value == 1


def _outcome(value: object) -> Outcome | None:
    return None if value is None else Outcome(text(value))
