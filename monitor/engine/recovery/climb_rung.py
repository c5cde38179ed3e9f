"""One rung of a climb: weighed, planned, applied and waited for.

It goes through the desk as anybody's request does, and no way round it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from monitor.domain.errors import CannotStore, MonitorError
from monitor.domain.recovery.applicable import not_applicable
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.climb import Tread, missed, settles
from monitor.domain.recovery.plan import Plan
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.situation import Situation
from monitor.domain.recovery.weighing import weigh
from monitor.domain.recovery.words import Action, Outcome
from monitor.engine.recovery.asked import Asked
from monitor.engine.recovery.climb_ledger import ClimbLedger
from monitor.engine.recovery.climb_waiting import Waiting, takes_people
from monitor.engine.recovery.runner_gates import OBSERVE_WITHIN
from monitor.engine.recovery.runner_kit import Kit, Over, stored
from monitor.engine.recovery.scene import Seen
from monitor.engine.recovery.words_of import shortened

SETTLES = 300.0
"""Seconds that a rung is waited for after one that failed: canaries run
anew, and what they say is believed, in less."""
WEIGHS_EVERY = 10.0
"""Seconds between two weighings meanwhile."""


class RungDesk(Protocol):
    """The desk, as far as a climb needs it."""

    async def plan(self, asked: Asked, by: Principal) -> Plan:
        """Look, weigh, and return what would be done."""
        ...

    async def apply(
        self, plan_id: str, by: Principal, *, confirm: str = ""
    ) -> Change:
        """Begin to carry a plan out; it goes on by itself."""
        ...

    async def cancel(self, change_id: str, by: Principal) -> Change:
        """Stop a change, or note that it was asked for too late."""
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class Ladder:
    """What every rung of one climb shares; `reason` is its own plan's."""

    kit: Kit
    desk: RungDesk
    ledger: ClimbLedger
    reason: str

    async def climb(self, action: Action, treads: tuple[Tread, ...]) -> Tread:
        """Return what became of a rung.

        Raises `Over` where nothing could be looked at, `NotConfigured`,
        `CannotStore`, `Superseded`.
        """
        situation = await self._settled(action, treads)
        if because := moved_away(self.ledger.change, situation):
            return _tread(action, Outcome.REFUSED, because)
        milder = missed(treads, _applies(situation))
        if milder is not None:
            action, situation = milder, replace(situation, action=milder)
        if because := not_applicable(situation):
            told = f"{action.value} is not applicable: {because}"
            word = ("word", "not_applicable")
            await self.ledger.rung(action, told, (word,))
            return Tread(action=action, outcome=None, because=because)
        if by := await self.ledger.cancelled_by():
            because = f"{by} wants the climb stopped"
            return _tread(action, Outcome.CANCELLED, because)
        tread = await self._planned(action)
        became = tread.outcome.value if tread.outcome else ""
        told = f"{action.value} ended: {became}: {tread.because}"
        await self.ledger.rung(
            action, told, (("outcome", became),), sent=tread.sent
        )
        return tread

    async def seen(self, action: Action) -> tuple[Seen, Situation]:
        """Look afresh. Raises as `climb` does."""
        change, scene = self.ledger.change, self.kit.scene
        try:
            async with asyncio.timeout(OBSERVE_WITHIN):
                seen = await scene.observe(change.target, action)
                found = await scene.situation(
                    change.target,
                    action,
                    seen,
                    by=change.by,
                    change=change.id,
                    parent=change.id,
                )
        except TimeoutError:
            because = (
                f"looking at {change.target} took longer than"
                f" {OBSERVE_WITHIN:g} s"
            )
            outcome = Outcome.GAVE_UP if change.done else Outcome.REFUSED
            raise Over(outcome, because) from None
        return seen, found

    async def _settled(
        self, action: Action, treads: tuple[Tread, ...]
    ) -> Situation:
        """Return the situation once what the last rung did is believed."""
        until = self.kit.clock.monotonic() + SETTLES
        while True:
            _, situation = await self.seen(action)
            waits = settles(treads, weigh(situation))
            is_late = self.kit.clock.monotonic() >= until
            if not waits or is_late or await self.ledger.cancelled_by():
                return situation
            await self.ledger.say(f"{action.value} waits for {waits}")
            await asyncio.sleep(WEIGHS_EVERY)

    async def _planned(self, action: Action) -> Tread:
        change = self.ledger.change
        asked = Asked(
            action=action,
            target=change.target,
            reason=shortened(f"recover {change.id}: {self.reason}"),
            parent=change.id,
        )
        try:
            plan = await self.desk.plan(asked, change.by)
        except CannotStore:
            raise
        except MonitorError as error:
            return _tread(action, Outcome.REFUSED, str(error))
        told = f"{action.value} is planned as {plan.id}"
        await self.ledger.rung(action, told, (("plan", plan.id),))
        return await self._carried(plan)

    async def _carried(self, plan: Plan) -> Tread:
        """Apply a plan, or let people do it, and wait for its outcome."""
        waiting = Waiting(
            kit=self.kit, desk=self.desk, ledger=self.ledger, plan=plan
        )
        by = self.ledger.change.by
        if takes_people(plan, by):
            return await waiting.until_over()
        try:
            await self.desk.apply(plan.id, by)
        except CannotStore:
            raise
        except MonitorError as error:
            return await self._not_applied(plan, waiting, str(error))
        return await waiting.until_over()

    async def _not_applied(
        self, plan: Plan, waiting: Waiting, because: str
    ) -> Tread:
        """Say why it was not, unless somebody else has applied it."""
        record = await stored(self.kit.journal.plan(plan.id))
        if record is not None and record.change:
            return await waiting.until_over()
        await waiting.close(Outcome.REFUSED, because)
        return _tread(plan.aim.action, Outcome.REFUSED, because)


def _tread(action: Action, outcome: Outcome, because: str) -> Tread:
    return Tread(action=action, outcome=outcome, because=because)


def moved_away(change: Change, situation: Situation) -> str:
    """Return why a server is not climbed for any more, empty if it is.

    A reload may put it on another machine, where nothing was tried.
    """
    host = situation.target.host
    if host == change.host:
        return ""
    return (
        f"{change.target} is on {host or 'no machine'} now, and this began on"
        f" {change.host}; nothing is done there"
    )


def _applies(situation: Situation) -> Callable[[Action], bool]:
    """Return what tells whether a rung is a remedy as things are now."""
    found = situation.diagnosis
    remedies = {one.value for one in found.remedies} if found else set()

    def applies(rung: Action) -> bool:
        now = replace(situation, action=rung)
        return rung.value in remedies and not not_applicable(now)

    return applies
