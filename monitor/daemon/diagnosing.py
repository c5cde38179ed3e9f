"""Wires the ward: diagnoses and pages, kept over restarts."""

from collections.abc import Callable

from monitor.domain.observation import CheckKey
from monitor.engine.board import Board
from monitor.engine.events import Event, Tell
from monitor.engine.maintenance import Book
from monitor.engine.pager import Pager
from monitor.engine.recorder import Recorder
from monitor.engine.ward import Ward
from monitor.ports import Clock, Due, Scheduler, Store

TICK = 1.0
"""Seconds between two turns of the ward."""
OPEN_PAGES = 10_000
"""Pages that are taken up again: one a server."""


class Diagnosing:
    """The ward, its pager and its recorder, not yet started.

    `soon` looks at a check as soon as possible; `lag` is how late our own
    loop was, in seconds; `changing` says which change of ours is under way
    on a server.
    """

    def __init__(  # noqa: PLR0913 - what it is wired of, one keyword each
        self,
        *,
        clock: Clock,
        board: Board,
        store: Store,
        book: Book,
        tell: Tell,
        soon: Callable[[CheckKey], None],
        lag: Callable[[], float],
        changing: Callable[[str], str],
    ) -> None:
        self._clock = clock
        self._board = board
        self._store = store
        self._book = book
        self.ward = Ward(
            clock=clock,
            board=board,
            tell=tell,
            soon=soon,
            pager=Pager(tell=tell, planned=self._planned, changing=changing),
            lag=lag,
        )
        self._recorder = Recorder(store, tell, self._url)

    def heard(self, event: Event) -> None:
        """Diagnose by what happened, and write down what came of it."""
        self.ward.heard(event)
        self._recorder.heard(event)

    async def start(self, scheduler: Scheduler) -> None:
        """Take up what was known before, and begin. Raises `CannotStore`."""
        now = self._clock.now()
        self.ward.restore(
            await self._store.diagnoses(),
            await self._store.pages(since=now, limit=OPEN_PAGES),
        )
        self._recorder.start()
        scheduler.every(
            "ward", interval=TICK, first=now + TICK, turn=self._tick
        )

    async def close(self, within: float) -> None:
        """Write what is left, for so many seconds at most."""
        await self._recorder.close(within)

    async def _tick(self, _: Due) -> None:
        self.ward.tick()

    def _planned(self, target: str) -> str:
        window = self._book.planned(target)
        return "" if window is None else f"planned work: {window.reason}"

    def _url(self, target: str) -> str:
        facts = self._board.targets.get(target)
        return "" if facts is None else facts.url
