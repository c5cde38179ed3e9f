"""Diagnoses: what a cause sets off while it is believed."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Protocol

from monitor.domain.alerts.rules import Rule, rule_for
from monitor.domain.diagnosis.diagnosis import Diagnosis
from monitor.engine.automation.setting_off import Sets, Wish
from monitor.engine.events import CauseTold, Tell
from monitor.ports import Clock

AGAIN_AFTER = 600.0
"""Seconds between two tries while the same cause holds: as long as a default
cooldown."""


class Believes(Protocol):
    """Whatever knows the diagnosis of a server: the ward."""

    def diagnosis(self, target: str) -> Diagnosis:
        """Return the diagnosis in force."""
        ...


class Causes:
    """Sets rules off for the diagnoses in force.

    `changing` returns why a server is being changed, empty where it is not.
    """

    def __init__(  # noqa: PLR0913 - its doors, one keyword each
        self,
        *,
        clock: Clock,
        ward: Believes,
        rules: Callable[[], Sequence[Rule]],
        targets: Callable[[], Iterable[str]],
        changing: Callable[[str], str],
        sets_off: Sets,
        tell: Tell,
    ) -> None:
        self._clock = clock
        self._ward = ward
        self._rules = rules
        self._targets = targets
        self._changing = changing
        self._sets_off = sets_off
        self._tell = tell
        self._tried: dict[str, tuple[str, float]] = {}

    async def work_off(self) -> None:
        """Set off what is due. Raises `CannotStore`."""
        rules = [one for one in self._rules() if one.diagnosis]
        targets = list(self._targets()) if rules else []
        self._tried = {k: v for k, v in self._tried.items() if k in targets}
        for target in targets:
            held = self._ward.diagnosis(target)
            rule = rule_for(held.cause, rules)
            if rule is None:
                self._tried.pop(target, None)
            elif self._is_due(target, held):
                await self._set_off(target, rule)

    def _is_due(self, target: str, held: Diagnosis) -> bool:
        if held.recalled or self._changing(target):
            return False
        now = self._clock.monotonic()
        cause, at = self._tried.get(target, ("", 0.0))
        if cause == held.cause and now - at < AGAIN_AFTER:
            return False
        self._tried[target] = (held.cause, now)
        return True

    async def _set_off(self, target: str, rule: Rule) -> None:
        at = datetime.fromtimestamp(self._clock.now(), UTC)
        came = await self._sets_off(
            Wish(
                rule=rule,
                target=target,
                reason=f"it was diagnosed as {rule.diagnosis} at"
                f" {at.isoformat(timespec='milliseconds')}",
            )
        )
        self._tell(
            CauseTold(
                target=target,
                cause=rule.diagnosis,
                outcome=came.outcome,
                because=came.because,
            )
        )
