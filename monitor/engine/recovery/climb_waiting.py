"""Waiting for a rung: until its change has an outcome, or none comes.

People may have to apply and approve it. Nothing is locked meanwhile.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from monitor.domain.errors import CannotStore, Superseded
from monitor.domain.machine.clocks import stamp
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.climb import Tread, tread_of
from monitor.domain.recovery.plan import PLAN_LASTS, Plan, PlanRecord
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.words import Action, Outcome, State
from monitor.engine.recovery.climb_closing import close_open
from monitor.engine.recovery.climb_ledger import ClimbLedger
from monitor.engine.recovery.planning import alone
from monitor.engine.recovery.runner_kit import Kit, stored

READS_EVERY = 1.0
"""Seconds between two looks into the journal."""
LATE = 60.0
"""Seconds after its plan's time in which somebody closes it."""
CARRIED_WITHIN = 7_200.0
"""Seconds from a change's beginning to its outcome at most: users' work is
waited for 30 min, a machine that boots for 25, and its proof is after it."""


class Cancelling(Protocol):
    """Whoever can stop a change: the desk."""

    async def cancel(self, change_id: str, by: Principal) -> Change:
        """Stop a change, or note that it was asked for too late."""
        ...


@dataclass(kw_only=True, eq=False)
class Waiting:
    """Waits for what becomes of the plan of one rung."""

    kit: Kit
    desk: Cancelling
    ledger: ClimbLedger
    plan: Plan
    until: float = 0.0
    follows: str = ""
    told_sent: bool = False

    async def until_over(self) -> Tread:
        """Return what became of it. Raises `CannotStore`, `Superseded`.

        A journal that cannot be read is read again, as long as there is
        time.
        """
        self.until = self._now() + PLAN_LASTS + LATE
        while True:
            with suppress(CannotStore):
                tread = await self._looked()
                if tread is not None:
                    return tread
            await asyncio.sleep(READS_EVERY)

    async def close(self, outcome: Outcome, because: str) -> None:
        """Close its plan, if it is open still."""
        record = PlanRecord(plan=self.plan)
        with suppress(Superseded):
            await close_open(self.kit, record, outcome, because)

    async def _looked(self) -> Tread | None:
        if self._now() >= self.until + LATE:
            return self._lost()
        record = await stored(self.kit.journal.plan(self.plan.id))
        if record is None:
            return self._tread(Outcome.INTERRUPTED, "its plan is not kept")
        by = await self.ledger.cancelled_by()
        if record.change:
            return await self._change(record.change, by)
        if record.outcome is not None:
            return self._tread(record.outcome, record.because)
        await self._open(by)
        return None

    async def _open(self, by: str) -> None:
        """Say what people have to do; close what nobody waits for."""
        if by:
            await self.close(Outcome.CANCELLED, f"{by} cancelled the recover")
        elif self._now() >= self.until:
            stamped = stamp(self.plan.expires_at)
            await self.close(
                Outcome.EXPIRED, f"nobody applied it by {stamped}"
            )
        else:
            await self.ledger.say(for_people(self.plan))

    async def _change(self, id_: str, by: str) -> Tread | None:
        change = await stored(self.kit.journal.change(id_))
        if change is None:
            return self._tread(Outcome.INTERRUPTED, "its change is not kept")
        if not self.follows:
            self.follows = id_
            self.until = self._now() + CARRIED_WITHIN
        if change.is_over:
            return tread_of(change)
        await self._goes_on(change)
        if self._now() >= self.until:
            return self._lost()
        if by and not change.cancel_asked_by:
            await self.desk.cancel(id_, Principal(name=by))
        return None

    async def _goes_on(self, change: Change) -> None:
        """Tell how it goes, and that something was sent, once."""
        action = self.plan.aim.action
        if change.intent_at is not None and not self.told_sent:
            detail = (("plan", self.plan.id), ("change", change.id))
            told = f"{action.value} is sent as change {change.id}"
            await self.ledger.rung(action, told, detail, sent=True)
            self.told_sent = True
        elif change.state is State.WAITING:
            await self.ledger.say(for_people(self.plan, is_applied=True))
        else:
            await self.ledger.say(f"{action.value}: {change.progress}")

    def _lost(self) -> Tread:
        """Give up on it: it may be sent yet."""
        self.told_sent = True
        because = "nobody knows what became of it in all that time"
        return self._tread(Outcome.INTERRUPTED, because)

    def _tread(self, outcome: Outcome, because: str) -> Tread:
        action = self.plan.aim.action
        return Tread(
            action=action,
            outcome=outcome,
            because=because,
            sent=self.told_sent,
        )

    def _now(self) -> float:
        return self.kit.clock.monotonic()


def takes_people(plan: Plan, by: Principal) -> bool:
    """Return whether a rung waits until people have applied it.

    A reboot always does: somebody types the machine's name.
    """
    is_reboot = plan.aim.action is Action.REBOOT
    return is_reboot or plan.approvals > 0 or bool(alone(plan.gates, by))


def for_people(plan: Plan, *, is_applied: bool = False) -> str:
    """Return what people have to type, and until when."""
    typed = [] if is_applied else [f"`{_apply(plan)}`"]
    if plan.approvals:
        others = "person" if plan.approvals == 1 else "people"
        typed.append(
            f"`facefusion-monitor approve {plan.id}` by {plan.approvals} other"
            f" {others}"
        )
    return (
        f"{plan.aim.action.value} of {plan.aim.host} waits for people until"
        f" {stamp(plan.expires_at)}: {' and '.join(typed)}"
    )


def _apply(plan: Plan) -> str:
    confirm = ""
    if plan.aim.action is Action.REBOOT:
        confirm = f" --confirm {plan.confirm}"
    return f"facefusion-monitor apply {plan.id}{confirm}"
