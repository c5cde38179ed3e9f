"""The evidence: what the board shows of one server, as a case."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.life import began, in_this_life
from monitor.domain.diagnosis.memory import NOTHING, Memory, learn
from monitor.domain.fleet import Target
from monitor.domain.health import Health
from monitor.domain.judgement import Track
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.engine.board import PROCESS, STATUS, Board, counted
from monitor.engine.entry import Entry

CONTROL = CheckKey(kind=Kind.MONITOR, subject="monitor", check="control")
"""The look at our own network."""
CANARY = "canary"


class Evidence:
    """Keeps what one look alone cannot show, and makes cases of it all."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._grounds: dict[CheckKey, Observation] = {}
        self._memory: dict[str, Memory] = {}
        self._indexed: Mapping[str, Target] = {}
        self._on: Mapping[str, Sequence[str]] = {}

    def saw(self, seen: Observation, track: Track) -> None:
        """Take in a look and the opinion after it."""
        if seen.health is track.health:
            self._grounds[seen.key] = seen
        for name in self.concerned(seen.key):
            target = self._board.targets[name]
            held = self._memory.get(name, NOTHING)
            self._memory[name] = learn(held, target, seen)

    def concerned(self, key: CheckKey) -> Sequence[str]:
        """Return the servers that a check is evidence about.

        A look at ourselves is about nobody in particular.
        """
        if key.kind is Kind.TARGET:
            known = key.subject in self._board.targets
            return (key.subject,) if known else ()
        return self.on(key.subject) if key.kind is Kind.HOST else ()

    def on(self, host: str) -> Sequence[str]:
        """Return the servers on a machine."""
        targets = self._board.targets
        if targets is not self._indexed:
            self._indexed, self._on = targets, _by_host(targets)
        return self._on.get(host, ())

    def forget(self, checks: Sequence[CheckKey], targets: set[str]) -> None:
        """Forget checks that are gone, and servers gone or moved."""
        for key in checks:
            self._grounds.pop(key, None)
        for name in targets:
            self._memory.pop(name, None)

    def case(self, name: str, now: float, loop_lag: float = 0.0) -> Case:
        """Return all that is known of a server at a Unix time.

        Raises `KeyError` for a server that is not on the board.
        """
        target = self._board.targets[name]
        entries = {
            entry.check.key.check: entry
            for entry in self._board.checks_of(Kind.TARGET, name)
        }
        control = self._board.find(CONTROL)
        return Case(
            now=now,
            target=target,
            looks=_of_this_life(dict(self._own(entries, now))),
            host={
                entry.check.key.check: self._look(entry, now)
                for entry in self._board.checks_of(Kind.HOST, target.host)
            },
            control=self._look(control, now) if control else None,
            memory=self._memory.get(name, NOTHING),
            loop_lag=loop_lag,
        )

    def _own(
        self, entries: Mapping[str, Entry], now: float
    ) -> Iterator[tuple[str, Look]]:
        """Yield a server's own checks; the process beside its status."""
        answers = entries.get(STATUS)
        for name, entry in entries.items():
            health = entry.health(now)
            if answers is not None and entry.check.kind == PROCESS:
                health = counted(entry, answers, now)
            yield name, self._look(entry, now, health)

    def _look(
        self, entry: Entry, now: float, health: Health | None = None
    ) -> Look:
        grounds = self._grounds.get(entry.check.key)
        agrees = grounds is not None and grounds.health is entry.track.health
        return Look(
            key=entry.check.key,
            probe=entry.check.kind,
            health=entry.health(now) if health is None else health,
            seen=entry.fresh(now),
            grounds=grounds if agrees else None,
            since=_not_ahead(entry.track.since, now),
            last_success=_not_ahead(entry.last_success, now),
            flapping=entry.track.flapping,
        )


def _not_ahead(at: float | None, now: float) -> float | None:
    """Return a time, None for one that our clock has not come to again."""
    return at if at is not None and at <= now else None


def _of_this_life(looks: Mapping[str, Look]) -> Mapping[str, Look]:
    since = began(looks.get(STATUS), looks.get(PROCESS))
    return {
        name: in_this_life(look, since) if look.probe == CANARY else look
        for name, look in looks.items()
    }


def _by_host(targets: Mapping[str, Target]) -> Mapping[str, Sequence[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for target in targets.values():
        if target.host:
            found[target.host].append(target.name)
    return found
