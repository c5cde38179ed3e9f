"""Which rule an alert or a diagnosis sets off."""

from collections.abc import Container, Iterable
from dataclasses import dataclass

from monitor.domain.alerts.alert import Outcome, Received
from monitor.domain.machine.words import length
from monitor.domain.recovery.words import Action

STALE_AFTER = 600.0
"""Seconds that an alert may wait for us. What is older tells of another time:
Alertmanager says it again while it fires, by default every 4 h, and then it
gets another turn."""

REFUSED_FOR = 600.0
"""Seconds after which one that a gate refused gets another turn when it is
sent again: what gates wait for passes, and a default cooldown is as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of `automation`: either `alert` or `diagnosis` sets it off.

    `applies`: the plan is carried out too, where the gates let automation.
    """

    action: Action
    applies: bool
    alert: str = ""
    diagnosis: str = ""

    @property
    def name(self) -> str:
        """Return what its deeds are put down to."""
        kind = "alert" if self.alert else "diagnosis"
        return f"automation: {kind} {self.alert or self.diagnosis}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The rule that an alert sets off, or what came of it without one."""

    rule: Rule | None = None
    outcome: Outcome = Outcome.NO_RULE
    because: str = ""


def judged(
    one: Received, rules: Iterable[Rule], targets: Container[str], now: float
) -> Judged:
    """Return what an alert sets off now; of several rules the first."""
    alert = one.alert
    rule = next((r for r in rules if r.alert and r.alert == alert.name), None)
    if rule is None:
        return Judged(
            outcome=Outcome.NO_RULE,
            because="no rule of automation has this alert's name",
        )
    if not alert.target:
        return Judged(
            outcome=Outcome.NO_TARGET,
            because="it has no label target, or an empty one",
        )
    if alert.target not in targets:
        return Judged(
            outcome=Outcome.UNKNOWN_TARGET,
            because="no target has the name that its label target gives",
        )
    if not 0 <= now - one.at <= STALE_AFTER:
        return Judged(
            outcome=Outcome.STALE,
            because=f"it waited for more than {length(STALE_AFTER)}, or our"
            " clock was set; while it fires it comes again",
        )
    return Judged(rule=rule)


def rule_for(cause: str, rules: Iterable[Rule]) -> Rule | None:
    """Return the first rule that a diagnosis sets off, None for none."""
    named = (one for one in rules if one.diagnosis)
    return next((one for one in named if one.diagnosis == cause), None)
