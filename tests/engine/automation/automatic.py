"""A fleet, a desk, an inbox, and the automation between them."""

from collections.abc import Sequence
from dataclasses import replace

from monitor.domain.alerts.alert import Outcome
from monitor.domain.alerts.rules import Rule
from monitor.domain.recovery.plan import Plan
from monitor.domain.recovery.words import Action
from monitor.engine.automation.alerts import Alerts
from monitor.engine.automation.causes import Causes
from monitor.engine.automation.setting_off import Sets, SettingOff
from monitor.engine.events import AlertsTold, CauseTold
from tests.engine.recovery.wards import Fleet
from tests.fakes.inbox import FakeInbox

PLANS = Rule(action=Action.RESTART, applies=False, alert="FaceFusionPage")
APPLIES = replace(PLANS, applies=True)


class Automatic:
    """A sick server `studio`, and what sets something off for it."""

    def __init__(self, *rules: Rule, mode: str = "auto") -> None:
        self.fleet = Fleet()
        self.fleet.hangs()
        self.fleet.allow(mode=mode, auto=frozenset({Action.RESTART}))
        self.rules = rules or (APPLIES,)
        self.inbox = FakeInbox()
        self.busy: dict[str, str] = {}
        self.known = {"studio", "attic"}
        self.alerts, self.causes = self.begun()

    def begun(self) -> tuple[Alerts, Causes]:
        """Return the automation of a monitor that was just started."""
        fleet = self.fleet
        sets_off = SettingOff(fleet.a_desk())
        self.sets_off(sets_off)
        causes = Causes(
            clock=fleet.clock,
            ward=fleet.ward,
            rules=lambda: self.rules,
            targets=lambda: fleet.board.targets,
            changing=lambda target: self.busy.get(target, ""),
            sets_off=sets_off,
            tell=fleet.tell,
        )
        return self.alerts, causes

    def sets_off(self, sets_off: Sets) -> None:
        """Let another thing set off what alerts ask for."""
        fleet = self.fleet
        self.alerts = Alerts(
            clock=fleet.clock,
            inbox=self.inbox,
            rules=lambda: self.rules,
            targets=lambda: fleet.board.targets,
            sets_off=sets_off,
            tell=fleet.tell,
            is_known=lambda target: target in self.known,
        )

    @property
    def outcomes(self) -> list[tuple[Outcome, int]]:
        """Return what came of alerts, as it was told."""
        told = self.fleet.told
        return [
            (o.outcome, o.count) for o in told if isinstance(o, AlertsTold)
        ]

    @property
    def because(self) -> str:
        """Return why, of the newest alert."""
        told = self.fleet.told
        return [o.because for o in told if isinstance(o, AlertsTold)][-1]

    @property
    def came(self) -> list[Outcome]:
        """Return what came of diagnoses, as it was told."""
        told = self.fleet.told
        return [one.outcome for one in told if isinstance(one, CauseTold)]

    async def plans(self) -> Sequence[Plan]:
        kept = await self.fleet.journal.plans(limit=100)
        return [one.plan for one in kept]

    async def changes(self) -> int:
        return len(await self.fleet.journal.changes(limit=100))
