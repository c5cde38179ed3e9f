"""The guide's benchmark: how long a job takes on an RTX 3090.

Source: the integration guide, "Performance Benchmarks": expected processing
times of a 512x512 image, in seconds. Batch has none of its own: it is the
sum of its parts.
"""

import re
from collections.abc import Iterable

from monitor.domain.canary.reading import Operation

_E, _A, _S = Operation.ENHANCE, Operation.AGE, Operation.SWAP

RTX_3090 = {
    (_E, "gfpgan_1.4"): (1.0, 2.0),
    (_E, "codeformer"): (2.0, 3.0),
    (_E, "restoreformer_plus_plus"): (3.0, 5.0),
    (_A, ""): (2.0, 3.0),
    (_S, "inswapper_128"): (3.0, 4.0),
    (_S, "inswapper_256"): (3.0, 4.0),
}
TOO_LONG = 30.0
"""Seconds over which the guide calls the server itself sick."""

_ITS_GPU = re.compile(r"\bRTX 3090\b(?! ?Ti\b)", re.IGNORECASE)


def bounds(operation: Operation, model: str) -> tuple[float, float] | None:
    """Return the (low, high) seconds of a job, None when there are none."""
    return RTX_3090.get((operation, model))


def summed(
    parts: Iterable[tuple[Operation, str]],
) -> tuple[float, float] | None:
    """Return the bounds of several jobs; None when one of them has none."""
    low = high = 0.0
    for operation, model in parts:
        found = bounds(operation, model)
        if found is None:
            return None
        low, high = low + found[0], high + found[1]
    return low, high


def overridden(
    table: tuple[float, float] | None,
    *,
    low: float | None = None,
    high: float | None = None,
) -> tuple[float, float] | None:
    """Return the bounds with what a canary sets itself, in seconds.

    A `low` without any high bound is none; a bound that would cross the
    other one moves to it.
    """
    table_low, table_high = table or (None, None)
    upper = table_high if high is None else high
    if upper is None:
        return None
    lower = table_low if low is None else low
    return min(upper if lower is None else lower, upper), upper


def ratio(duration: float, high: float) -> float | None:
    """Return the duration beside the high bound; None for a bound of 0."""
    return duration / high if high > 0 else None


def judges(gpu: str | None, factor: float | None) -> bool:
    """Return whether the benchmark may call a run slow (DESIGN §3.5).

    It may on an RTX 3090, on a GPU that nobody knows, and where a factor
    says how the GPU compares. An RTX 3090 Ti is another card.
    """
    return factor is not None or not gpu or bool(_ITS_GPU.search(gpu))


def limit(high: float, factor: float, tolerance: float) -> float:
    """Return the seconds above which a run is slow."""
    return high * factor * tolerance


def is_slow(
    duration: float, high: float, factor: float, tolerance: float
) -> bool:
    """Return whether a run took longer than the benchmark tolerates."""
    return duration > limit(high, factor, tolerance)
