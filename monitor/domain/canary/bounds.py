"""How long a canary may take beside its job, so that every look ends."""

from dataclasses import dataclass

from monitor.domain.canary.plan import CanaryPlan

_STEPS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Seconds that each step beside the job may take.

    A step gets `slack` beyond that to end by itself, with a better sentence
    than ours.
    """

    place: float = 30.0
    fetch: float = 30.0
    compare: float = 20.0
    clean: float = 15.0
    slack: float = 1.0


def longest_look(plan: CanaryPlan, bounds: Bounds | None = None) -> float:
    """Return the seconds within which a look ends, cleaning up included."""
    own = bounds or Bounds()
    beside = own.place + own.fetch + own.compare + own.clean
    return plan.timeout + beside + _STEPS * own.slack
