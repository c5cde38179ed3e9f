"""Asks the desk on behalf of a rule: through the same gates as people."""

from dataclasses import dataclass
from typing import Protocol

from monitor.domain.alerts.alert import Outcome
from monitor.domain.alerts.rules import Rule
from monitor.domain.errors import NotConfigured
from monitor.domain.recovery.plan import PlanRecord
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.refusal import (
    CannotLook,
    NotYours,
    PlanOver,
    RefusedPlan,
)
from monitor.domain.recovery.words import Trigger
from monitor.engine.recovery.asked import Asked, Recovery
from monitor.engine.recovery.planning import alone

NEWEST = 500
"""Plans that are looked through for one of ours: more than can be open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a rule wants for a server.

    `reason` names what set it off: nothing else has the same, so that a
    monitor that died over it finds the plan that it made.
    """

    rule: Rule
    target: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOff:
    """What came of it: applied, planned, refused or unknown_target."""

    outcome: Outcome
    because: str


class Sets(Protocol):
    """Whatever sets a rule off."""

    async def __call__(self, wish: Wish) -> SetOff:
        """Plan, and apply where the rule says so. Raises `CannotStore`."""
        ...


class SettingOff:
    """Plans as automation; what may be done alone is done alone."""

    def __init__(self, desk: Recovery) -> None:
        self._desk = desk

    async def __call__(self, wish: Wish) -> SetOff:
        """Plan unless that was done, and apply where the rule says so.

        An open plan that holds no more is made anew. Raises `CannotStore`;
        then it is not known what came of it, and asking again does nothing
        twice.
        """
        by = Principal(name=wish.rule.name, trigger=Trigger.AUTOMATION)
        made = await self._made(wish)
        if made is not None:
            try:
                return await self._applied(wish, made, by)
            except (RefusedPlan, PlanOver):
                pass  # it held no more; what holds now may be another thing
        asked = Asked(
            action=wish.rule.action, target=wish.target, reason=wish.reason
        )
        try:
            made = PlanRecord(plan=await self._desk.plan(asked, by))
            return await self._applied(wish, made, by)
        except NotConfigured as error:
            return _told(Outcome.UNKNOWN_TARGET, error)
        except (RefusedPlan, PlanOver) as error:
            return _told(Outcome.REFUSED, error)

    async def _made(self, wish: Wish) -> PlanRecord | None:
        """Return the plan that this made before, or one that does as well.

        That is an open one of automation's for the same: people need no two.
        """
        wanted = (wish.rule.action, wish.target)
        ours = [
            one
            for one in await self._desk.plans(limit=NEWEST)
            if one.plan.by.trigger is Trigger.AUTOMATION
            and not one.plan.parent
            and (one.plan.aim.action, one.plan.aim.target) == wanted
        ]
        before = [one for one in ours if one.plan.reason == wish.reason]
        others = [one for one in ours if one.outcome is None]
        still = [one for one in others if not one.change]
        return next(iter([*before, *still]), None)

    async def _applied(
        self, wish: Wish, made: PlanRecord, by: Principal
    ) -> SetOff:
        """Apply a plan. Raises `RefusedPlan`, `PlanOver`."""
        plan = made.plan
        if made.change:
            return SetOff(
                outcome=Outcome.APPLIED, because=f"change {made.change}"
            )
        waits = alone(plan.gates, by)
        if made.outcome is not None or waits or not wish.rule.applies:
            because = f"plan {plan.id}; {waits}" if waits else plan.id
            return SetOff(outcome=Outcome.PLANNED, because=because)
        try:
            change = await self._desk.apply(plan.id, by)
        except (NotYours, CannotLook) as error:
            return _told(Outcome.PLANNED, error)
        return SetOff(outcome=Outcome.APPLIED, because=f"change {change.id}")


def _told(outcome: Outcome, error: Exception) -> SetOff:
    return SetOff(outcome=outcome, because=str(error))
