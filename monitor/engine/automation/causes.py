"""Diagnoses: what a cause sets off while it is believed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
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
SOONEST = 60.0
"""Seconds between two tries for a cause that was gone meanwhile."""


class Believes(Protocol):
    """Whatever knows the diagnosis of a server: the ward."""

    def diagnosis(self, target: str) -> Diagnosis:
        """Return the diagnosis in force."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """The last try for a server; `is_gone`: its cause held not all since."""

    cause: str
    at: float
    is_gone: bool = False


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
        self._tried: dict[str, Tried] = {}

    async def work_off(self) -> None:
        """Set off what is due. Raises `CannotStore`."""
        rules = [one for one in self._rules() if one.diagnosis]
        targets = list(self._targets()) if rules else []
        self._tried = {k: v for k, v in self._tried.items() if k in targets}
        for target in targets:
            held = self._ward.diagnosis(target)
            rule = rule_for(held.cause, rules)
            if rule is None:
                self._is_gone(target)
            elif self._is_due(target, held):
                await self._set_off(target, rule)

    def _is_due(self, target: str, held: Diagnosis) -> bool:
        if held.recalled or self._changing(target):
            return False
        now = self._clock.monotonic()
        last = self._tried.get(target)
        if last is not None and last.cause == held.cause:
            again = SOONEST if last.is_gone else AGAIN_AFTER
            if now - last.at < again:
                return False
        self._tried[target] = Tried(cause=held.cause, at=now)
        return True

    def _is_gone(self, target: str) -> None:
        if (last := self._tried.get(target)) is not None:
            self._tried[target] = replace(last, is_gone=True)

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
