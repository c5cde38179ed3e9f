"""The board: the last thing seen by every check, and what we think of it."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from monitor.domain.fleet import Host, Target
from monitor.domain.gpu.reading import Gpu, GpuReading
from monitor.domain.health import Health, of_target
from monitor.domain.history import Kept
from monitor.domain.judgement import Track
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.domain.service.beside import beside_status
from monitor.domain.status import StatusReading
from monitor.engine.check import Check
from monitor.engine.entry import Entry, ended_at
from monitor.engine.events import Rewired, Skipped

STATUS = "status"
PROCESS = "process"
Subject = tuple[Kind, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownGpu:
    """A GPU as last identified, and the versions that came with it."""

    gpu: Gpu
    driver_version: str
    cuda_version: str


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
        self.targets: dict[str, Target] = {}
        self.hosts: dict[str, Host] = {}
        self._entries: dict[CheckKey, Entry] = {}
        self._of: dict[Subject, tuple[CheckKey, ...]] = {}
        self._gpus: dict[str, dict[str, KnownGpu]] = {}
        self._versions: dict[str, StatusReading] = {}
        self.rewire(targets, hosts, checks)

    def rewire(
        self,
        targets: Iterable[Target],
        hosts: Iterable[Host],
        checks: Iterable[Check],
    ) -> Rewired:
        """Put another fleet on the board; return what is gone from it.

        A check that is the same object keeps its entry. One that replaces
        another of the same key takes over its opinion, unless the server
        is at another address now, but not its reading: that was made with
        other settings.
        """
        before = self.targets, self.hosts, self._entries
        self.targets = {t.name: t for t in targets}
        self.hosts = {h.name: h for h in hosts}
        moved = {t for t in self.targets if _moved(t, before[0], self.targets)}
        self._entries = {
            c.key: _taken_over(before[2].get(c.key), c, moved) for c in checks
        }
        self._of = _by_subject(self._entries)
        for host in self._gpus.keys() - self.hosts.keys():
            del self._gpus[host]
        for target in self._versions.keys() - self.targets.keys() | moved:
            self._versions.pop(target, None)
        return Rewired(
            checks=tuple(
                key
                for key, held in before[2].items()
                if key not in self._entries
                or self._entries[key].check is not held.check
            ),
            targets=tuple(before[0].keys() - self.targets.keys()),
            hosts=tuple(before[1].keys() - self.hosts.keys()),
            moved=tuple(moved),
        )

    def url(self, key: CheckKey) -> str:
        """Return where a check's server is, empty for a machine's."""
        if key.kind is not Kind.TARGET or key.subject not in self.targets:
            return ""
        return self.targets[key.subject].url

    def restore(self, kept: Kept) -> None:
        """Take up an opinion from before a restart; its age goes on.

        That of a server which was at another address is another server's.
        """
        held = self._entries.get(kept.key)
        if held is None or held.seen is not None:
            return
        if kept.url and kept.url != self.url(kept.key):
            return
        self._entries[kept.key] = replace(
            held,
            track=kept.track,
            last_success=kept.last_success,
            told_at=kept.told_at,
        )

    def post(self, check: Check, seen: Observation, track: Track) -> Entry:
        """Put a look on the board."""
        held = self.entry(check.key)
        told = seen.health is not Health.UNKNOWN
        entry = Entry(
            check=check,
            track=track,
            seen=seen,
            last_success=seen.at if seen.succeeded else held.last_success,
            told_at=ended_at(seen) if told else held.told_at,
            skipped=held.skipped,
        )
        self._entries[check.key] = entry
        self._identify(seen)
        return entry

    def skip(self, skipped: Skipped) -> None:
        """Note that a run did not happen."""
        held = self._entries.get(skipped.check.key)
        if held is not None:
            self._entries[held.check.key] = replace(held, skipped=skipped)

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
        entries = self.checks_of(Kind.TARGET, target)
        found = (one for one in entries if one.check.key.check == STATUS)
        answers = next(found, None)
        if answers is None:
            return of_target(
                Health.UNKNOWN, (one.health(now) for one in entries)
            )
        return of_target(
            answers.health(now),
            (counted(e, answers, now) for e in entries if e is not answers),
        )

    def checks_of(self, kind: Kind, subject: str) -> Sequence[Entry]:
        """Return the checks of one target or host, as configured."""
        keys = self._of.get((kind, subject), ())
        found = (self._entries.get(key) for key in keys)
        return [entry for entry in found if entry is not None]

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
            self._gpus[seen.key.subject] = _still_there(
                self._gpus.get(seen.key.subject, {}), known
            )
        elif isinstance(reading, StatusReading) and seen.succeeded:
            self._versions[seen.key.subject] = reading


def counted(entry: Entry, answers: Entry, now: float) -> Health:
    """Return what a check counts for beside that of the status."""
    if entry.check.kind != PROCESS:
        return entry.health(now)
    return beside_status(
        entry.health(now),
        entry.seen.reason if entry.seen else "",
        since=entry.track.since,
        status=answers.health(now),
        answered=answers.last_success,
    )


def _still_there(
    before: Mapping[str, KnownGpu], now: Mapping[str, KnownGpu]
) -> dict[str, KnownGpu]:
    """Return the cards that are seen, and those not seen nor replaced.

    A lost card keeps its identity; one whose place another card has taken
    is not in the machine any more.
    """
    taken = {_place(known.gpu) for known in now.values()}
    left = {
        uuid: known
        for uuid, known in before.items()
        if uuid not in now and _place(known.gpu) not in taken
    }
    return {**left, **now}


def _place(gpu: Gpu) -> str:
    return gpu.pci_bus_id or f"index {gpu.index}"


def _by_subject(
    keys: Iterable[CheckKey],
) -> dict[Subject, tuple[CheckKey, ...]]:
    found: defaultdict[Subject, list[CheckKey]] = defaultdict(list)
    for key in keys:
        found[key.kind, key.subject].append(key)
    return {subject: tuple(of) for subject, of in found.items()}


def _moved(
    name: str, before: Mapping[str, Target], after: Mapping[str, Target]
) -> bool:
    return name in before and before[name].url != after[name].url


def _taken_over(
    held: Entry | None, check: Check, moved: Container[str]
) -> Entry:
    if held is None:
        return Entry(check=check, track=Track())
    if held.check is check:
        return held
    if check.key.kind is Kind.TARGET and check.key.subject in moved:
        return Entry(check=check, track=Track())
    return Entry(
        check=check,
        track=held.track,
        last_success=held.last_success,
        told_at=held.told_at,
    )
