"""Series about the canaries: the last run beside the benchmark."""

from monitor.domain.canary.reading import CanaryReading, Result
from monitor.engine.board import Board, Entry
from monitor.outputs.metrics.labels import about
from monitor.outputs.metrics.sheet import Sheet

_DONE = (Result.OK, Result.COLD, Result.SLOW, Result.UNVERIFIED)
_PRODUCED = (*_DONE, Result.INVALID_OUTPUT)


def seconds(run: CanaryReading) -> float | None:
    """Return how long a job took that produced something.

    A server that fails at once is not fast.
    """
    return run.duration if run.result in _PRODUCED else None


def labels_of(
    entry_labels: dict[str, str], run: CanaryReading
) -> dict[str, str]:
    """Return the labels of a canary's series."""
    return {
        **entry_labels,
        "canary": run.canary,
        "operation": run.operation.value,
        "model": run.model,
    }


def write(sheet: Sheet, board: Board, now: float) -> None:
    """Write what the canaries showed."""
    for entry in board.entries():
        if entry.check.kind == "canary":
            _canary(sheet, entry, now)


def _canary(sheet: Sheet, entry: Entry, now: float) -> None:
    if entry.seen is None or not isinstance(entry.seen.reading, CanaryReading):
        return
    run = entry.seen.reading
    labels = labels_of(about(entry.check.key), run)
    _constant(sheet, entry, run, labels)
    sheet.put(
        "facefusion_canary_last_run_timestamp_seconds", entry.seen.at, labels
    )
    if entry.fresh(now) is None:
        return
    sheet.put("facefusion_canary_last_duration_seconds", seconds(run), labels)
    sheet.put("facefusion_canary_success", run.result in _DONE, labels)
    sheet.put("facefusion_canary_output_valid", run.output_valid, labels)
    sheet.put("facefusion_canary_benchmark_ratio", run.ratio, labels)


def _constant(
    sheet: Sheet, entry: Entry, run: CanaryReading, labels: dict[str, str]
) -> None:
    sheet.put(
        "facefusion_canary_interval_seconds", entry.check.interval, labels
    )
    if run.benchmark is None:
        return
    for bound, limit in zip(("low", "high"), run.benchmark, strict=True):
        sheet.put(
            "facefusion_canary_benchmark_seconds",
            limit,
            {**labels, "bound": bound},
        )
