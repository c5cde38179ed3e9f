"""What every canary usually takes, in memory."""

from collections import OrderedDict
from collections.abc import Iterable

from monitor.domain.canary import baseline
from monitor.domain.canary.baseline import KEPT, Baseline, Same
from monitor.domain.canary.reading import CanaryReading
from monitor.domain.observation import Observation
from monitor.engine.events import Event, Looked, Rewired

MOST = 10_000
"""Baselines kept; the one that heard nothing for longest goes first."""


class Baselines:
    """The last ok runs of every canary, by GPU model and server version.

    A run says itself whether it counts (`CanaryReading.counted`), so that
    what the store kept gives the same baselines as what was heard.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._runs: OrderedDict[Same, tuple[float, ...]] = OrderedDict()

    def find(self, same: Same) -> Baseline | None:
        """Return what such a run usually takes, None while unknown."""
        return baseline.of(self._runs.get(same, ()))

    def heard(self, event: Event) -> None:
        """Take in a run that counts."""
        if isinstance(event, Looked):
            self._add(event.seen)
        elif isinstance(event, Rewired) and event.moved:
            moved = set(event.moved)
            self._runs = OrderedDict(
                (same, runs)
                for same, runs in self._runs.items()
                if same.target not in moved
            )

    def restore(self, newest_first: Iterable[Observation]) -> None:
        """Take in runs as the store returns them, before any is heard."""
        for seen in reversed(tuple(newest_first)):
            self._add(seen)

    def _add(self, seen: Observation) -> None:
        run = seen.reading
        if not isinstance(run, CanaryReading) or not run.counted:
            return
        if run.duration is None:
            return
        same = baseline.same(seen.key.subject, run)
        held = self._runs.pop(same, ())
        self._runs[same] = (*held, run.duration)[-KEPT:]
        if len(self._runs) > self._most:
            self._runs.popitem(last=False)
