"""Prints what happened, as a log: the newest line last."""

from rich.table import Table

from monitor.cli.console import console
from monitor.cli.print_looks import COLOURS
from monitor.cli.words import NONE, coloured, moment, plain
from monitor.schemas.history import EntryKind, History, HistoryEntry


def print_history(told: History) -> None:
    """Print one row a line of the history; colours only on a terminal."""
    if not told.entries:
        console().print(f"nothing happened to {plain(told.target)} meanwhile")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("TIME (UTC)", "CHECK", "WHAT", "SECONDS", "BECAUSE"):
        table.add_column(heading, overflow="fold")
    for entry in reversed(told.entries):
        table.add_row(*_cells(entry))
    console().print(table)


def _cells(entry: HistoryEntry) -> tuple[str, ...]:
    seconds = entry.duration_seconds
    work = " (maintenance)" if entry.maintenance else ""
    return (
        moment(entry.at),
        plain(entry.check),
        _what(entry) + work,
        NONE if seconds is None else f"{seconds:.2f}",
        plain(entry.because),
    )


def _what(entry: HistoryEntry) -> str:
    colour = COLOURS[entry.health]
    match entry.kind:
        case EntryKind.TRANSITION:
            before = coloured(entry.before) if entry.before else NONE
            return f"{before} → {coloured(entry.health)}"
        case EntryKind.CANARY:
            result = entry.result.value if entry.result else "ran"
            return f"[{colour}]{result}[/]"
        case EntryKind.DIAGNOSIS:
            return _diagnosis(entry, colour)
        case EntryKind.FAILED_LOOK:
            reason = f": {plain(entry.reason)}" if entry.reason else ""
            return f"[{colour}]failed[/]{reason}"


def _diagnosis(entry: HistoryEntry, colour: str) -> str:
    said = entry.diagnosis
    if said is None:  # a daemon that says less than we know
        return NONE
    return f"[{colour}]{plain(said.cause)}[/] (was {plain(said.before)})"
