"""Prints what was seen: a table for people, plain data for programs."""

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from monitor.cli.console import console
from monitor.domain.canary.reading import CanaryReading
from monitor.domain.health import Health
from monitor.domain.observation import Observation

COLOURS = {
    Health.HEALTHY: "green",
    Health.DEGRADED: "yellow",
    Health.UNHEALTHY: "red",
    Health.UNKNOWN: "magenta",
}


def print_looks(seen: Sequence[Observation]) -> None:
    """Print one row a look; colours only on a terminal."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("NAME", "CHECK", "HEALTH", "SECONDS", "BECAUSE"):
        table.add_column(heading, overflow="fold")
    for look in seen:
        table.add_row(*_cells(look))
    console().print(table)


def _cells(look: Observation) -> tuple[str, ...]:
    colour = COLOURS[look.health]
    return (
        escape(look.key.subject),
        escape(look.key.check),
        f"[{colour}]{look.health.value}[/]",
        f"{look.duration:.3f}",
        escape(look.because),
    )


def as_data(seen: Sequence[Observation]) -> list[dict[str, object]]:
    """Return the looks as plain data; keys are only ever added."""
    return [_datum(look) for look in seen]


def _datum(look: Observation) -> dict[str, object]:
    datum: dict[str, object] = {
        look.key.kind.value: look.key.subject,
        "check": look.key.check,
        "health": look.health.value,
        "because": look.because,
        "reason": look.reason,
        "at": look.at,
        "duration_seconds": round(look.duration, 6),
    }
    run = look.reading
    if isinstance(run, CanaryReading):
        datum["canary"] = {
            "result": run.result.value,
            "duration_seconds": run.duration,
            "output_valid": run.output_valid,
            "benchmark_seconds": run.benchmark,
            "benchmark_ratio": run.ratio,
        }
    return datum
