"""What was known of a server before the first rung was climbed."""

from dataclasses import replace

from monitor.domain.recovery.plan import Plan
from monitor.domain.service.reading import ServiceReading
from monitor.engine.recovery.capturing import Known, capture
from monitor.engine.recovery.climb_rung import Ladder
from monitor.engine.recovery.runner_kit import stored
from monitor.engine.recovery.words_of import of_change
from monitor.ports.recovery import Captured


async def keep_known(ladder: Ladder, plan: Plan) -> None:
    """Keep it as JSON: a rung wipes the evidence away.

    Raises `Over` where nothing could be looked at, `NotConfigured`,
    `CannotStore`.
    """
    kit, change = ladder.kit, ladder.ledger.change
    seen, situation = await ladder.seen(change.action)
    now = kit.clock.now()
    known = Known(
        at=now,
        plan=plan,
        aim=plan.aim,
        situation=situation,
        diagnosis=kit.diagnosis(change.target),
        case=kit.case(change.target, now),
        service=seen.service or _NOTHING,
    )
    text = capture(known)
    because = f"kept {len(text)} bytes of what was known before"
    entry = of_change(
        "captured", replace(change, because=because), kit.owner, now
    )
    captured = Captured(change=change.id, at=now, text=text)
    await stored(kit.journal.capture(captured, entry))


_NOTHING = ServiceReading(manager="process", port=0)
"""A machine that told nothing."""
