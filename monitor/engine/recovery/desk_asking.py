"""Asking: a request becomes a plan, or is refused."""

from typing import NoReturn

from monitor.domain.errors import NotConfigured
from monitor.domain.recovery.plan import Plan, PlanRecord
from monitor.domain.recovery.principal import Principal
from monitor.engine.events import PlanTold
from monitor.engine.recovery.asked import Asked
from monitor.engine.recovery.desk_ladder import ladder_flaw, laddered
from monitor.engine.recovery.desk_room import Room, refusal
from monitor.engine.recovery.planning import (
    Draft,
    draft,
    flaw,
    is_past,
    plan_of,
)
from monitor.engine.recovery.words_of import (
    Detail,
    of_plan,
    of_refusal,
    told_gates,
    told_glass,
)

MOST_OPEN = 200
"""Plans that are open at once: more than people can read in their 15 min."""


async def ask(room: Room, asked: Asked, by: Principal) -> Plan:
    """Look, weigh, and keep what would be done.

    Raises as `Recovery.plan` does; whatever is refused is audited.
    """
    scene = room.scene
    try:
        scene.target(asked.target)
    except NotConfigured as error:
        await _note(room, asked, by, str(error))
        raise
    against = flaw(asked, by, scene.policy(asked.target))
    against = against or ladder_flaw(asked)
    if against := against or await _too_many(room):
        await _refuse(room, asked, by, against)
    seen = await scene.observe(asked.target, asked.action)
    made = await draft(scene, asked, seen, by)
    made = await laddered(scene, made, asked, seen, by)
    if made.against:
        await _refuse(room, asked, by, made.against, made)
    return await _keep(room, made, asked, by)


async def _too_many(room: Room) -> str:
    now = room.clock.now()
    kept = await room.journal.plans(limit=MOST_OPEN, only_open=True)
    if sum(not is_past(one.plan, now) for one in kept) < MOST_OPEN:
        return ""
    return (
        f"{MOST_OPEN} plans are open already: apply or deny some, or wait"
        " until they expire"
    )


async def _keep(room: Room, made: Draft, asked: Asked, by: Principal) -> Plan:
    now = room.clock.now()
    plan = plan_of(made, asked, by, id_=room.new_id(), now=now)
    detail: Detail = (
        ("digest", plan.digest),
        ("cause", plan.cause),
        *told_glass(asked.break_glass),
        *told_gates(plan.gates),
    )
    entry = of_plan(
        "planned", plan, by, now, because=plan.reason, detail=detail
    )
    await room.journal.keep_plan(plan, entry)
    room.tell(PlanTold(record=PlanRecord(plan=plan)))
    await room.herald.written()
    return plan


async def _refuse(
    room: Room,
    asked: Asked,
    by: Principal,
    because: str,
    made: Draft | None = None,
) -> NoReturn:
    await _note(room, asked, by, because, made)
    raise refusal(asked.action, asked.target, because, made)


async def _note(
    room: Room,
    asked: Asked,
    by: Principal,
    because: str,
    made: Draft | None = None,
) -> None:
    """Write the one entry of a request that became no plan."""
    entry = of_refusal(
        room.new_id(),
        asked.action,
        asked.target,
        by,
        room.clock.now(),
        because=because,
        host=made.aim.host if made else "",
        detail=told_glass(asked.break_glass),
    )
    await room.journal.note(entry)
    await room.herald.written()
