"""Series about every look but the canaries': did it succeed, how long."""

from collections import Counter
from dataclasses import dataclass, field

from monitor.domain.answer import Phases
from monitor.domain.backend import BackendReading
from monitor.domain.gpu.reading import GpuReading
from monitor.domain.joblog.reading import JobsReading
from monitor.domain.machine.reading import MachineReading
from monitor.domain.network import NetworkReading
from monitor.domain.observation import Kind, Observation, Reading
from monitor.domain.service.reading import ServiceReading
from monitor.domain.status import StatusReading
from monitor.engine.board import STATUS, Board
from monitor.engine.check import Check
from monitor.engine.entry import Entry
from monitor.engine.events import Looked, Skipped
from monitor.outputs.metrics import (
    gpus,
    hosts,
    logs,
    network,
    servers,
    services,
)
from monitor.outputs.metrics.grown import Grown
from monitor.outputs.metrics.labels import about
from monitor.outputs.metrics.lines import Lines
from monitor.outputs.metrics.sheet import Sheet

PHASES = ("resolve", "connect", "tls", "processing", "transfer")
REASONS = ("overlap",)
"""Why a look may be skipped, known before it happens."""


@dataclass(slots=True)
class Counts:
    """What happened to one check so far."""

    runs: int = 0
    failures: int = 0
    skips: Counter[str] = field(
        default_factory=lambda: Counter(dict.fromkeys(REASONS, 0))
    )


class Probe:
    """The lines of one check that is no canary."""

    def __init__(self, check: Check) -> None:
        self._subject = about(check.key)
        self._labels = self._subject.also(probe=check.kind)
        self._phases = {p: self._labels.also(phase=p) for p in PHASES}
        self._is_status = (check.key.kind, check.key.check) == (
            Kind.TARGET,
            STATUS,
        )
        self.counts = Counts()
        self.grown = Grown()
        self._expiry: float | None = None

    def go_on(self, former: Lines) -> None:
        """Take over the counts of a check that had the same series."""
        if isinstance(former, Probe):
            self.counts = former.counts
            self.grown.go_on(former.grown)

    def looked(self, event: Looked) -> None:
        """Count a look, and note until when a certificate is good."""
        self.grown.looked(event.seen)
        self.counts.runs += 1
        self.counts.failures += not event.seen.succeeded
        reading = event.seen.reading
        if isinstance(reading, NetworkReading) and reading.certificate:
            self._expiry = reading.certificate.not_after

    def skipped(self, event: Skipped) -> None:
        """Count a look that was due and not taken."""
        self.counts.skips[event.reason] += 1

    def lasting(self, sheet: Sheet, entry: Entry, board: Board) -> None:
        """Write counters, times and identity."""
        prefix, labels = "facefusion_probe_", self._labels
        sheet.put(f"{prefix}runs_total", self.counts.runs, labels)
        sheet.put(f"{prefix}failures_total", self.counts.failures, labels)
        for reason, count in self.counts.skips.items():
            why = labels.also(reason=reason)
            sheet.put(f"{prefix}skipped_total", count, why)
        ran = entry.seen.at if entry.seen else None
        sheet.put(f"{prefix}last_run_timestamp_seconds", ran, labels)
        succeeded = entry.last_success
        sheet.put(f"{prefix}last_success_timestamp_seconds", succeeded, labels)
        network.expiry(sheet, self._expiry, self._subject)
        self.grown.write(sheet, entry.check, board, self._subject)
        self._identity(sheet, entry, board)

    def passing(self, sheet: Sheet, seen: Observation) -> None:
        """Write what the look showed."""
        prefix, labels = "facefusion_probe_", self._labels
        sheet.put(f"{prefix}success", seen.succeeded, labels)
        sheet.put(f"{prefix}duration_seconds", seen.duration, labels)
        phases = _phases(seen.reading)
        for phase in PHASES if phases else ():
            sheet.put(
                f"{prefix}phase_duration_seconds",
                getattr(phases, phase),
                self._phases[phase],
            )
        if self._is_status:
            servers.status(sheet, seen, self._subject)
        else:
            self._reading(sheet, seen)

    def _reading(self, sheet: Sheet, seen: Observation) -> None:
        match seen.reading:
            case GpuReading() as said:
                gpus.reading(sheet, said, self._subject)
            case NetworkReading() as said:
                network.reading(sheet, said, self._subject)
            case MachineReading() as said:
                hosts.reading(sheet, said, self._subject)
            case ServiceReading() as said:
                life = services.lived(self.grown.life, seen)
                services.reading(sheet, said, life, self._subject)
            case JobsReading() as said:
                logs.jobs(sheet, said, self._subject)
            case _:
                pass

    def _identity(self, sheet: Sheet, entry: Entry, board: Board) -> None:
        key = entry.check.key
        if self._is_status:
            servers.identity(sheet, board.server(key.subject), self._subject)
        elif entry.check.kind == "gpu":
            gpus.identity(sheet, board.gpus(key.subject), self._subject)


def _phases(reading: Reading | None) -> Phases | None:
    if isinstance(reading, StatusReading | BackendReading):
        return reading.phases
    if isinstance(reading, NetworkReading):
        return Phases(connect=reading.tcp_round_trip)
    return None
