"""What hosts report by themselves: the next look comes at once."""

from collections.abc import Iterable

from monitor.domain.observation import CheckKey, Kind
from monitor.domain.service.happening import Happening
from monitor.engine.board import Board
from monitor.engine.events import Reported, Tell
from monitor.engine.schedule import Schedule

OF_SERVER = ("process", "status", "network")
"""Checks of a server that an end, a start or a lost listener may change."""
OF_HOST = ("host", "gpu")
"""Checks of a machine that a lost line, or a new boot, may change."""


class Reports:
    """Turns what a host reports into looks, and tells it.

    A report is no evidence, only a reason to look: whatever it says, the
    checks see for themselves.
    """

    def __init__(self, schedule: Schedule, board: Board, tell: Tell) -> None:
        self._schedule = schedule
        self._board = board
        self._tell = tell

    def happened(self, host: str, happening: Happening) -> None:
        """Look at a server at once; others' names are not listened to."""
        target = self._board.targets.get(happening.name)
        if target is None or target.host != host:
            return
        self._tell(
            Reported(
                host=host,
                target=target.name,
                kind=happening.kind,
                because=happening.because,
            )
        )
        self._look(Kind.TARGET, target.name, OF_SERVER)

    def line_changed(self, host: str) -> None:
        """Look at a machine, and the servers on it, at once.

        Its line was lost, or is there again: it may have booted anew.
        """
        self._look(Kind.HOST, host, OF_HOST)
        for target in self._board.targets.values():
            if target.host == host:
                self._look(Kind.TARGET, target.name, OF_SERVER)

    def _look(self, kind: Kind, subject: str, checks: Iterable[str]) -> None:
        for check in checks:
            key = CheckKey(kind=kind, subject=subject, check=check)
            self._schedule.soon(key)
