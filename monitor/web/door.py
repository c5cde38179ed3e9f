"""The door: which connections wait for their request, and for how long.

Somebody who holds connections and says nothing loses them first. Nobody is
turned away for it: who has something to say says it at once.
"""

from collections import OrderedDict, defaultdict
from collections.abc import Callable
from typing import Protocol

PER_PEER = 64
"""Connections of one address that may wait longer than `YOUNG`."""
OVERALL = 1000
"""Connections at the same time."""
YOUNG = 1.0
"""Seconds that everybody may wait: a burst of clients is no attack."""


class Connection(Protocol):
    """What can be shown the door."""

    def drop(self) -> None:
        """End it now. It says `left` itself, at once or later."""
        ...


class Door:
    """Counts connections. `time` is the event loop's."""

    def __init__(
        self,
        time: Callable[[], float],
        *,
        per_peer: int = PER_PEER,
        overall: int = OVERALL,
    ) -> None:
        self._time = time
        self._per_peer = per_peer
        self._overall = overall
        self._open: dict[Connection, str] = {}
        self._waiting: OrderedDict[Connection, float] = OrderedDict()
        self._of: defaultdict[str, OrderedDict[Connection, float]] = (
            defaultdict(OrderedDict)
        )

    def __len__(self) -> int:
        return len(self._open)

    def enter(self, connection: Connection, peer: str) -> bool:
        """Let a connection in; False when there is no room at all."""
        if len(self._open) >= self._overall and not self._drop_oldest():
            return False
        self._open[connection] = peer
        self.waits(connection)
        waiting = self._of[peer]
        if len(waiting) > self._per_peer:
            oldest, since = next(iter(waiting.items()))
            if self._time() - since > YOUNG:
                self._drop(oldest)
        return True

    def waits(self, connection: Connection) -> None:
        """Note that a connection waits for its next request from now on."""
        peer = self._open.get(connection)
        if peer is None:
            return
        self._waiting[connection] = self._of[peer][connection] = self._time()

    def busy(self, connection: Connection) -> None:
        """Note that a request is there: it is not dropped any more."""
        self._waiting.pop(connection, None)
        peer = self._open.get(connection)
        if peer is None:
            return
        self._of[peer].pop(connection, None)
        if not self._of[peer]:
            del self._of[peer]

    def left(self, connection: Connection) -> None:
        """Note that a connection is gone."""
        self.busy(connection)
        self._open.pop(connection, None)

    def _drop_oldest(self) -> bool:
        oldest = next(iter(self._waiting), None)
        if oldest is None:
            return False
        self._drop(oldest)
        return True

    def _drop(self, connection: Connection) -> None:
        self.left(connection)
        connection.drop()
