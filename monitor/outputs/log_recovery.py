"""The log of what is done to servers: plans, changes, and the audit's head.

What people and machines wrote is shortened and masked: a reason may hold
anything.
"""

from structlog.typing import FilteringBoundLogger

from monitor.domain.quote import quote
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.words import Outcome, State
from monitor.engine.events import Audited, ChangeTold, PlanTold

LONGEST = 400
"""Characters of a reason."""
_GOOD = frozenset(
    {
        Outcome.SUCCEEDED,
        Outcome.ATTACHED,
        Outcome.PLANNED_ONLY,
        Outcome.CANCELLED,
        Outcome.DENIED,
    }
)
"""What people wanted, or decided themselves: no warning."""


def planned(log: FilteringBoundLogger, event: PlanTold) -> None:
    """Write that a plan was made, approved, or is over."""
    record, plan = event.record, event.record.plan
    about = {
        "plan": plan.id,
        "target": plan.aim.target,
        "action": plan.aim.action.value,
        "by": plan.by.who,
        "trigger": plan.by.trigger.value,
    }
    if plan.parent:
        about["parent"] = plan.parent
    if record.outcome is not None:
        level = log.info if record.outcome in _GOOD else log.warning
        level(
            f"plan over: {record.outcome.value}",
            **about,
            outcome=record.outcome.value,
            because=quote(record.because, LONGEST),
        )
    elif record.change:
        log.info("plan applied", **about, change=record.change)
    elif record.approvals:
        log.info("plan approved", **about, approved_by=_approvers(event))
    else:
        log.info(
            "plan made",
            **about,
            digest=plan.digest,
            approvals_needed=plan.approvals,
            reason=quote(plan.reason, LONGEST),
        )


def changed(log: FilteringBoundLogger, event: ChangeTold) -> None:
    """Write where a change is now; one that ended badly is a warning."""
    change = event.change
    about = _about(change)
    if change.outcome is not None:
        level = log.info if change.outcome in _GOOD else log.warning
        level(
            f"{change.target}: {change.action.value} {change.outcome.value}",
            **about,
            outcome=change.outcome.value,
            because=quote(change.because, LONGEST),
        )
        return
    said = change.progress or change.because
    if event.before is change.state:
        log.debug("change goes on", **about, because=quote(said, LONGEST))
        return
    is_lost = change.state is State.UNKNOWN
    (log.warning if is_lost else log.info)(
        f"{change.target}: {change.action.value} is {change.state.value}",
        **about,
        was=event.before.value if event.before else "",
        because=quote(said, LONGEST),
    )


def audited(log: FilteringBoundLogger, event: Audited) -> None:
    """Write an audit entry's place and hash: its words stay in the audit.

    So the chain's head is known outside of the state file, and a chain that
    was cut or rewritten cannot match it.
    """
    sealed = event.sealed
    log.info(
        "audit",
        sequence=sealed.sequence,
        hash=sealed.hash,
        what=sealed.entry.what,
        plan=sealed.entry.plan,
    )


def _about(change: Change) -> dict[str, str]:
    """Name a change, and the `recover` whose rung it is."""
    parent = {"parent": change.parent} if change.parent else {}
    return parent | {
        "change": change.id,
        "plan": change.plan,
        "target": change.target,
        "action": change.action.value,
        "state": change.state.value,
        "by": change.by.who,
        "trigger": change.by.trigger.value,
    }


def _approvers(event: PlanTold) -> str:
    return ", ".join(one.by.who for one in event.record.approvals)
