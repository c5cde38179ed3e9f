"""Wires recovery: the desk, the runner, the sweeper, and what they see."""

import os
import secrets
import socket
from collections.abc import Callable, Mapping

from monitor.config import Settings
from monitor.daemon.house import House
from monitor.daemon.out_of_schedule import OutOfSchedule
from monitor.daemon.policies import policies
from monitor.daemon.services import port_of
from monitor.daemon.standings import Standings
from monitor.domain.errors import CannotStore
from monitor.domain.recovery.policy import Policy
from monitor.engine.events import ChangeTold, Event, PlanTold, Tell
from monitor.engine.maintenance import Book
from monitor.engine.recovery.desk import Desk
from monitor.engine.recovery.desk_telling import Herald
from monitor.engine.recovery.holding import Holding
from monitor.engine.recovery.runner import Runner
from monitor.engine.recovery.runner_kit import Kit
from monitor.engine.recovery.scene import Scene, ServiceAddress
from monitor.engine.recovery.sweep import Sweeper
from monitor.engine.ward import Ward
from monitor.engine.watch import Watch
from monitor.outputs import log
from monitor.ports import Due, Journal, Scheduler

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
    ) -> None:
        self._journal, self._tell = journal, tell
        self._in_force = in_force
        clock, board = house.clock, house.board
        looks = OutOfSchedule(board, watch)
        owner = _own_name()
        scene = Scene(
            clock=clock,
            board=board,
            evidence=ward.evidence,
            ward=ward,
            book=book,
            journal=journal,
            policies=self.policies,
            services=self.services,
            look=looks.look,
            hands=house.hand,
            why_no_hand=_why_no_hand,
        )
        kit = Kit(
            clock=clock,
            journal=journal,
            herald=Herald(journal, tell),
            scene=scene,
            hands=house.hand,
            look=looks.look,
            canaries=looks.canaries,
            case=ward.evidence.case,
            diagnosis=ward.diagnosis,
            hold=holding.hold,
            tell=tell,
            owner=owner,
        )
        self.runner = Runner(kit)
        self.sweeper = Sweeper(kit, self.runner)
        self.desk = Desk(
            clock=clock,
            journal=journal,
            scene=scene,
            runner=self.runner,
            tell=tell,
            new_id=lambda: secrets.token_hex(8),
            owner=owner,
            herald=kit.herald,
        )
        self.standings = Standings(
            clock=clock,
            journal=journal,
            targets=lambda: board.targets,
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
        """Note that something was done: what is left is another number."""
        if isinstance(event, ChangeTold):
            self._is_stale = True

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


def _why_no_hand(host: str) -> str:
    return (
        f"no key may act on {host}: set hosts[].ssh.act_key_file, then"
        f" `facefusion-monitor host install {host}`"
    )


def _own_name() -> str:
    """Return a name that no monitor had before, for locks and the audit."""
    return f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(3)}"
