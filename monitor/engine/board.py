"""The board: the last thing seen by every check, and what we think of it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from monitor.domain.fleet import Host, Target
from monitor.domain.gpu.reading import Gpu, GpuReading
from monitor.domain.health import Health, of_target
from monitor.domain.judgement import Track
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.domain.status import StatusReading
from monitor.engine.check import Check

STATUS = "status"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownGpu:
    """A GPU as last identified, and the versions that came with it."""

    gpu: Gpu
    driver_version: str
    cuda_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One check on the board.

    `last_success` and `told_at` are Unix times in seconds: when it last
    succeeded, and until when its last look lasted that could tell anything.
    """

    check: Check
    track: Track
    seen: Observation | None = None
    last_success: float | None = None
    told_at: float | None = None

    def fresh(self, now: float) -> Observation | None:
        """Return what was seen unless it is too old to be a fact.

        One from the future is as bad: the clock was set back since, and
        nobody knows its age.
        """
        if self.seen is None:
            return None
        return self.seen if self._recent(_end(self.seen), now) else None

    def health(self, now: float) -> Health:
        """Return the opinion, unknown when it rests on nothing fresh."""
        if self._recent(self.told_at, now):
            return self.track.health
        return Health.UNKNOWN

    def _recent(self, at: float | None, now: float) -> bool:
        return at is not None and abs(now - at) <= self.check.stale_after


class Board:
    """Everything known now. Written by the watch, read by the outputs.

    A scrape reads it from another thread: values are replaced whole, never
    changed in place.
    """

    def __init__(
        self,
        targets: Iterable[Target],
        hosts: Iterable[Host],
        checks: Iterable[Check],
    ) -> None:
        self.targets = {t.name: t for t in targets}
        self.hosts = {h.name: h for h in hosts}
        self._entries = {c.key: Entry(check=c, track=Track()) for c in checks}
        self._of_target: defaultdict[str, list[CheckKey]] = defaultdict(list)
        for key in self._entries:
            if key.kind is Kind.TARGET:
                self._of_target[key.subject].append(key)
        self._gpus: dict[str, dict[str, KnownGpu]] = {}
        self._versions: dict[str, StatusReading] = {}

    def post(self, check: Check, seen: Observation, track: Track) -> None:
        """Put a look on the board."""
        held = self.entry(check.key)
        told = seen.health is not Health.UNKNOWN
        self._entries[check.key] = Entry(
            check=check,
            track=track,
            seen=seen,
            last_success=seen.at if seen.succeeded else held.last_success,
            told_at=_end(seen) if told else held.told_at,
        )
        self._identify(seen)

    def entry(self, key: CheckKey) -> Entry:
        """Return a check's entry; KeyError for a check that is not ours."""
        return self._entries[key]

    def find(self, key: CheckKey) -> Entry | None:
        """Return a check's entry, None for a check that is not ours."""
        return self._entries.get(key)

    def entries(self) -> Iterator[Entry]:
        """Iterate over all checks, in the order they were configured."""
        return iter(self._entries.copy().values())

    def health(self, target: str, now: float) -> Health:
        """Return a server's health from its fresh checks."""
        status, others = Health.UNKNOWN, []
        for key in self._of_target.get(target, ()):
            health = self._entries[key].health(now)
            if key.check == STATUS:
                status = health
            else:
                others.append(health)
        return of_target(status, others)

    def gpus(self, host: str) -> Mapping[str, KnownGpu]:
        """Return the GPUs ever identified on a host, by uuid."""
        return self._gpus.get(host, {})

    def server(self, target: str) -> StatusReading | None:
        """Return the last good status reading, for identity only."""
        return self._versions.get(target)

    def _identify(self, seen: Observation) -> None:
        reading = seen.reading
        if isinstance(reading, GpuReading):
            known = {
                gpu.uuid: KnownGpu(
                    gpu=gpu,
                    driver_version=reading.driver_version,
                    cuda_version=reading.cuda_version,
                )
                for gpu in reading.gpus
            }
            host = seen.key.subject
            self._gpus[host] = self._gpus.get(host, {}) | known
        elif isinstance(reading, StatusReading) and seen.succeeded:
            self._versions[seen.key.subject] = reading


def _end(seen: Observation) -> float:
    """Return the Unix time in seconds when a look ended."""
    return seen.at + seen.duration
