"""Which servers a change of ours is under way on: their canaries wait.

In memory only: when the monitor ends, nothing is held any more.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from monitor.engine.canary_gate import CANARY
from monitor.engine.check import Check, Held, Hold

REASON = "change"
BECAUSE = "a change of ours is under way on this server"


class Holding:
    """Holds scheduled canaries back: they would look like users' work."""

    def __init__(self) -> None:
        self._held: Counter[str] = Counter()

    @contextmanager
    def hold(self, target: str) -> Iterator[None]:
        """Hold a server for as long as the block lasts."""
        self._held[target] += 1
        try:
            yield
        finally:
            self._held[target] -= 1
            if not self._held[target]:
                del self._held[target]

    def held(self, target: str) -> str:
        """Return why a server's canaries wait, empty when they do not."""
        return BECAUSE if target in self._held else ""

    def before(self, others: Hold) -> Hold:
        """Return what holds checks back: this, then others."""

        def held(check: Check) -> Held | None:
            if check.kind == CANARY and check.key.subject in self._held:
                return Held(reason=REASON, because=BECAUSE)
            return others(check)

        return held
