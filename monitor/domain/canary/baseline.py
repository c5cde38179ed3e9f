"""What a canary usually takes: the server's own history as a measure.

Median and median absolute deviation of the last ok runs (DESIGN §3.5) are
robust: a slow run among fifty moves neither. The baseline looks both ways. A
job done in a fraction of its usual time is suspicious as well: a cached
answer, or work that was not done.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from monitor.domain.canary.reading import CanaryReading, Operation

KEPT = 50
"""Ok runs that a baseline rests on (DESIGN §3.5)."""
ENOUGH = 10
"""Ok runs before there is one; fewer know no spread."""
SIGMA = 1.4826
"""What makes a median deviation a standard one, for a normal spread."""
FAR = 6.0
"""Standard deviations that are no chance. Runs are few, pages are not."""
LEAST_SHARE = 0.5
"""Share of the median that is never far: the guide's own ranges are that
wide, and its benchmark tolerates half as much again."""
LEAST_SECONDS = 0.25
"""Seconds that are never far: a network and a disk take as much at times."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Same:
    """What runs must have in common to be compared.

    `canary` is its name, without the `canary.` of its check. `gpu` and
    `version` are empty when nobody knew. `operation` and `model` are there
    for a canary that is given another job under its old name.
    """

    target: str
    canary: str
    operation: Operation
    model: str = ""
    gpu: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What `runs` ok runs took: their median and their spread, in seconds.

    `spread` is the median absolute deviation.
    """

    median: float
    spread: float
    runs: int

    @property
    def slow_above(self) -> float:
        """Return the seconds above which a run is slower than usual."""
        return self.median + self._far

    @property
    def fast_below(self) -> float:
        """Return the seconds below which a run is suspiciously fast.

        Not above 0 where the usual time is too short to tell.
        """
        return self.median - self._far

    @property
    def _far(self) -> float:
        return max(
            FAR * SIGMA * self.spread,
            LEAST_SHARE * self.median,
            LEAST_SECONDS,
        )


def of(seconds: Sequence[float]) -> Baseline | None:
    """Return the baseline of the last runs, None while there are too few."""
    if len(seconds) < ENOUGH:
        return None
    middle = median(seconds)
    spread = median(abs(one - middle) for one in seconds)
    return Baseline(median=middle, spread=spread, runs=len(seconds))


def same(target: str, run: CanaryReading) -> Same:
    """Return what a run is compared by."""
    return Same(
        target=target,
        canary=run.canary,
        operation=run.operation,
        model=run.model,
        gpu=run.gpu,
        version=run.version,
    )
