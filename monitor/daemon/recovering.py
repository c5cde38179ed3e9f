"""Wires recovery: the desk, the runner, the sweeper, and what they see."""

import os
import secrets
import socket
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

from monitor.config import Settings
from monitor.daemon.hands import why_no_hand
from monitor.daemon.house import House
from monitor.daemon.out_of_schedule import OutOfSchedule
from monitor.daemon.policies import policies
from monitor.daemon.root_look import LookAsRoot
from monitor.daemon.services import port_of
from monitor.daemon.standings import Standings
from monitor.domain.errors import CannotStore
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.policy import Policy
from monitor.engine.events import ChangeTold, Event, PlanTold, Tell
from monitor.engine.maintenance import Book
from monitor.engine.recovery.climb import Climbing
from monitor.engine.recovery.desk import Desk
from monitor.engine.recovery.desk_telling import Herald
from monitor.engine.recovery.holding import Holding
from monitor.engine.recovery.runner import Runner
from monitor.engine.recovery.runner_kit import Carried, Kit
from monitor.engine.recovery.scene import Scene, ServiceAddress
from monitor.engine.recovery.scene_sickness import Sickness
from monitor.engine.recovery.sweep import Sweeper
from monitor.engine.ward import Ward
from monitor.engine.watch import Watch
from monitor.outputs import log
from monitor.ports import Due, Journal, Scheduler
from monitor.web.auth import Token
from monitor.web.principals import others_who_approve

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
TICK = 5.0
"""Seconds between two sweeps."""
OPEN = 500
"""Plans and changes that are told again at a start, for the metrics."""
InForce = Callable[[], Settings | None]


class Recovering:
    """The recovery of one monitor, not yet begun.

    `in_force` returns the settings in force, None before the first.
    """

    def __init__(  # noqa: PLR0913 - what it is wired of, one keyword each
        self,
        *,
        house: House,
        watch: Watch,
        ward: Ward,
        book: Book,
        journal: Journal,
        holding: Holding,
        tell: Tell,
        in_force: InForce,
        tokens: Iterable[Token] = (),
    ) -> None:
        self._journal, self._tell = journal, tell
        self._in_force = in_force
        self._sickness = Sickness()
        looks = OutOfSchedule(house.board, watch)
        scene = Scene(
            clock=house.clock,
            board=house.board,
            evidence=ward.evidence,
            ward=ward,
            book=book,
            journal=journal,
            policies=self.policies,
            services=self.services,
            look=looks.look,
            hands=house.hand,
            why_no_hand=why_no_hand,
            own_boot=own_boot(),
            approvers=partial(others_who_approve, tokens),
            sick_since=self._sickness.since,
            as_root=LookAsRoot(house.hand),
        )
        self._kit = _kit(scene, ward, looks, holding, tell)
        self.runner = Runner(self._kit, climbing=self._climbing)
        self.sweeper = Sweeper(self._kit, self.runner)
        self.desk = _desk(self._kit, scene, self.runner)
        self.standings = Standings(
            clock=house.clock,
            journal=journal,
            targets=lambda: house.board.targets,
            policies=self.policies,
        )
        self._is_stale = True
        self._is_sweeping = False

    def policies(self) -> Mapping[str, Policy]:
        """Return what may be done to each server now."""
        settings = self._in_force()
        return {} if settings is None else policies(settings)

    def services(self) -> Mapping[str, ServiceAddress]:
        """Return where each server's service is, as settings say now."""
        settings = self._in_force()
        return {} if settings is None else addresses(settings)

    def heard(self, event: Event) -> None:
        """Note who fell ill, and that what is left is another number."""
        self._sickness.heard(event)
        if isinstance(event, ChangeTold):
            self._is_stale = True

    def _climbing(self, change: Change) -> Carried:
        return Climbing(self._kit, self.desk, change)

    async def start(self, scheduler: Scheduler, now: float) -> None:
        """See what became of changes that were under way, and go on.

        Raises `CannotStore`.
        """
        for record in await self._journal.plans(limit=OPEN, only_open=True):
            self._tell(PlanTold(record=record))
        for change in await self._journal.changes(limit=OPEN, only_open=True):
            self._tell(ChangeTold(change=change))
        await self.standings.refresh()
        await self.sweeper.sweep()
        scheduler.every(
            "recovery", interval=TICK, first=now + TICK, turn=self._tick
        )

    async def close(self, within: float) -> None:
        """Let changes write where they are, for so many seconds at most.

        What was sent to a machine goes on there; the next start finds out
        what became of it.
        """
        await self.runner.close(within)

    async def _tick(self, _: Due) -> None:
        if self._is_sweeping:
            return  # the one before waits for the state database
        self._is_sweeping = True
        try:
            await self._sweep()
        finally:
            self._is_sweeping = False

    async def _sweep(self) -> None:
        try:
            await self.sweeper.sweep()
            if self._is_stale:
                self._is_stale = False
                await self.standings.refresh()
        except CannotStore as error:
            self._is_stale = True
            log.get().error("recovery waits", because=str(error))


def addresses(settings: Settings) -> Mapping[str, ServiceAddress]:
    """Return where the service of each target is that has one on a host."""
    return {
        target.name: ServiceAddress(
            manager=target.service.manager,
            unit=target.service.unit,
            directory=target.service.directory,
            port=port_of(target.url),
        )
        for target in settings.targets
        if target.service is not None and target.host is not None
    }


def _kit(
    scene: Scene,
    ward: Ward,
    looks: OutOfSchedule,
    holding: Holding,
    tell: Tell,
) -> Kit:
    """Return what changes are carried out with."""
    return Kit(
        clock=scene.clock,
        journal=scene.journal,
        herald=Herald(scene.journal, tell),
        scene=scene,
        hands=scene.hands,
        look=looks.look,
        canaries=looks.canaries,
        case=ward.evidence.case,
        diagnosis=ward.diagnosis,
        hold=holding.hold,
        tell=tell,
        owner=_own_name(),
        on=ward.evidence.on,
    )


def _desk(kit: Kit, scene: Scene, runner: Runner) -> Desk:
    """Return the desk, whose drills run the same canaries as proofs."""
    return Desk(
        clock=kit.clock,
        journal=kit.journal,
        scene=scene,
        runner=runner,
        tell=kit.tell,
        new_id=lambda: secrets.token_hex(8),
        owner=kit.owner,
        herald=kit.herald,
        canaries=kit.canaries,
    )


def own_boot(file: Path = BOOT_ID) -> str:
    """Return the boot id of our own machine, empty where it is not told."""
    try:
        return file.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""


def _own_name() -> str:
    """Return a name that no monitor had before, for locks and the audit."""
    return f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(3)}"
