"""Our own canary runs: when they were, and what they took of the GPU."""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from monitor.domain.canary.budget import UNANSWERED, WINDOW
from monitor.domain.canary.reading import CanaryReading
from monitor.domain.observation import CheckKey, Observation
from monitor.engine.check import Check

MOST_RUNS = 500
"""Runs of one server that are remembered: an hour of any sane setting."""
AFTERGLOW = 2.0
"""Seconds after a run in which a GPU's average still shows it."""
LONGEST_WAIT = 300.0
"""Seconds that a run that was let through may wait for its lane."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run that ended, in Unix seconds; `gpu` is what it took of it."""

    key: CheckKey
    begun: float
    ended: float
    gpu: float


class CanaryRuns:
    """Remembers runs by server, and which were let through and run now."""

    def __init__(self) -> None:
        self._ended: defaultdict[str, deque[Run]] = defaultdict(
            lambda: deque(maxlen=MOST_RUNS)
        )
        self._let: dict[CheckKey, tuple[float, float]] = {}

    def let(self, check: Check, now: float) -> None:
        """Take note that a run may begin from now on."""
        self._let[check.key] = now, now + check.deadline + LONGEST_WAIT

    def ended(self, check: Check, seen: Observation, now: float) -> None:
        """Take note of a run that ended just now."""
        self._ended[check.key.subject].append(
            Run(
                key=check.key,
                begun=now - seen.duration,
                ended=now,
                gpu=_gpu_seconds(check, seen),
            )
        )

    def withdraw(self, key: CheckKey) -> None:
        """Take note that a run is over, or will not happen."""
        self._let.pop(key, None)

    def keep(self, targets: Collection[str]) -> None:
        """Forget the servers that are not among these."""
        for target in self._ended.keys() - set(targets):
            del self._ended[target]

    def recent(self, targets: Iterable[str], now: float) -> Iterator[Run]:
        """Yield these servers' runs of the last hour."""
        for target in targets:
            for run in self._ended.get(target, ()):
                if 0.0 <= now - run.ended <= WINDOW:
                    yield run

    def during(
        self, targets: Collection[str], seen: Observation, now: float
    ) -> bool:
        """Return whether one of these servers' runs shows in a look."""
        ended = seen.at + seen.duration
        return any(
            run.begun <= ended and seen.at <= run.ended + AFTERGLOW
            for run in self.recent(targets, now)
        ) or any(
            begun <= ended and now <= until
            for key, (begun, until) in self._let.items()
            if key.subject in targets
        )


def _gpu_seconds(check: Check, seen: Observation) -> float:
    run = seen.reading
    if isinstance(run, CanaryReading) and run.duration is not None:
        return run.duration
    return min(seen.duration, check.timeout, UNANSWERED)
