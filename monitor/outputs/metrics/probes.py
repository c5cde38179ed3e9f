"""Series about every look but the canaries': did it succeed, how long."""

from dataclasses import asdict

from monitor.domain.answer import Phases
from monitor.domain.status import StatusReading
from monitor.engine.board import Board, Entry
from monitor.outputs.metrics.labels import about
from monitor.outputs.metrics.sheet import Sheet


def write(sheet: Sheet, board: Board, now: float) -> None:
    """Write what the probes saw."""
    for entry in board.entries():
        if entry.check.kind != "canary":
            _probe(sheet, entry, now)


def _probe(sheet: Sheet, entry: Entry, now: float) -> None:
    labels = {**about(entry.check.key), "probe": entry.check.kind}
    if entry.seen is not None:
        sheet.put(
            "facefusion_probe_last_run_timestamp_seconds",
            entry.seen.at,
            labels,
        )
    sheet.put(
        "facefusion_probe_last_success_timestamp_seconds",
        entry.last_success,
        labels,
    )
    seen = entry.fresh(now)
    if seen is None:
        return
    sheet.put("facefusion_probe_success", seen.succeeded, labels)
    sheet.put("facefusion_probe_duration_seconds", seen.duration, labels)
    if isinstance(seen.reading, StatusReading):
        _phases(sheet, seen.reading.phases, labels)


def _phases(sheet: Sheet, phases: Phases, labels: dict[str, str]) -> None:
    for phase, seconds in asdict(phases).items():
        sheet.put(
            "facefusion_probe_phase_duration_seconds",
            seconds,
            {**labels, "phase": phase},
        )
