"""The door to the alerts that wait to be worked off."""

from collections.abc import Sequence
from typing import Protocol

from monitor.domain.alerts.alert import Alert, Outcome, Received, Settled


class Inbox(Protocol):
    """Keeps alerts until something came of each, over a restart too.

    Every method may raise `CannotStore`, and is on the disk when it returns.
    """

    async def keep(
        self, alerts: Sequence[Alert], *, at: float
    ) -> Sequence[Outcome | None]:
        """Keep all of them or none; `at` is a Unix time in seconds.

        Return of each what came of it at once, None where it waits now. One
        that was kept before is a duplicate, unless it was stale, or refused
        `REFUSED_FOR` ago: then it waits anew. One that is resolved waits no
        more, and never will.
        """
        ...

    async def pending(self, *, limit: int) -> Sequence[Received]:
        """Return those that wait, oldest first."""
        ...

    async def settle(self, settled: Sequence[Settled]) -> None:
        """Keep what came of alerts, all at once."""
        ...
