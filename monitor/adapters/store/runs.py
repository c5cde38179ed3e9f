"""Canary runs as rows and back."""

import sqlalchemy as sa

from monitor.adapters.store.keys import key_of, key_row
from monitor.adapters.store.texts import (
    clean,
    number,
    optional,
    sentence,
    text,
)
from monitor.domain.canary.reading import CanaryReading, Operation, Result
from monitor.domain.health import Health
from monitor.domain.observation import Observation
from monitor.ports import Told


def run_row(told: Told, run: CanaryReading) -> dict[str, object]:
    """Return the row of a canary run."""
    seen = told.seen
    low, high = run.benchmark or (None, None)
    return {
        **key_row(seen.key),
        "at": seen.at,
        "duration": seen.duration,
        "health": seen.health.value,
        "because": sentence(seen.because),
        "reason": clean(seen.reason),
        "canary": clean(run.canary),
        "operation": run.operation.value,
        "model": clean(run.model),
        "result": run.result.value,
        "seconds": run.duration,
        "output_valid": run.output_valid,
        "low": low,
        "high": high,
        "ratio": run.ratio,
        "gpu": clean(run.gpu),
        "version": clean(run.version),
        "baseline": run.baseline,
        "counted": run.counted,
        "maintenance": told.maintenance,
        "url": clean(told.url),
    }


def run_of(row: sa.RowMapping) -> Observation:
    """Return the look of a row. Raises `ValueError` or the like."""
    return Observation(
        key=key_of(row),
        probe="canary",
        at=number(row["at"]),
        duration=number(row["duration"]),
        health=Health(row["health"]),
        because=text(row["because"]),
        reason=text(row["reason"]),
        reading=_reading(row),
    )


def _reading(row: sa.RowMapping) -> CanaryReading:
    low, high = optional(row["low"]), optional(row["high"])
    valid = row["output_valid"]
    return CanaryReading(
        canary=text(row["canary"]),
        operation=Operation(row["operation"]),
        model=text(row["model"]),
        result=Result(row["result"]),
        duration=optional(row["seconds"]),
        output_valid=None if valid is None else bool(valid),
        benchmark=None if low is None or high is None else (low, high),
        ratio=optional(row["ratio"]),
        gpu=text(row["gpu"]),
        version=text(row["version"]),
        baseline=optional(row["baseline"]),
        counted=bool(row["counted"]),
    )
