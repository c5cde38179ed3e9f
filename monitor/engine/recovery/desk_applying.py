"""Applying: a plan that still holds becomes a change."""

from monitor.domain.errors import NotConfigured, Superseded
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.plan import Plan, PlanRecord
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.refusal import (
    CannotLook,
    NotYours,
    PlanOver,
    WrongConfirmation,
)
from monitor.domain.recovery.words import Action, Outcome, State
from monitor.engine.events import ChangeTold
from monitor.engine.recovery.asked import Asked
from monitor.engine.recovery.desk_ladder import laddered, recover_before
from monitor.engine.recovery.desk_people import is_agreed
from monitor.engine.recovery.desk_room import Room, refusal
from monitor.engine.recovery.planning import (
    Draft,
    alone,
    draft,
    lacks_approvals,
    no_longer_holds,
    weighed_by,
)
from monitor.engine.recovery.words_of import of_change

_UNSEEN = (
    "its machine could not be looked at as root just now, so that nobody can"
    " compare; the plan stays open, try again"
)


async def apply(
    room: Room, plan_id: str, by: Principal, confirm: str
) -> Change:
    """Look and weigh again, and begin where everything still holds.

    Raises as `Recovery.apply` does.
    """
    record = await room.open_plan(plan_id, by)
    await _check_confirmation(room, record, by, confirm)
    await _check_ladder(room, record, by)
    record, made = await _again(room, record, by)
    await _check(room, record, made, by)
    state = State.WAITING if lacks_approvals(made.gates) else State.READY
    return await _begin(room, _change_of(room, record.plan, by, state))


async def _check_confirmation(
    room: Room, record: PlanRecord, by: Principal, confirm: str
) -> None:
    """Raise `WrongConfirmation` unless the right name was typed.

    A reboot takes it always, anything else only where one is given.
    """
    plan = record.plan
    is_needed = bool(confirm) or plan.aim.action is Action.REBOOT
    if is_needed and confirm != plan.confirm:
        error = WrongConfirmation(
            f"cannot apply plan {plan.id}: type {plan.confirm} to confirm the"
            f" {plan.aim.action.value}"
        )
        await room.refuse(record, by, error)


async def _check_ladder(room: Room, record: PlanRecord, by: Principal) -> None:
    """Close a second `recover` of a server, and a rung of one that is over.

    Raises `PlanOver`.
    """
    plan, because = record.plan, ""
    if plan.aim.action is Action.RECOVER:
        because = await recover_before(room.journal, plan.aim.target)
    elif plan.parent:
        parent = await room.journal.change(plan.parent)
        if parent is None or parent.is_over:
            because = (
                f"the recover {plan.parent} that it was a rung of is over"
            )
    if because:
        await _refused(room, record, by, because)
        raise PlanOver(_cannot(plan, because))


async def _again(
    room: Room, record: PlanRecord, by: Principal
) -> tuple[PlanRecord, Draft]:
    """Return the plan with all its approvals so far, and as things are now.

    A look takes seconds, in which others may speak or its time may end.
    """
    plan, aim = record.plan, record.plan.aim
    asked = Asked(
        action=aim.action,
        target=aim.target,
        reason=plan.reason,
        break_glass=aim.break_glass,
        parent=plan.parent,
    )
    weighed = weighed_by(plan, by)
    try:
        seen = await room.scene.observe(aim.target, aim.action)
        record = await room.open_plan(plan.id, by)
        made = await draft(room.scene, asked, seen, weighed, record)
        made = await laddered(room.scene, made, asked, seen, weighed)
    except NotConfigured as error:
        because = f"the plan no longer holds: {error}"
        await _refused(room, record, by, because)
        raise PlanOver(_cannot(plan, because)) from error
    return record, made


async def _check(
    room: Room, record: PlanRecord, made: Draft, by: Principal
) -> None:
    """Close a plan that does not hold, or that a gate refuses now.

    Raises `PlanOver`, `RefusedPlan`, and `NotYours` where automation may
    not act alone, `CannotLook` where root does not get there just now: then
    it stays open.
    """
    plan = record.plan
    because = no_longer_holds(plan, made.aim)
    if because and made.lacks_root:
        await room.refuse(record, by, CannotLook(_cannot(plan, _UNSEEN)))
    if because:
        await _refused(room, record, by, because)
        raise PlanOver(_cannot(plan, because))
    if made.against:
        await _refused(room, record, by, made.against)
        aim = plan.aim
        raise refusal(aim.action, aim.target, made.against, made)
    if because := alone(made.gates, by):
        await room.refuse(record, by, NotYours(_cannot(plan, because)))


async def _refused(
    room: Room, record: PlanRecord, by: Principal, because: str
) -> None:
    await room.end(record, by, Outcome.REFUSED, because, what="refused")


async def _begin(room: Room, change: Change) -> Change:
    """Keep the one change of a plan; from here on it goes by itself.

    The journal decides which of two is that one.
    """
    token = (("token", change.by.name),)
    entry = of_change(
        "applied", change, change.by.who, change.created_at, detail=token
    )
    try:
        change = await room.journal.apply(change, entry)
    except Superseded:
        await room.is_over(change.plan, change.by)
    if change.state is State.READY:
        room.runner.begin(change)
    room.tell(ChangeTold(change=change))
    record = await room.tell_plan(change.plan)
    if change.state is State.WAITING and (not record or is_agreed(record)):
        room.runner.wake(change.id)  # the last word came in just now
    await room.herald.written()
    return change


def _change_of(room: Room, plan: Plan, by: Principal, state: State) -> Change:
    now, is_ready = room.clock.now(), state is State.READY
    because = (
        "applied; it goes on by itself"
        if is_ready
        else f"waiting for other people to approve it: {plan.approvals}"
    )
    return Change(
        id=room.new_id(),
        plan=plan.id,
        action=plan.aim.action,
        target=plan.aim.target,
        host=plan.aim.host,
        by=by,
        state=state,
        because=because,
        created_at=now,
        updated_at=now,
        expires_at=plan.expires_at,
        owner=room.owner if is_ready else "",
        progress=because,
        parent=plan.parent,
    )


def _cannot(plan: Plan, because: str) -> str:
    return f"cannot apply plan {plan.id}: {because}"
