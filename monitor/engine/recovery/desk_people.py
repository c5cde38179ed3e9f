"""What people say of a plan: yes, no, or that they did it themselves."""

from monitor.domain.errors import Superseded
from monitor.domain.recovery.plan import Approval, PlanRecord
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.refusal import NotYours, PlanOver
from monitor.domain.recovery.words import Outcome
from monitor.engine.events import PlanTold
from monitor.engine.recovery.desk_room import Room, over
from monitor.engine.recovery.desk_stopping import stop
from monitor.engine.recovery.planning import is_past, people
from monitor.engine.recovery.words_of import of_change, of_plan, shortened

_NOT_APPLIED = frozenset({Outcome.EXPIRED, Outcome.PLANNED_ONLY})


async def approve(room: Room, plan_id: str, by: Principal) -> PlanRecord:
    """Keep a person's word for a plan, and go on when it was the last.

    Saying it twice changes nothing. Raises as `Recovery.approve` does.
    """
    record = await _approvable(room, plan_id, by)
    if by.person in {one.by.person for one in record.approvals}:
        return record
    now = room.clock.now()
    word = Approval(plan=plan_id, digest=record.plan.digest, by=by, at=now)
    entry = of_plan("approved", record.plan, by, now, change=record.change)
    try:
        record = await room.journal.approve(word, entry)
    except Superseded as error:
        if error.reason == "person":
            return await room.plan(plan_id)
        await room.is_over(plan_id, by)
    if record.change and is_agreed(record):
        room.runner.wake(record.change)
    room.tell(PlanTold(record=record))
    await room.herald.written()
    return record


def is_agreed(record: PlanRecord) -> bool:
    """Return whether as many other people agreed as the plan asks for."""
    return len(people(record)) >= record.plan.approvals


async def deny(
    room: Room, plan_id: str, by: Principal, reason: str
) -> PlanRecord:
    """Forbid a plan, or stop its change before anything is sent.

    Raises as `Recovery.deny` does.
    """
    record = await room.plan(plan_id)
    await room.need_person(record, by, "deny")
    because = f"denied by {by.who}: {shortened(reason) or 'no reason given'}"
    if not record.change:
        await room.must_be_open(record, by)
        try:
            return await room.close(
                record, by, Outcome.DENIED, because, what="denied"
            )
        except Superseded:
            record = await room.plan(plan_id)
    if not record.change:
        await room.is_over(plan_id, by)
    return await _deny_change(room, record, by, because)


async def attest(
    room: Room, plan_id: str, by: Principal, done: str
) -> PlanRecord:
    """Note what was done by hand. Raises as `Recovery.attest` does.

    Work by hand may take longer than a plan lasts: what was done with one
    whose time is over is noted, too, and its outcome stays.
    """
    record = await room.plan(plan_id)
    await room.need_person(record, by, "attest")
    is_late = record.outcome in _NOT_APPLIED and not record.change
    if not record.is_open and not is_late:
        await room.refuse(record, by, PlanOver(over(record)))
    now, plan = room.clock.now(), record.plan
    what = ("done", shortened(done))
    await room.journal.note(of_plan("attested", plan, by, now, detail=(what,)))
    await room.herald.written()
    if is_late:
        return record
    because = f"done by hand, says {by.who}: nothing was done from here"
    return await room.end(
        record, by, Outcome.PLANNED_ONLY, because, what="outcome"
    )


async def _approvable(room: Room, plan_id: str, by: Principal) -> PlanRecord:
    """Return a plan that this person may give their word for.

    Whether its change still waits for one the journal decides.
    """
    record = await room.plan(plan_id)
    await room.need_person(record, by, "approve")
    if by.person == record.plan.by.person:
        error = NotYours(
            f"cannot approve plan {plan_id}: {by.person} asked for it;"
            " another person must"
        )
        await room.refuse(record, by, error)
    if not record.change:
        await room.must_be_open(record, by)
        return record
    if is_past(record.plan, room.clock.now()):
        await room.refuse(record, by, PlanOver(over(record)))
    return record


async def _deny_change(
    room: Room, record: PlanRecord, by: Principal, because: str
) -> PlanRecord:
    _, is_ours = await stop(
        room,
        record.change,
        Outcome.DENIED,
        because,
        lambda change, now: of_change("denied", change, by.who, now),
    )
    record = await room.plan(record.plan.id)
    if not is_ours:
        await room.refuse(record, by, PlanOver(over(record)))
    return record
