"""Which canaries have not run since their server started.

A started server has loaded no model: its first run of each is `cold`. In the
guide's dialect no server says when it started. So a canary is cold when it
runs for the first time since this process did, after the status check saw
its server down (a connection refused, or an opinion of unhealthy) and up
again, after another version showed, and after the start time changed where
`started_at` knows one.
"""

from collections import defaultdict
from collections.abc import Callable

from monitor.domain.canary.reading import CanaryReading, Result
from monitor.domain.health import Health
from monitor.domain.observation import CheckKey, Kind
from monitor.domain.status import StatusReading
from monitor.engine.events import Event, Looked, Rewired

_DONE = {
    Result.OK,
    Result.COLD,
    Result.SLOW,
    Result.UNVERIFIED,
    Result.INVALID_OUTPUT,
}
_SAME_START = 2.0
"""Seconds by which two readings of one start time may differ."""

_Mark = tuple[int, float | None]


def never_known(_: str) -> float | None:
    """Know no start time of any server."""
    return None


class Warmth:
    """Remembers in which life of its server a canary ran last.

    `started_at` returns the Unix time in seconds when a target's process
    started, None when nobody knows. `at_first` says whether the first run
    ever is cold: not for a single look without a daemon.
    """

    def __init__(
        self,
        started_at: Callable[[str], float | None] = never_known,
        *,
        at_first: bool = True,
    ) -> None:
        self._started_at = started_at
        self._at_first = at_first
        self._lives: defaultdict[str, int] = defaultdict(int)
        self._down: set[str] = set()
        self._versions: dict[str, str] = {}
        self._warm: dict[CheckKey, _Mark] = {}

    def is_cold(self, key: CheckKey) -> bool:
        """Return whether this canary's next run is its server's first."""
        if key not in self._warm:
            return self._at_first or self._lives[key.subject] > 0
        life, started = self._warm[key]
        if life != self._lives[key.subject]:
            return True
        now = self._started_at(key.subject)
        if started is None or now is None:
            return False
        return abs(now - started) > _SAME_START

    def heard(self, event: Event) -> None:
        """Take in looks at servers, runs of canaries, and what is gone."""
        if isinstance(event, Rewired):
            self._forget(event)
        elif isinstance(event, Looked):
            reading = event.seen.reading
            if isinstance(reading, StatusReading):
                self._status(event, reading)
            elif isinstance(reading, CanaryReading):
                self._ran(event.seen.key, reading)

    def _status(self, looked: Looked, reading: StatusReading) -> None:
        target = looked.seen.key.subject
        if not looked.seen.succeeded:
            gone = looked.seen.reason == "refused"
            if gone or looked.track.health is Health.UNHEALTHY:
                self._down.add(target)
            return
        known = self._versions.get(target)
        changed = known is not None and known != reading.version
        if reading.version:
            self._versions[target] = reading.version
        if target in self._down or (changed and reading.version):
            self._down.discard(target)
            self._lives[target] += 1

    def _ran(self, key: CheckKey, run: CanaryReading) -> None:
        if run.result in _DONE:
            started = self._started_at(key.subject)
            self._warm[key] = self._lives[key.subject], started

    def _forget(self, gone: Rewired) -> None:
        for key in gone.checks:
            self._warm.pop(key, None)
        for target in gone.targets:
            for known in (self._lives, self._versions):
                known.pop(target, None)
            self._down.discard(target)
        targets = set(gone.targets)
        self._warm = {
            key: mark
            for key, mark in self._warm.items()
            if key.kind is not Kind.TARGET or key.subject not in targets
        }
