"""The answers to a request that is not carried out."""

from collections.abc import Iterable

from monitor.domain.errors import MonitorError
from monitor.domain.recovery.verdict import Verdict


class RefusedPlan(MonitorError):
    """A gate refuses; `steps` are what would have been done.

    `gates` are all verdicts, those that allow too; `by_hand` are the steps
    for people where too few others could approve it.
    """

    def __init__(
        self,
        text: str,
        *,
        steps: Iterable[str],
        gates: Iterable[Verdict],
        by_hand: Iterable[str] = (),
    ) -> None:
        super().__init__(text)
        self.steps = tuple(steps)
        self.gates = tuple(gates)
        self.by_hand = tuple(by_hand)


class PlanOver(MonitorError):
    """A plan that expired, was applied, denied, or does not hold any more."""


class CannotLook(MonitorError):
    """What a plan was made of cannot be seen just now; it stays open."""


class NotYours(MonitorError):
    """A person may not give this word: they asked for it themselves."""


class UnknownRequest(MonitorError):
    """No plan or change has this id."""


class WrongConfirmation(MonitorError):
    """What was typed is not what a plan asks to be typed."""
