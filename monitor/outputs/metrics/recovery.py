"""Series about what is done to servers, and what may still be done.

They are there for every server that `standing` names and for every server
that something happened to: where nothing may be done nothing is said. Their
lines stand in a book of their own, beside the fleet's, with its own lock:
the event loop tells what happened, a scrape asks for standings.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock

from monitor.domain.recovery.plan import PlanRecord
from monitor.engine.events import ChangeTold, Event, PlanTold, Rewired
from monitor.outputs.metrics.book import Book
from monitor.outputs.metrics.breath import unhurried
from monitor.outputs.metrics.families import RECOVERY
from monitor.outputs.metrics.rescued import Rescued

AT_ONCE = 100
"""Servers that are written before the loop gets its turn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What may still be done to one server now.

    `budgets` hold, for each action that is allowed, how many times it may
    still be done within its window. `breaker_open`: nothing more is done to
    it until a person looks.
    """

    target: str
    budgets: tuple[tuple[str, int], ...] = ()
    breaker_open: bool = False


Standings = Callable[[], Iterable[Standing]]
"""Asked at every scrape, from the thread that renders."""


def none_known() -> Iterable[Standing]:
    """Return nothing: no server may be touched."""
    return ()


class Recovery:
    """Hears of plans and changes, and writes what became of them.

    Whoever starts the monitor tells of every plan and change that is still
    open: each counts by its id, so telling of one again changes nothing.
    """

    def __init__(self, standing: Standings = none_known) -> None:
        self._standing = standing
        self._book = Book(RECOVERY)
        self._lock = Lock()
        self._servers: dict[str, Rescued] = {}

    def heard(self, event: Event) -> None:
        """Write what happened. Called on the event loop."""
        if isinstance(event, PlanTold):
            with self._lock:
                self._planned(event.record)
        elif isinstance(event, ChangeTold):
            with self._lock:
                server = self._server(event.change.target)
                server.changed(event.change)
                server.write(self._book)
        elif isinstance(event, Rewired):
            with self._lock:
                for name in event.targets:
                    self._leave(name)

    def ask(self, now: float) -> None:
        """Write anew what changed by the mere passing of time.

        One scrape at a time, in a thread. Raises what `standing` raises; all
        lines stay as they were then.
        """
        told = {one.target: one for one in self._standing()}
        for standing in unhurried(told.values(), AT_ONCE):
            with self._lock:
                self._stands(standing, now)
        with self._lock:
            others = [name for name in self._servers if name not in told]
        for name in unhurried(others, AT_ONCE):
            with self._lock:
                self._unnamed(name, now)

    def parts(self) -> list[bytes]:
        """Return all blocks."""
        with self._lock:
            return self._book.parts()

    def _planned(self, record: PlanRecord) -> None:
        server = self._server(record.plan.aim.target)
        server.planned(record)
        server.write(self._book)

    def _stands(self, standing: Standing, now: float) -> None:
        server = self._server(standing.target)
        if server.stands(
            standing.budgets, breaker_open=standing.breaker_open, now=now
        ):
            server.write(self._book)

    def _unnamed(self, name: str, now: float) -> None:
        """Write a server that nothing may be done to, or not any more."""
        server = self._servers.get(name)
        if server is None:
            return  # it left meanwhile
        if server.is_blank:
            self._leave(name)
        elif server.stands((), breaker_open=None, now=now):
            server.write(self._book)

    def _server(self, name: str) -> Rescued:
        return self._servers.setdefault(name, Rescued(name))

    def _leave(self, name: str) -> None:
        server = self._servers.pop(name, None)
        if server is not None:
            server.leave(self._book)
