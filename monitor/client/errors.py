"""Why the daemon did not do what was asked."""

from monitor.domain.errors import MonitorError, NotConfigured


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


class Unknown(NotConfigured, ClientError):
    """The daemon knows nothing of that name."""
