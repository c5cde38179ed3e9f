"""The scene: what gates and plans see of a server that is to be acted on."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace

from monitor.actions import free_gpu_memory, reboot, restart
from monitor.domain.diagnosis.case import Case
from monitor.domain.diagnosis.diagnosis import Diagnosis
from monitor.domain.errors import NotConfigured
from monitor.domain.fleet import Target
from monitor.domain.health import BAD, Health
from monitor.domain.observation import CheckKey, Observation
from monitor.domain.recovery.bystanders import bystanders
from monitor.domain.recovery.gpu_table import to_end
from monitor.domain.recovery.identity import Identity
from monitor.domain.recovery.in_flight import work_of
from monitor.domain.recovery.machine_use import GpuTable, MachineUse
from monitor.domain.recovery.plan import Aim, Approval, BreakGlass
from monitor.domain.recovery.policy import Policy
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.situation import Peer, Situation
from monitor.domain.recovery.words import Action
from monitor.domain.service.reading import ServiceReading
from monitor.engine.board import STATUS, Board
from monitor.engine.evidence import Evidence
from monitor.engine.recovery.planning_aim import processes_of
from monitor.engine.recovery.planning_facts import (
    blind,
    or_diagnosed,
    planned,
    service,
    with_fresh,
)
from monitor.engine.recovery.planning_past import (
    changed_now,
    lock_on,
    past_of,
)
from monitor.engine.recovery.planning_second import (
    elsewhere,
    is_well,
    second_look,
)
from monitor.engine.recovery.planning_sources import (
    Diagnoses,
    Planned,
    RootLook,
    Seen,
    ServiceAddress,
    Steps,
    WhyNoHand,
)
from monitor.engine.recovery.scene_looks import key, looks
from monitor.engine.recovery.scene_machine import (
    Beside,
    machine_of,
    table_of,
)
from monitor.engine.recovery.scene_sickness import sick_since
from monitor.ports import Clock
from monitor.ports.recovery import Hand, Journal

WEIGHED = 120.0
"""Seconds for which a diagnosis is one: the ward weighs each every 10 s, and
waits for evidence in doubt for 30 s."""
STEPS: Mapping[Action, Steps] = {
    Action.RESTART: restart.steps,
    Action.FREE_GPU_MEMORY: free_gpu_memory.steps,
    Action.REBOOT: reboot.steps,
    Action.RECOVER: restart.steps,
}
"""What each action does; a `recover` begins with a restart, and the desk
puts its rungs in their place."""
_NOTHING = "no_data"


__all__ = ["Scene", "Seen", "ServiceAddress"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Scene:
    """Looks afresh, and adds what is known and what was done before.

    `look` takes one look out of schedule, in bounded time, and returns None
    where there is no such check or no look was taken. `services` and
    `policies` are by target and asked anew each time, so that a reload
    counts at once. `hands` are by machine; `why_no_hand` says why there is
    none. `steps` are those of the actions that can be done at all. `own_boot`
    is the boot id of our own machine, empty where it is not known;
    `approvers` says how many others than who asks may approve, and
    `sick_since` since when a server has not been well. `as_root` is the look
    of whoever may act: it sees strays of other users.
    """

    clock: Clock
    board: Board
    evidence: Evidence
    ward: Diagnoses
    book: Planned
    journal: Journal
    policies: Callable[[], Mapping[str, Policy]]
    services: Callable[[], Mapping[str, ServiceAddress]]
    look: Callable[[CheckKey], Awaitable[Observation | None]]
    hands: Callable[[str, Action], Hand | None]
    why_no_hand: WhyNoHand
    steps: Mapping[Action, Steps] = field(default_factory=lambda: STEPS)
    own_boot: str = ""
    approvers: Callable[[Principal], int] = field(default=lambda _: 0)
    sick_since: Callable[[str], float | None] = field(default=lambda _: None)
    as_root: RootLook | None = None

    def target(self, name: str) -> Target:
        """Return a server of the fleet. Raises `NotConfigured`."""
        found = self.board.targets.get(name)
        if found is None:
            raise NotConfigured(
                "cannot act: no target has this name; GET /api/v1/targets"
                " lists them"
            )
        return found

    def policy(self, name: str) -> Policy:
        """Return what may be done to a server; nothing where none is set."""
        return self.policies().get(name, Policy())

    async def observe(self, target: str, action: Action) -> Seen:
        """Look at a server from here and from its host, at once.

        Raises `NotConfigured`. The looks before count as the first vantage,
        so they are read before anything is looked at.
        """
        before = self._case(target)
        diagnosis = self._diagnosis(target)
        known = self.target(target)
        found = await looks(self.look, known, action)
        root = await self._as_root(known, action)
        now = self.clock.now()
        facts = elsewhere(diagnosis)
        return Seen(
            at=now,
            service=root or service(found.process),
            status=found.status,
            second=second_look(
                found.status,
                found.process,
                was_well=is_well(before.status),
                still=tuple(f for f in facts if self._is_fresh(f.key, now)),
                recalled=diagnosis is not None and diagnosis.recalled,
            ),
            process=found.process,
            jobs=found.jobs,
            blind=blind(found.control, before),
            gpu=found.gpu,
            machine=found.machine,
            lacks_root=root is None and self._needs_root(known, action),
        )

    def _needs_root(self, target: Target, action: Action) -> bool:
        """Return whether root looks: strays count for all but a restart."""
        if action is Action.RESTART or self.as_root is None:
            return False
        return target.name in self.services()

    async def _as_root(
        self, target: Target, action: Action
    ) -> ServiceReading | None:
        """Return what root sees, None where it does not look or could not."""
        if self.as_root is None or not self._needs_root(target, action):
            return None
        return await self.as_root(target, self.services()[target.name])

    def aim(
        self,
        target: str,
        action: Action,
        seen: Seen,
        break_glass: BreakGlass | None = None,
        *,
        planned: tuple[Identity, ...] = (),
    ) -> Aim:
        """Return what an action is aimed at. Raises `NotConfigured`.

        `planned` are the processes of the plan that it is compared with.
        """
        known = self.target(target)
        place = self.services().get(target, _NOWHERE)
        table = self._table(known, action, seen)
        processes = self._processes(action, table, seen, planned)
        return Aim(
            action=action,
            target=target,
            url=known.url,
            host=known.host,
            manager=place.manager,
            unit=place.unit,
            directory=place.directory,
            port=place.port,
            boot_id=seen.service.boot_id if seen.service else "",
            processes=processes,
            steps=self._steps(known, action, place, processes),
            break_glass=break_glass,
            cards=tuple(one.uuid for one in table.cards) if table else (),
            bystanders=bystanders(action, self._machine(target, seen)),
        )

    async def situation(  # noqa: PLR0913 - what an action is weighed by
        self,
        target: str,
        action: Action,
        seen: Seen,
        *,
        by: Principal,
        approvals: tuple[Approval, ...] = (),
        break_glass: BreakGlass | None = None,
        change: str = "",
        waited: float = 0.0,
        parent: str = "",
    ) -> Situation:
        """Return all that an action is weighed by, as of now.

        `change` is the change that it is weighed for, whose own lock is in
        nobody's way; `waited` for how many seconds it has waited for users'
        work, and `parent` the `recover` whose rung it is. Raises
        `NotConfigured`, `CannotStore`.
        """
        known, now = self.target(target), self.clock.now()
        diagnosis = self._diagnosis(target)
        case = with_fresh(
            self._case(target), seen.status, seen.process, seen.jobs
        )
        return Situation(
            now=now,
            action=action,
            target=known,
            policy=self.policy(target),
            by=by,
            diagnosis=diagnosis,
            service=seen.service,
            second=seen.second,
            work=replace(work_of(case, now), waited=waited),
            maintenance=planned(self.book.planned(target)),
            blind=or_diagnosed(seen.blind, diagnosis),
            past=await past_of(self.journal, target, self.policy(target), now),
            peers=await self.peers(besides=change),
            approvals=approvals,
            break_glass=break_glass,
            lock=await lock_on(self.journal, known.host, besides=change),
            hand=self._hand(known, action),
            gpu=table_of(known, seen),
            machine=self._machine(target, seen),
            parent=parent,
            sick_since=sick_since(self.sick_since(target), diagnosis),
        )

    async def peers(self, *, besides: str = "") -> tuple[Peer, ...]:
        """Return all servers: whether each serves, and is being changed.

        A change counts from its intent on; `besides` leaves one out.
        """
        now = self.clock.now()
        changing = await changed_now(self.journal, besides=besides)
        return tuple(
            Peer(
                name=name,
                serves=self._serves(name, now),
                is_changing=name in changing,
            )
            for name in self.board.targets
        )

    @staticmethod
    def _processes(
        action: Action,
        table: GpuTable | None,
        seen: Seen,
        planned: tuple[Identity, ...],
    ) -> tuple[Identity, ...]:
        """Return whom it ends one by one: a reboot ends all, whoever it is.

        A server that falls ill again and again has other processes each time.
        """
        if action is Action.REBOOT:
            return ()
        if table is not None:
            return to_end(table)
        return processes_of(seen.service, planned)

    def _steps(
        self,
        target: Target,
        action: Action,
        place: ServiceAddress,
        processes: tuple[Identity, ...],
    ) -> tuple[str, ...]:
        steps = self.steps.get(action)
        if steps is None or place is _NOWHERE:
            return ()
        return steps(
            manager=place.manager,
            unit=place.unit,
            host=target.host,
            processes=processes,
            directory=place.directory,
        )

    def _table(
        self, target: Target, action: Action, seen: Seen
    ) -> GpuTable | None:
        """Return the cards that an action frees, None where it frees none."""
        if action is not Action.FREE_GPU_MEMORY:
            return None
        return table_of(target, seen) or GpuTable(at=seen.at, cards=())

    def _machine(self, target: str, seen: Seen) -> MachineUse | None:
        host, now = self.target(target).host, self.clock.now()
        others = [one for one in self.evidence.on(host) if one != target]
        beside = Beside(
            cases=tuple(self.evidence.case(one, now) for one in others),
            own_boot=self.own_boot,
        )
        return machine_of(self._case(target), seen, beside)

    def _case(self, target: str) -> Case:
        self.target(target)
        return self.evidence.case(target, self.clock.now())

    def _diagnosis(self, target: str) -> Diagnosis | None:
        """Return the diagnosis, unless nobody has weighed it of late."""
        found = self.ward.diagnosis(target)
        age = abs(self.clock.now() - found.at)
        return None if found.cause == _NOTHING or age > WEIGHED else found

    def _is_fresh(self, one: CheckKey, now: float) -> bool:
        entry = self.board.find(one)
        return entry is not None and entry.fresh(now) is not None

    def _serves(self, target: str, now: float) -> bool | None:
        entry = self.board.find(key(target, STATUS))
        health = entry.health(now) if entry else Health.UNKNOWN
        return None if health is Health.UNKNOWN else health not in BAD

    def _hand(self, target: Target, action: Action) -> str:
        if not target.host or target.name not in self.services():
            return (
                "it is on no machine that we can act on: set"
                " targets[].host and targets[].service"
            )
        if action not in self.steps:
            return f"this version cannot do {action.value} itself"
        if self.hands(target.host, action) is None:
            return self.why_no_hand(target.host, action)
        return ""


_NOWHERE = ServiceAddress(manager="", unit="", directory="", port=0)
