"""Wires automation: what alerts and diagnoses set off, and when."""

from collections.abc import Callable, Sequence

from monitor.config import Settings
from monitor.daemon.house import House
from monitor.domain.alerts.rules import Rule
from monitor.domain.errors import CannotStore
from monitor.domain.observation import Kind
from monitor.domain.recovery.words import Action
from monitor.engine.automation.alerts import Alerts
from monitor.engine.automation.causes import Believes, Causes
from monitor.engine.automation.setting_off import SettingOff
from monitor.engine.events import Tell
from monitor.engine.recovery.asked import Recovery
from monitor.outputs import log
from monitor.ports import Due, Scheduler
from monitor.ports.alerts import Inbox

FIRST_LOOKS_WITHIN = 30.0
"""Seconds that an alert waits at most for the first looks at its server: the
status' default interval."""
DECIDE = frozenset({"status", "process"})
"""Checks without which nobody knows whether a server serves."""
TICK = 1.0
"""Seconds between two looks whether something waits."""


class Automating:
    """The automation of one monitor, not yet begun.

    `in_force` returns the settings in force, None before the first.
    `changing` says why a server is being changed, empty where it is not.
    """

    def __init__(  # noqa: PLR0913 - what it is wired of, one keyword each
        self,
        *,
        house: House,
        inbox: Inbox,
        desk: Recovery,
        ward: Believes,
        changing: Callable[[str], str],
        in_force: Callable[[], Settings | None],
        tell: Tell,
    ) -> None:
        self._in_force = in_force
        self._house = house
        self._began = house.clock.monotonic()
        sets_off = SettingOff(desk)
        self.alerts = Alerts(
            clock=house.clock,
            inbox=inbox,
            rules=self.rules,
            targets=lambda: house.board.targets,
            sets_off=sets_off,
            tell=tell,
            is_known=self._is_known,
        )
        self._causes = Causes(
            clock=house.clock,
            ward=ward,
            rules=self.rules,
            targets=lambda: house.board.targets,
            changing=changing,
            sets_off=sets_off,
            tell=tell,
        )
        self._is_working = False

    def rules(self) -> Sequence[Rule]:
        """Return what is set off by what, as settings say now."""
        settings = self._in_force()
        return () if settings is None else rules(settings)

    def _is_known(self, target: str) -> bool:
        """Return whether the first looks at a server are in, or late."""
        clock, board = self._house.clock, self._house.board
        passed = clock.monotonic() - self._began
        if passed >= FIRST_LOOKS_WITHIN:
            return True
        looked = [
            entry.seen is not None and entry.seen.at >= clock.now() - passed
            for entry in board.checks_of(Kind.TARGET, target)
            if entry.check.key.check in DECIDE
        ]
        return all(looked)

    def start(self, scheduler: Scheduler, now: float) -> None:
        """Work off what waits from before, and go on."""
        scheduler.every(
            "automation", interval=TICK, first=now + TICK, turn=self._tick
        )

    async def _tick(self, _: Due) -> None:
        if self._is_working:
            return  # the one before looks at servers yet
        self._is_working = True
        try:
            await self._causes.work_off()
            await self.alerts.work_off()
        except CannotStore as error:
            log.get().error("automation waits", because=str(error))
        finally:
            self._is_working = False


def rules(settings: Settings) -> Sequence[Rule]:
    """Return the rules of `automation`, in their order."""
    return [
        Rule(
            action=Action(one.action),
            applies=one.do == "apply",
            alert=one.alert or "",
            diagnosis=one.diagnosis or "",
        )
        for one in settings.automation
    ]
