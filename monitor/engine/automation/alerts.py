"""Alerts: kept at once, worked off afterwards."""

from collections import Counter
from collections.abc import Callable, Container, Sequence

from monitor.domain.alerts.alert import Alert, Outcome, Received, Settled
from monitor.domain.alerts.rules import Judged, Rule, judged
from monitor.domain.errors import CannotStore
from monitor.engine.automation.setting_off import SetOff, Sets, Wish
from monitor.engine.events import AlertsTold, Tell
from monitor.ports import Clock
from monitor.ports.alerts import Inbox

AT_ONCE = 500
"""Alerts that are worked off at a time, before others get their turn."""
Refusals = dict[tuple[Rule, str], SetOff]
"""What gates refused in one go, by rule and target: a hundred alerts of one
server are not planned for a hundred times."""


class Alerts:
    """Takes alerts in, and works them off one after another.

    `rules` and `targets` return what is configured now. `is_known` says
    whether a target was looked at since the start: before that an alert
    waits, as gates would go by what was known before it.
    """

    def __init__(  # noqa: PLR0913 - its doors, one keyword each
        self,
        *,
        clock: Clock,
        inbox: Inbox,
        rules: Callable[[], Sequence[Rule]],
        targets: Callable[[], Container[str]],
        sets_off: Sets,
        tell: Tell,
        is_known: Callable[[str], bool] = lambda _: True,
    ) -> None:
        self._clock = clock
        self._inbox = inbox
        self._rules = rules
        self._targets = targets
        self._sets_off = sets_off
        self._tell = tell
        self._is_known = is_known
        self._may_wait = True  # from before a restart

    async def take(self, alerts: Sequence[Alert]) -> Sequence[Outcome | None]:
        """Keep alerts; return of each what came of it, None where it waits.

        Raises `CannotStore`: then none was kept.
        """
        try:
            kept = await self._inbox.keep(alerts, at=self._clock.now())
        finally:
            # Who asks may be gone by now, and it may be kept all the same.
            self._may_wait = True
        for outcome, many in Counter(kept).items():
            if outcome is not None:
                self._tell(AlertsTold(outcome=outcome, count=many))
        return kept

    async def work_off(self) -> None:
        """Let something come of those that wait, oldest first.

        Raises `CannotStore`; what came of nothing yet waits on.
        """
        if not self._may_wait:
            return
        self._may_wait = False
        left = True
        refused: Refusals = {}
        try:
            for _ in range(AT_ONCE):
                did, left = await self._first(refused)
                if not did:
                    break
        finally:
            self._may_wait = self._may_wait or left

    async def _first(self, refused: Refusals) -> tuple[bool, bool]:
        """Let something come of the oldest; return whether, and who is left.

        All are judged anew each time: what came of one took seconds, and
        others may be over since, or another rule holds. Those without a rule
        come to nothing together.
        """
        waiting = await self._inbox.pending(limit=AT_ONCE)
        rules, targets = self._rules(), self._targets()
        now = self._clock.now()
        found = [(one, judged(one, rules, targets, now)) for one in waiting]
        nothing = [(one, s) for one, s in found if s.rule is None]
        await self._settle([(one, _settled(one, s)) for one, s in nothing])
        ready = (
            (one, said.rule)
            for one, said in found
            if said.rule is not None and self._is_known(one.alert.target)
        )
        done = len(nothing)
        for one, rule in ready:
            came = await self._set_off(one, rule, refused)
            await self._settle([(one, came)])
            done += 1
            break
        return done > 0, len(waiting) > done or len(waiting) == AT_ONCE

    async def _set_off(
        self, one: Received, rule: Rule, refused: Refusals
    ) -> Settled:
        alert = one.alert
        wish = Wish(
            rule=rule,
            target=alert.target,
            reason=f"alert {rule.alert} fires since {alert.started}"
            f" (fingerprint {alert.fingerprint})",
        )
        came = await self._came(wish, refused)
        return Settled(
            number=one.number, outcome=came.outcome, because=came.because
        )

    async def _came(self, wish: Wish, refused: Refusals) -> SetOff:
        which = (wish.rule, wish.target)
        if which in refused:
            return refused[which]
        try:
            came = await self._sets_off(wish)
        except CannotStore:
            raise
        except Exception as error:  # noqa: BLE001 - others have their turn
            because = f"cannot set it off: {type(error).__name__}: {error}"
            return SetOff(outcome=Outcome.REFUSED, because=because)
        if came.outcome is Outcome.REFUSED:
            refused[which] = came
        return came

    async def _settle(
        self, settled: Sequence[tuple[Received, Settled]]
    ) -> None:
        if not settled:
            return
        await self._inbox.settle([one for _, one in settled])
        for received, one in settled:
            self._tell(
                AlertsTold(
                    outcome=one.outcome,
                    alert=received.alert,
                    because=one.because,
                )
            )


def _settled(one: Received, said: Judged) -> Settled:
    return Settled(
        number=one.number, outcome=said.outcome, because=said.because
    )
