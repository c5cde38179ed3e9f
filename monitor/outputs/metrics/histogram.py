"""A classic histogram that is rendered when it changes.

prometheus_client's own would render every child at every scrape.
"""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

from monitor.outputs.metrics.sheet import Sheet
from monitor.outputs.metrics.text import Labels, number


class Buckets:
    """Counts values up to each bound, and beyond the last."""

    __slots__ = ("_bounds", "_counts", "_sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        """Count a value; one that equals a bound is within it."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def write(self, sheet: Sheet, name: str, labels: Labels) -> None:
        """Write the buckets, the count and the sum."""
        within = tuple(accumulate(self._counts))
        bounds = (*self._bounds, float("inf"))
        for bound, count in zip(bounds, within, strict=True):
            up_to = labels.also(le=number(bound))
            sheet.put(name, count, up_to, "_bucket")
        sheet.put(name, within[-1], labels, "_count")
        sheet.put(name, self._sum, labels, "_sum")
