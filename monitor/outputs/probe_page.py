"""The page of one look, for `/probe`: what a scrape would show of it.

Written with the lines of `/metrics`, so the two cannot disagree; a registry
for each look would cost more than the look.
"""

from dataclasses import dataclass

from monitor.domain.gpu.reading import GpuReading
from monitor.domain.joblog.reading import LogReading
from monitor.domain.network import NetworkReading
from monitor.domain.observation import CheckKey, Observation
from monitor.domain.service.reading import ServiceReading
from monitor.domain.status import StatusReading
from monitor.engine.board import KnownGpu
from monitor.engine.check import Check
from monitor.outputs.metrics import (
    CONTENT_TYPE,
    gpus,
    logs,
    network,
    servers,
    services,
)
from monitor.outputs.metrics.canaries import Canary
from monitor.outputs.metrics.families import FLEET
from monitor.outputs.metrics.labels import about
from monitor.outputs.metrics.probes import Probe
from monitor.outputs.metrics.sheet import Sheet
from monitor.outputs.metrics.text import Labels, head

__all__ = ["CONTENT_TYPE", "Pages"]
MOST = 10_000
"""Checks whose labels are kept rendered."""
_HEADS = {
    name: head(name, family.kind, family.help)
    for name, family in FLEET.items()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject:
    """What of a check's page is always the same."""

    check: Check
    lines: Probe | Canary
    about: Labels
    labels: Labels
    last_run: str


class Pages:
    """Writes pages; labels are rendered once for each check."""

    def __init__(self) -> None:
        self._subjects: dict[CheckKey, _Subject] = {}

    def page(
        self, check: Check, seen: Observation, *, fresh: bool = True
    ) -> bytes:
        """Return our series of one look, whatever it saw.

        One that is not fresh is no fact any more: only when it was stays,
        and what a canary is expected to do.
        """
        subject, sheet = self._subject(check), Sheet()
        if fresh:
            subject.lines.passing(sheet, seen)
            _identity(sheet, seen, subject.about)
        if check.kind == "canary":
            _expected(sheet, check, subject.labels)
        sheet.put(subject.last_run, seen.at, subject.labels)
        parts: list[bytes] = []
        for name, block in sheet.blocks().items():
            parts += (_HEADS[name], block)
        return b"".join(parts)

    def _subject(self, check: Check) -> _Subject:
        subject = self._subjects.get(check.key)
        if subject is None or subject.check is not check:
            if len(self._subjects) >= MOST:
                self._subjects.clear()
            subject = self._subjects[check.key] = _subject_of(check)
        return subject


def _subject_of(check: Check) -> _Subject:
    target = about(check.key)
    if check.kind == "canary":
        name = check.key.check.removeprefix("canary.")
        return _Subject(
            check=check,
            lines=Canary(check),
            about=target,
            labels=target.also(**{"canary": name, **dict(check.labels)}),
            last_run="facefusion_canary_last_run_timestamp_seconds",
        )
    return _Subject(
        check=check,
        lines=Probe(check),
        about=target,
        labels=target.also(probe=check.kind),
        last_run="facefusion_probe_last_run_timestamp_seconds",
    )


def _expected(sheet: Sheet, check: Check, labels: Labels) -> None:
    """Write how often a canary runs and how long it should take."""
    prefix = "facefusion_canary_"
    sheet.put(f"{prefix}interval_seconds", check.interval, labels)
    limits = check.benchmark or ()
    for bound, limit in zip(("low", "high"), limits, strict=False):
        bounded = labels.also(bound=bound)
        sheet.put(f"{prefix}benchmark_seconds", limit, bounded)


def _identity(sheet: Sheet, seen: Observation, target: Labels) -> None:
    """Write what this look itself says of who and until when."""
    reading = seen.reading
    if isinstance(reading, StatusReading) and seen.succeeded:
        servers.identity(sheet, reading, target)
    elif isinstance(reading, NetworkReading) and reading.certificate:
        network.expiry(sheet, reading.certificate.not_after, target)
    elif isinstance(reading, LogReading):
        logs.events(sheet, reading.counts, target)
    elif isinstance(reading, ServiceReading):
        services.spent(sheet, services.lived(None, seen), target)
    elif isinstance(reading, GpuReading):
        known = {
            gpu.uuid: KnownGpu(
                gpu=gpu,
                driver_version=reading.driver_version,
                cuda_version=reading.cuda_version,
            )
            for gpu in reading.gpus
        }
        gpus.identity(sheet, known, target)
