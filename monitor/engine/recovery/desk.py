"""The desk: where requests come in, are weighed, and get their one end."""

from collections.abc import Callable, Sequence

from monitor.domain.recovery.audit import Sealed
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.drill import Drill
from monitor.domain.recovery.plan import Plan, PlanRecord
from monitor.domain.recovery.principal import Principal
from monitor.engine.check import Check
from monitor.engine.events import Tell
from monitor.engine.recovery.asked import Asked
from monitor.engine.recovery.desk_applying import apply
from monitor.engine.recovery.desk_asking import ask
from monitor.engine.recovery.desk_chain import flaws_of_chain
from monitor.engine.recovery.desk_people import approve, attest, deny
from monitor.engine.recovery.desk_room import Carrier, Room
from monitor.engine.recovery.desk_stopping import cancel
from monitor.engine.recovery.desk_telling import Herald
from monitor.engine.recovery.drill import drill
from monitor.engine.recovery.scene import Scene
from monitor.ports import Clock
from monitor.ports.recovery import Journal

__all__ = ["Carrier", "Desk"]


class Desk:
    """Takes requests, as `Recovery`; what goes on is the runner's.

    `new_id` makes ids that nobody had before, `owner` is this monitor's
    name. Every entry that is written to the audit is told; `herald` is the
    one that the runner tells by, so that both know the same last head.
    `canaries` are the checks that prove a server, for drills.
    """

    def __init__(  # noqa: PLR0913 - its doors, one keyword each
        self,
        *,
        clock: Clock,
        journal: Journal,
        scene: Scene,
        runner: Carrier,
        tell: Tell,
        new_id: Callable[[], str],
        owner: str,
        herald: Herald | None = None,
        canaries: Callable[[str], Sequence[Check]] = lambda _: (),
    ) -> None:
        self._journal = journal
        self._herald = herald or Herald(journal, tell)
        self._room = Room(
            clock=clock,
            journal=journal,
            tell=tell,
            herald=self._herald,
            runner=runner,
            scene=scene,
            new_id=new_id,
            owner=owner,
            canaries=canaries,
        )

    async def plan(self, asked: Asked, by: Principal) -> Plan:
        """Look, weigh, and keep what would be done."""
        return await ask(self._room, asked, by)

    async def apply(
        self, plan_id: str, by: Principal, *, confirm: str = ""
    ) -> Change:
        """Look and weigh again, and begin where everything still holds."""
        return await apply(self._room, plan_id, by, confirm)

    async def approve(self, plan_id: str, by: Principal) -> PlanRecord:
        """Keep another person's word."""
        return await approve(self._room, plan_id, by)

    async def deny(
        self, plan_id: str, by: Principal, *, reason: str
    ) -> PlanRecord:
        """Forbid a plan, applied or not."""
        return await deny(self._room, plan_id, by, reason)

    async def attest(
        self, plan_id: str, by: Principal, *, done: str
    ) -> PlanRecord:
        """Note that a plan's steps were done by hand."""
        return await attest(self._room, plan_id, by, done)

    async def cancel(self, change_id: str, by: Principal) -> Change:
        """Stop a change, or note that it was asked for too late."""
        return await cancel(self._room, change_id, by)

    async def drill(self, target: str, by: Principal) -> Drill:
        """Rehearse a `recover`: everything is real but the effects."""
        return await drill(self._room, target, by)

    async def plan_record(self, plan_id: str) -> PlanRecord:
        """Return a plan."""
        return await self._room.plan(plan_id)

    async def plans(self, *, limit: int) -> Sequence[PlanRecord]:
        """Return plans, newest first."""
        return await self._journal.plans(limit=limit)

    async def change(self, change_id: str) -> Change:
        """Return a change."""
        return await self._room.change(change_id)

    async def changes(
        self, *, limit: int, before: str = "", target: str = ""
    ) -> Sequence[Change]:
        """Return changes, newest first."""
        return await self._journal.changes(
            limit=limit, before=before, target=target
        )

    async def audit(
        self, *, after: int = 0, limit: int, plan: str = ""
    ) -> Sequence[Sealed]:
        """Return the audit, oldest first."""
        return await self._journal.audit(after=after, limit=limit, plan=plan)

    async def verify(self) -> Sequence[str]:
        """Compute the audit's chain again, up to what was told of it."""
        heads = (await self._journal.head(), self._herald.last)
        return await flaws_of_chain(self._journal, heads)
