"""Closing plans that nobody will apply, such as the rungs of a dead climb."""

from contextlib import suppress

from monitor.domain.errors import Superseded
from monitor.domain.recovery.plan import PlanRecord
from monitor.domain.recovery.words import Outcome
from monitor.engine.events import PlanTold
from monitor.engine.recovery.runner_kit import Kit, stored
from monitor.engine.recovery.words_of import of_plan

MOST = 1_000
"""Open plans that are looked through."""


async def close_rungs(kit: Kit, parent: str, because: str) -> None:
    """Close every open plan of a `recover`. Raises `CannotStore`.

    One that was applied just now is a change, which goes its own way.
    """
    journal = kit.journal
    for record in await stored(journal.plans(limit=MOST, only_open=True)):
        if record.plan.parent == parent:
            with suppress(Superseded):
                await close_open(kit, record, Outcome.CANCELLED, because)


async def close_open(
    kit: Kit, record: PlanRecord, outcome: Outcome, because: str
) -> PlanRecord:
    """Close one. Raises `Superseded` where it is not open any more."""
    plan = record.plan
    entry = of_plan(
        "outcome",
        plan,
        plan.by,
        kit.clock.now(),
        because=because,
        outcome=outcome,
    )
    closed = await stored(
        kit.journal.close_plan(plan.id, outcome, because, entry)
    )
    kit.tell(PlanTold(record=closed))
    await stored(kit.herald.written())
    return closed
