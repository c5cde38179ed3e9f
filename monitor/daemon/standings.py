"""What may still be done to which servers, for the metrics.

Asked from the thread that renders: it answers from what was read last.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from monitor.domain.fleet import Target
from monitor.domain.recovery.past import Deed
from monitor.domain.recovery.policy import Policy
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.situation import SecondLook, Situation
from monitor.domain.recovery.standing import is_breaker_open, left
from monitor.domain.recovery.words import Action
from monitor.outputs.metrics.recovery import Standing
from monitor.ports import Clock, Journal

PAST = 7 * 86_400.0
"""Seconds of deeds that are read at least; longer budgets read more."""
_NOBODY = Principal(name="metrics")
_UNSEEN = SecondLook(agrees=None, because="nobody looked")
_OFF = "off"


@dataclass(kw_only=True, eq=False)
class Standings:
    """Keeps the deeds that count; `refresh` reads them anew."""

    clock: Clock
    journal: Journal
    targets: Callable[[], Mapping[str, Target]]
    policies: Callable[[], Mapping[str, Policy]]
    _deeds: Sequence[Deed] = field(default=())

    async def refresh(self) -> None:
        """Read what was done of late. Raises `CannotStore`."""
        windows = (
            budget.window
            for policy in self.policies().values()
            for budget in policy.budgets.values()
        )
        longest = max((PAST, *windows))
        now = self.clock.now()
        self._deeds = tuple(await self.journal.deeds(since=now - longest))

    def __call__(self) -> Iterable[Standing]:
        """Yield a standing for each server that something is allowed on."""
        targets, deeds = self.targets(), self._deeds
        for name, policy in self.policies().items():
            target = targets.get(name)
            if target is not None and policy.allow and policy.mode != _OFF:
                yield self._standing(target, policy, deeds)

    def _standing(
        self, target: Target, policy: Policy, deeds: Sequence[Deed]
    ) -> Standing:
        weighed = {
            action: self._situation(target, policy, action, deeds)
            for action in sorted(policy.allow - {Action.RECOVER})
        }
        return Standing(
            target=target.name,
            budgets=tuple((a.value, left(s)) for a, s in weighed.items()),
            breaker_open=any(map(is_breaker_open, weighed.values())),
        )

    def _situation(
        self,
        target: Target,
        policy: Policy,
        action: Action,
        deeds: Sequence[Deed],
    ) -> Situation:
        return Situation(
            now=self.clock.now(),
            action=action,
            target=target,
            policy=policy,
            by=_NOBODY,
            diagnosis=None,
            service=None,
            second=_UNSEEN,
            past=tuple(one for one in deeds if one.target == target.name),
        )
