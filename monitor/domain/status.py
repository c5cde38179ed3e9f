"""What the status endpoint said, and whether that means up."""

from dataclasses import dataclass, field

from monitor.domain.answer import Phases


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReading:
    """One look at a FaceFusion server's status endpoint.

    `code` is None when no answer came. `version` is empty and `queue_size`
    None where the server does not tell.
    """

    dialect: str
    code: int | None = None
    phases: Phases = field(default_factory=Phases)
    version: str = ""
    queue_size: int | None = None
