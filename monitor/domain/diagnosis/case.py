"""The case: all that is known of one server at one moment."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from monitor.domain.diagnosis.memory import NOTHING, Memory
from monitor.domain.fleet import Target
from monitor.domain.gpu.reading import GpuReading
from monitor.domain.health import BAD, Health
from monitor.domain.joblog.reading import JobsReading, LogReading
from monitor.domain.machine.reading import MachineReading
from monitor.domain.observation import CheckKey, Observation
from monitor.domain.service.reading import ServiceReading


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One check as it is known now.

    `health` is the opinion, unknown when it rests on nothing fresh. `seen`
    is the last look while it is a fact; `grounds` the last fresh one that
    said what the opinion says: while an opinion changes they differ. `since`
    is when the opinion was formed and `last_success` when a look last
    succeeded, Unix times in seconds.
    """

    key: CheckKey
    probe: str
    health: Health = Health.UNKNOWN
    seen: Observation | None = None
    grounds: Observation | None = None
    since: float | None = None
    last_success: float | None = None
    flapping: bool = False

    @property
    def is_bad(self) -> bool:
        """Whether the opinion is degraded or unhealthy, and on what known."""
        return self.grounds is not None and self.health in BAD

    @property
    def is_down(self) -> bool:
        """Whether the opinion is unhealthy, and on what known."""
        return self.is_bad and self.health is Health.UNHEALTHY

    @property
    def is_well(self) -> bool:
        """Whether the opinion is healthy."""
        return self.health is Health.HEALTHY

    @property
    def in_doubt(self) -> bool:
        """Whether the last look disagrees with the opinion.

        That is what its grounds say: beside an answer of the status a
        process counts for less, which is no doubt.
        """
        seen, held = self.seen, self.grounds
        return (
            seen is not None
            and seen.health is not Health.UNKNOWN
            and seen.health is not (held.health if held else self.health)
        )

    @property
    def reason(self) -> str:
        """The word of what the opinion rests on, empty when all is well."""
        return self.grounds.reason if self.grounds else ""

    @property
    def last_reason(self) -> str:
        """The word of the last look, empty when it succeeded or is gone."""
        return self.seen.reason if self.seen else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that is known of one server at the Unix time `now`.

    `looks` holds its own checks by name (status, process, canary.…), `host`
    those of the machine that it is on, empty where it is on none that we
    know. `control` is the look at our own network, None without control
    addresses. `loop_lag` is how late our own event loop was at worst of
    late, in seconds.
    """

    now: float
    target: Target
    looks: Mapping[str, Look] = field(default_factory=dict)
    host: Mapping[str, Look] = field(default_factory=dict)
    control: Look | None = None
    memory: Memory = NOTHING
    loop_lag: float = 0.0

    @property
    def status(self) -> Look | None:
        """The look at its status endpoint."""
        return self.looks.get("status")

    @property
    def network(self) -> Look | None:
        """The look at the way to it: TCP, ping, certificate."""
        return self.looks.get("network")

    @property
    def process(self) -> Look | None:
        """The look at its unit, process and listeners."""
        return self.looks.get("process")

    @property
    def logs(self) -> Look | None:
        """The look at its log."""
        return self.looks.get("logs")

    @property
    def jobs(self) -> Look | None:
        """The look at its jobs folder."""
        return self.looks.get("jobs")

    @property
    def backend(self) -> Look | None:
        """The look through the StoryCanvas backend."""
        return self.looks.get("backend")

    @property
    def browser(self) -> Look | None:
        """The look as a browser."""
        return self.looks.get("browser")

    @property
    def machine(self) -> Look | None:
        """The look at the machine itself."""
        return self.host.get("host")

    @property
    def gpu(self) -> Look | None:
        """The look at the machine's GPUs."""
        return self.host.get("gpu")

    def canaries(self) -> Iterator[Look]:
        """Yield the canaries, by name: their order never matters."""
        for name in sorted(self.looks):
            if self.looks[name].probe == "canary":
                yield self.looks[name]

    @property
    def service_reading(self) -> ServiceReading | None:
        """What the last fresh look at the process read."""
        return _reading(self.process, ServiceReading)

    @property
    def log_reading(self) -> LogReading | None:
        """What the last fresh look at the log read."""
        return _reading(self.logs, LogReading)

    @property
    def jobs_reading(self) -> JobsReading | None:
        """What the last fresh look at the jobs folder read."""
        return _reading(self.jobs, JobsReading)

    @property
    def machine_reading(self) -> MachineReading | None:
        """What the last fresh look at the machine read."""
        return _reading(self.machine, MachineReading)

    @property
    def gpu_reading(self) -> GpuReading | None:
        """What the last fresh look at the GPUs read."""
        return _reading(self.gpu, GpuReading)


_T = TypeVar("_T")


def _reading(look: Look | None, kind: type[_T]) -> _T | None:
    seen = look.seen if look else None
    reading = seen.reading if seen else None
    return reading if isinstance(reading, kind) else None
