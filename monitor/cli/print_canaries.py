"""Prints canary runs beside the RTX 3090 benchmark."""

from collections.abc import Sequence

from rich.markup import escape
from rich.table import Table

from monitor.cli.console import console
from monitor.cli.print_looks import COLOURS
from monitor.domain.canary.reading import CanaryReading
from monitor.domain.observation import Observation

_HEADINGS = (
    "CANARY",
    "RESULT",
    "SECONDS",
    "RTX 3090",
    "RATIO",
    "BECAUSE",
)


def print_canaries(seen: Sequence[Observation]) -> None:
    """Print one row a run."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in _HEADINGS:
        table.add_column(heading, overflow="fold")
    for look in seen:
        if isinstance(look.reading, CanaryReading):
            table.add_row(*_cells(look, look.reading))
    console().print(table)


def _cells(look: Observation, run: CanaryReading) -> tuple[str, ...]:
    colour = COLOURS[look.health]
    return (
        escape(run.canary),
        f"[{colour}]{run.result.value}[/]",
        _number(run.duration),
        "-" if run.benchmark is None else "{:g}-{:g}".format(*run.benchmark),
        _number(run.ratio),
        escape(look.because),
    )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
