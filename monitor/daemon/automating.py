"""Wires automation: what alerts and diagnoses set off, and when."""

from collections.abc import Callable, Sequence

from monitor.config import Settings
from monitor.daemon.house import House
from monitor.domain.alerts.rules import Rule
from monitor.domain.errors import CannotStore
from monitor.domain.recovery.words import Action
from monitor.engine.automation.alerts import Alerts
from monitor.engine.automation.causes import Believes, Causes
from monitor.engine.automation.setting_off import SettingOff
from monitor.engine.events import Tell
from monitor.engine.recovery.asked import Recovery
from monitor.outputs import log
from monitor.ports import Due, Scheduler
from monitor.ports.alerts import Inbox

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
        sets_off = SettingOff(desk)
        self.alerts = Alerts(
            clock=house.clock,
            inbox=inbox,
            rules=self.rules,
            targets=lambda: house.board.targets,
            sets_off=sets_off,
            tell=tell,
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
