"""What was seen: the fact that flows from a probe to everything else."""

from dataclasses import dataclass
from enum import StrEnum

from monitor.domain.backend import BackendReading
from monitor.domain.browser import BrowserReading
from monitor.domain.canary.reading import CanaryReading
from monitor.domain.gpu.reading import GpuReading
from monitor.domain.health import Health
from monitor.domain.joblog.reading import JobsReading, LogReading
from monitor.domain.machine.reading import MachineReading
from monitor.domain.network import NetworkReading
from monitor.domain.service.reading import ServiceReading
from monitor.domain.status import StatusReading

Reading = (
    StatusReading
    | CanaryReading
    | GpuReading
    | BackendReading
    | NetworkReading
    | BrowserReading
    | MachineReading
    | ServiceReading
    | LogReading
    | JobsReading
)


class Kind(StrEnum):
    """What a check looks at: a FaceFusion server, a machine, or ourselves."""

    TARGET = "target"
    HOST = "host"
    MONITOR = "monitor"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class CheckKey:
    """Names one scheduled look: of which target or host, and which check."""

    kind: Kind
    subject: str
    check: str

    @property
    def label(self) -> str:
        """Return `studio/status`, the form used in logs."""
        return f"{self.subject}/{self.check}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One look and what it says on its own, before any judgement.

    `at` is the Unix time in seconds when the look started, `duration` its
    length in seconds. `health` is what this single look suggests: unknown
    when it could not tell. `because` is a sentence for people. `reason` is
    one word for rules, empty when the look succeeded. `reading` keeps what
    was measured, also when the look failed.
    """

    key: CheckKey
    probe: str
    at: float
    duration: float
    health: Health
    because: str
    reason: str = ""
    reading: Reading | None = None

    @property
    def succeeded(self) -> bool:
        """Whether the look found nothing wrong that it could name."""
        return not self.reason
