"""Asking for looks: what a diagnosis wants to see, and not too often."""

from collections.abc import Callable, Collection, Iterable, Sequence

from monitor.domain.health import Health
from monitor.domain.observation import CheckKey, Kind
from monitor.engine.board import Board
from monitor.engine.entry import Entry
from monitor.engine.evidence import CANARY
from monitor.ports import Clock

ASK_AGAIN = 2.0
"""Seconds between two looks that a diagnosis asks for."""
ASK_OTHERS = 10.0
"""Seconds between two times that all checks of a server are asked for."""

_OWN = ("status", "network", "process", "logs", "jobs")
_OF_HOST = ("host", "gpu")
_AFTER_REPORT = ("host", "logs")


class Asking:
    """Asks for looks as soon as possible; `soon` takes such a wish."""

    def __init__(
        self, clock: Clock, board: Board, soon: Callable[[CheckKey], None]
    ) -> None:
        self._clock = clock
        self._board = board
        self._soon = soon
        self._asked: dict[CheckKey, float] = {}
        self._others_asked: dict[str, float] = {}

    def again(self, keys: Iterable[CheckKey]) -> None:
        """Ask for these, each once in `ASK_AGAIN` seconds at most."""
        now = self._clock.monotonic()
        for key in keys:
            if now - self._asked.get(key, -ASK_AGAIN) >= ASK_AGAIN:
                self._asked[key] = now
                self._soon(key)

    def others(self, target: str) -> None:
        """Ask for everything that may lie deeper, once in a while."""
        now = self._clock.monotonic()
        asked = self._others_asked.get(target, -ASK_OTHERS)
        if now - asked >= ASK_OTHERS:
            self._others_asked[target] = now
            self.again(self._keys(target, (*_OWN, *_OF_HOST)))

    def after_report(self, target: str) -> None:
        """Ask for what says why something happened to a server."""
        self.again(self._keys(target, _AFTER_REPORT))

    def canaries(self, target: str) -> None:
        """Ask for those that did not go well: the server may be healed."""
        self.again(
            entry.check.key
            for entry in self._board.checks_of(Kind.TARGET, target)
            if entry.check.kind == CANARY and not _went_well(entry)
        )

    def forget(
        self, checks: Iterable[CheckKey], targets: Collection[str]
    ) -> None:
        """Forget what is not watched any more."""
        for key in checks:
            self._asked.pop(key, None)
        for name in targets:
            self._others_asked.pop(name, None)

    def _keys(self, name: str, checks: Sequence[str]) -> list[CheckKey]:
        target = self._board.targets.get(name)
        if target is None:
            return []
        keys = (
            CheckKey(kind=Kind.HOST, subject=target.host, check=check)
            if check in _OF_HOST
            else CheckKey(kind=Kind.TARGET, subject=name, check=check)
            for check in checks
        )
        return [key for key in keys if self._board.find(key) is not None]


def _went_well(entry: Entry) -> bool:
    seen = entry.seen
    if seen is None:
        return True  # its first run is under way, or to come
    return seen.health is entry.track.health is Health.HEALTHY
