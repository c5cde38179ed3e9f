"""Which rungs a recover has: its plans, and the changes they became."""

from collections.abc import AsyncIterator, Sequence

from monitor.domain.recovery.change import Change
from monitor.domain.recovery.plan import PlanRecord
from monitor.domain.recovery.words import Action
from monitor.engine.recovery.asked import Recovery

PAGE = 200
"""Changes of a target read at once; a climb is rarely that long ago."""
PAGES = 25
"""Pages that are read at most: of a climb of years ago nothing more is told
than of its own."""
RECENT = 100
"""Newest plans among which one not applied yet is looked for: an open plan
is 15 min old at most, and nobody asks for that many meanwhile."""
Rungs = Sequence[tuple[PlanRecord, Change | None]]


async def rungs_of(recovery: Recovery, change: Change) -> Rungs:
    """Return the rungs of a recover, mildest first; none of anything else."""
    if change.action is not Action.RECOVER:
        return ()
    begun = [one async for one in _begun(recovery, change)]
    found: list[tuple[PlanRecord, Change | None]] = [
        (await recovery.plan_record(one.plan), one) for one in reversed(begun)
    ]
    newest = await recovery.plans(limit=RECENT)
    waiting = (
        (record, None)
        for record in reversed(newest)
        if record.plan.parent == change.id and not record.change
    )
    return (*found, *waiting)


async def _begun(recovery: Recovery, parent: Change) -> AsyncIterator[Change]:
    """Yield the changes of a climb, newest first: they came after it."""
    before = ""
    for _ in range(PAGES):
        page = await recovery.changes(
            limit=PAGE, before=before, target=parent.target
        )
        for one in page:
            if one.id == parent.id:
                return
            if one.parent == parent.id:
                yield one
        if len(page) < PAGE:
            return
        before = page[-1].id
