"""What may be asked of the desk, as the web and automation see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from monitor.domain.recovery.audit import Sealed
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.drill import Drill
from monitor.domain.recovery.plan import BreakGlass, Plan, PlanRecord
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.words import Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which action on which server is wanted, and why.

    `parent` is the `recover` that asks for a rung, empty for people.
    """

    action: Action
    target: str
    reason: str
    break_glass: BreakGlass | None = None
    parent: str = ""


class Recovery(Protocol):
    """Plans, approvals, changes and the audit.

    Every method may raise `CannotStore`.
    """

    async def plan(self, asked: Asked, by: Principal) -> Plan:
        """Look, weigh, and return what would be done.

        Raises `NotConfigured`, `RefusedPlan` when a gate refuses.
        """
        ...

    async def apply(
        self, plan_id: str, by: Principal, *, confirm: str = ""
    ) -> Change:
        """Begin to carry a plan out; it goes on by itself.

        Raises `UnknownRequest`, `PlanOver`, `RefusedPlan`,
        `WrongConfirmation`.
        """
        ...

    async def approve(self, plan_id: str, by: Principal) -> PlanRecord:
        """Give another person's word. Raises `NotYours`, `PlanOver`."""
        ...

    async def deny(
        self, plan_id: str, by: Principal, *, reason: str
    ) -> PlanRecord:
        """Forbid a plan, applied or not. Raises `PlanOver`."""
        ...

    async def attest(
        self, plan_id: str, by: Principal, *, done: str
    ) -> PlanRecord:
        """Note that a plan's steps were done by hand. Raises `PlanOver`."""
        ...

    async def cancel(self, change_id: str, by: Principal) -> Change:
        """Stop a change, or note that it was asked for too late.

        The change returned is cancelled only where nothing had been sent.
        """
        ...

    async def drill(self, target: str, by: Principal) -> Drill:
        """Rehearse a `recover`: everything is real but the effects.

        Raises `NotConfigured`.
        """
        ...

    async def plan_record(self, plan_id: str) -> PlanRecord:
        """Return a plan. Raises `UnknownRequest`."""
        ...

    async def plans(self, *, limit: int) -> Sequence[PlanRecord]:
        """Return plans, newest first."""
        ...

    async def change(self, change_id: str) -> Change:
        """Return a change. Raises `UnknownRequest`."""
        ...

    async def changes(
        self, *, limit: int, before: str = "", target: str = ""
    ) -> Sequence[Change]:
        """Return changes, newest first."""
        ...

    async def audit(
        self, *, after: int = 0, limit: int, plan: str = ""
    ) -> Sequence[Sealed]:
        """Return the audit, oldest first."""
        ...

    async def verify(self) -> Sequence[str]:
        """Re-compute the audit's chain; return its flaws, none when whole."""
        ...
