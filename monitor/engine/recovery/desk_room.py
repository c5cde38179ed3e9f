"""The room behind the desk: requests as they are kept, and how they end."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn, Protocol

from monitor.domain.errors import CannotStore, MonitorError, Superseded
from monitor.domain.machine.clocks import stamp
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.plan import Plan, PlanRecord
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.refusal import (
    NotYours,
    PlanOver,
    RefusedPlan,
    UnknownRequest,
)
from monitor.domain.recovery.verdict import refused
from monitor.domain.recovery.words import Action, Outcome, Trigger
from monitor.engine.check import Check
from monitor.engine.events import ChangeTold, PlanTold, Tell
from monitor.engine.recovery.desk_telling import Herald
from monitor.engine.recovery.planning import Draft, is_past
from monitor.engine.recovery.scene import Scene
from monitor.engine.recovery.words_of import of_plan
from monitor.ports import Clock
from monitor.ports.recovery import Journal

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""What an id may be, on the host's gate too."""
_OURS = frozenset({"mode", "allowed", "hand"})
"""Gates that say what this monitor may and can, and nothing of the server."""


class Carrier(Protocol):
    """Whatever carries changes out."""

    def begin(self, change: Change) -> None:
        """Carry a change out that nothing is missing for; returns at once."""
        ...

    def wake(self, change_id: str) -> None:
        """Read a change again: somebody said something; returns at once.

        It may have its approvals now, be over, or be somebody else's.
        """
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class Room:
    """What everybody at the desk needs.

    `new_id` makes ids that nobody had before, `owner` is this monitor's
    name. `canaries` are the checks that prove a server. Every method may
    raise `CannotStore`.
    """

    clock: Clock
    journal: Journal
    tell: Tell
    herald: Herald
    runner: Carrier
    scene: Scene
    new_id: Callable[[], str]
    owner: str
    canaries: Callable[[str], Sequence[Check]]

    async def plan(self, plan_id: str) -> PlanRecord:
        """Return a plan. Raises `UnknownRequest`."""
        found = None
        if _ID.fullmatch(plan_id):
            found = await self.journal.plan(plan_id)
        if found is None:
            raise UnknownRequest("cannot find the plan: none has this id")
        return found

    async def change(self, change_id: str) -> Change:
        """Return a change. Raises `UnknownRequest`."""
        found = None
        if _ID.fullmatch(change_id):
            found = await self.journal.change(change_id)
        if found is None:
            raise UnknownRequest("cannot find the change: none has this id")
        return found

    async def open_plan(self, plan_id: str, by: Principal) -> PlanRecord:
        """Return a plan that may be applied.

        Raises `UnknownRequest`, `PlanOver`.
        """
        record = await self.plan(plan_id)
        await self.must_be_open(record, by)
        return record

    async def must_be_open(self, record: PlanRecord, by: Principal) -> None:
        """Raise `PlanOver` unless a plan may be applied.

        One that is too old ends here.
        """
        if not record.is_open:
            await self.refuse(record, by, PlanOver(over(record)))
        plan, now = record.plan, self.clock.now()
        if not is_past(plan, now):
            return
        because = f"nobody applied it by {stamp(plan.expires_at)}"
        if now < plan.expires_at:
            because = "our clock was set back: its age is not known"
        closed = await self.end(
            record, by, Outcome.EXPIRED, because, what="outcome"
        )
        raise PlanOver(over(closed))

    async def end(
        self,
        record: PlanRecord,
        by: Principal,
        outcome: Outcome,
        because: str,
        *,
        what: str,
    ) -> PlanRecord:
        """Close a plan that was not applied; `what` is the entry's word.

        Raises `PlanOver` when somebody was faster.
        """
        try:
            return await self.close(record, by, outcome, because, what=what)
        except Superseded:
            await self.is_over(record.plan.id, by)

    async def close(
        self,
        record: PlanRecord,
        by: Principal,
        outcome: Outcome,
        because: str,
        *,
        what: str,
    ) -> PlanRecord:
        """Close a plan as `end` does; raises `Superseded` instead."""
        plan = record.plan
        entry = of_plan(
            what, plan, by, self.clock.now(), because=because, outcome=outcome
        )
        closed = await self.journal.close_plan(
            plan.id, outcome, because, entry
        )
        self.tell(PlanTold(record=closed))
        await self.herald.written()
        return closed

    async def is_over(self, plan_id: str, by: Principal) -> NoReturn:
        """Raise `PlanOver` with what has become of a plan meanwhile."""
        record = await self.plan(plan_id)
        await self.refuse(record, by, PlanOver(over(record)))

    async def refuse(
        self, record: PlanRecord, by: Principal, error: MonitorError
    ) -> NoReturn:
        """Audit that somebody may not do this with a plan, and raise it.

        That ends no request: the entry has no outcome. Nothing was done, so
        that a disk that is full hides no answer.
        """
        entry = of_plan(
            "refused",
            record.plan,
            by,
            self.clock.now(),
            because=str(error),
            change=record.change,
        )
        with suppress(CannotStore):
            await self.journal.note(entry)
        await self.herald.written()
        raise error

    async def need_person(
        self, record: PlanRecord, by: Principal, what: str
    ) -> None:
        """Raise `NotYours` unless a person says it."""
        if by.trigger is Trigger.AUTOMATION or not by.person:
            error = NotYours(
                f"cannot {what} plan {record.plan.id}: it takes a person, and"
                f" the token {by.name} is nobody's"
            )
            await self.refuse(record, by, error)

    async def told(self, change: Change, before: Change) -> None:
        """Tell that a change and its plan ended here, and wake its owner.

        The one who carries it out has lost it then, and undoes what it did.
        """
        self.runner.wake(change.id)
        self.tell(ChangeTold(change=change, before=before.state))
        await self.tell_plan(change.plan)
        await self.herald.written()

    async def tell_plan(self, plan_id: str) -> PlanRecord | None:
        """Tell what became of a plan, and return it.

        What was written stays written if it cannot be read: None then.
        """
        try:
            record = await self.plan(plan_id)
        except CannotStore:
            return None
        self.tell(PlanTold(record=record))
        return record


def over(record: PlanRecord) -> str:
    """Return in words that a plan is over, and how."""
    plan = record.plan
    if record.change:
        became = f"it was applied as change {record.change}"
        if record.outcome is None:
            return (
                f"cannot go on with plan {plan.id}: {became}, which goes on;"
                f" `facefusion-monitor changes {record.change} --follow`"
                " shows it"
            )
        became += f", which ended: {record.outcome.value}"
    elif record.outcome is not None:
        became = f"it is {record.outcome.value}: {record.because}"
    else:
        became = "it is not what it was when it was read"
    return f"cannot go on with plan {plan.id}: {became}{_next(plan)}"


def _next(plan: Plan) -> str:
    return f"; plan the {plan.aim.action.value} again if it is still needed"


def refusal(
    action: Action, target: str, because: str, made: Draft | None
) -> RefusedPlan:
    """Return the answer to what is refused, with what it would have been."""
    return RefusedPlan(
        f"cannot {action.value} {target}: {because}",
        steps=made.aim.steps if made else (),
        gates=made.gates if made else (),
        by_hand=made.by_hand if made and _lacks_only_us(made) else (),
    )


def _lacks_only_us(made: Draft) -> bool:
    """Return whether it is refused only because we may not, or cannot.

    What another gate refuses is no better where people do it by hand.
    """
    return {one.gate for one in refused(made.gates)} <= _OURS
