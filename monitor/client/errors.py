"""Why the daemon did not do what was asked."""

from collections.abc import Iterable

from monitor.domain.errors import MonitorError, NotConfigured
from monitor.schemas.recovery import GateSaid


class ClientError(MonitorError):
    """Root of these errors."""


class NoDaemon(ClientError):
    """Nobody answered, or not in time."""


class NotOurs(ClientError):
    """Somebody answered who is no facefusion-monitor, or another version."""


class NotAllowed(ClientError):
    """The token is missing or allows something else."""


class Refused(ClientError):
    """The daemon refused, with its reason. `code` is the HTTP status."""

    def __init__(self, text: str, *, code: int) -> None:
        super().__init__(text)
        self.code = code


class PlanRefused(Refused):
    """A gate refuses; `steps` are what would have been done.

    `gates` are what all of them say, those that allow too. `by_hand` is what
    people can do at the machine where nobody else can approve it.
    """

    def __init__(
        self,
        text: str,
        *,
        code: int,
        steps: Iterable[str],
        gates: Iterable[GateSaid],
        by_hand: Iterable[str] = (),
    ) -> None:
        super().__init__(text, code=code)
        self.steps = tuple(steps)
        self.gates = tuple(gates)
        self.by_hand = tuple(by_hand)


class StillUnderWay(ClientError):
    """A change has not ended in the time that was given; it goes on."""


class Unknown(NotConfigured, ClientError):
    """The daemon knows nothing of that name."""
