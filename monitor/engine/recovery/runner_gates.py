"""The last weighing: all gates again, at the machine's lock.

Users' work is waited for here, as long as its gate lets us.
"""

import asyncio
from dataclasses import dataclass

from monitor.domain.recovery.plan import PlanRecord
from monitor.domain.recovery.situation import Situation
from monitor.domain.recovery.verdict import Verdict, refused, waits
from monitor.domain.recovery.weighing import weigh
from monitor.domain.recovery.words import Outcome, State
from monitor.engine.recovery.planning import (
    alone,
    lacks_approvals,
    weighed_by,
)
from monitor.engine.recovery.runner_kit import Kit, Over
from monitor.engine.recovery.runner_lease import Lease
from monitor.engine.recovery.runner_ledger import Ledger
from monitor.engine.recovery.scene import Seen

LOOKS_AGAIN_AFTER = 5.0
"""Seconds between two weighings while users' work goes on."""
OBSERVE_WITHIN = 120.0
"""Seconds for the looks of one weighing; each has a deadline of its own."""
DRAINS_WITHIN = 1800.0
"""Seconds that may be waited whatever a gate says."""
_BY_PEOPLE = frozenset({"approval", "mode"})
"""Gates that wait for somebody's word, which came before this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetThrough:
    """What was seen and weighed when every gate allowed."""

    seen: Seen
    situation: Situation


async def let_through(
    kit: Kit, ledger: Ledger, lease: Lease, record: PlanRecord
) -> LetThrough:
    """Return once every gate allows it. Raises `Over` when one refuses."""
    begun = kit.clock.monotonic()
    while True:
        waited = kit.clock.monotonic() - begun
        found = await _weighed(kit, ledger, record, waited)
        verdicts = weigh(found.situation)
        _check(ledger, lease, record, verdicts)
        busy = _busy(verdicts)
        if not busy:
            return found
        if waited >= DRAINS_WITHIN:
            raise Over(Outcome.TIMED_OUT, busy)
        await _wait(ledger, busy)


async def _weighed(
    kit: Kit, ledger: Ledger, record: PlanRecord, waited: float
) -> LetThrough:
    plan, change = record.plan, ledger.change
    try:
        async with asyncio.timeout(OBSERVE_WITHIN):
            seen = await kit.scene.observe(change.target, change.action)
            situation = await kit.scene.situation(
                change.target,
                change.action,
                seen,
                by=weighed_by(plan, change.by),
                approvals=record.approvals,
                break_glass=plan.aim.break_glass,
                change=change.id,
                waited=waited,
                parent=plan.parent,
            )
    except TimeoutError:
        raise Over(
            Outcome.REFUSED,
            f"looking at {change.target} took longer than"
            f" {OBSERVE_WITHIN:g} s; nothing was sent",
        ) from None
    return LetThrough(seen=seen, situation=situation)


def _check(
    ledger: Ledger,
    lease: Lease,
    record: PlanRecord,
    verdicts: tuple[Verdict, ...],
) -> None:
    """Raise `Over` where waiting would not help."""
    said = refused(verdicts)
    if said:
        drained = ledger.change.state is State.DRAINING
        is_late = drained and {one.gate for one in said} == {"busy"}
        outcome = Outcome.TIMED_OUT if is_late else Outcome.REFUSED
        raise Over(outcome, _words(said))
    if because := alone(verdicts, ledger.change.by):
        raise Over(Outcome.REFUSED, because)
    if lacks_approvals(verdicts):
        raise Over(
            Outcome.EXPIRED,
            f"too few of the {record.plan.approvals} approvals still hold",
        )
    lease.held()


def _busy(verdicts: tuple[Verdict, ...]) -> str:
    said = waits(verdicts)
    return _words(tuple(v for v in said if v.gate not in _BY_PEOPLE))


async def _wait(ledger: Ledger, busy: str) -> None:
    if ledger.change.state is State.READY:
        await ledger.move(State.DRAINING, busy)
    else:
        await ledger.say(busy)
    await asyncio.sleep(LOOKS_AGAIN_AFTER)


def _words(said: tuple[Verdict, ...]) -> str:
    return "; ".join(f"{one.gate}: {one.because}" for one in said)
