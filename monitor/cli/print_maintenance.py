"""Prints planned work."""

from rich.table import Table

from monitor.cli.console import console
from monitor.cli.words import NONE, moment, plain, span
from monitor.schemas.maintenance import Maintenance, Maintenances


def print_started(work: Maintenance) -> None:
    """Print what was started and how to end it."""
    _say(
        f"{_over(work)}: maintenance until {moment(work.ends_at)} UTC"
        f" ({span(work.remaining_seconds)} left)"
    )
    _say(
        "end it earlier with `facefusion-monitor maintenance end"
        f" {plain(work.id)}`"
    )


def print_ended(work: Maintenance) -> None:
    """Print what is watched again."""
    _say(f"{_over(work)}: maintenance {plain(work.id)} ended")


def print_list(told: Maintenances) -> None:
    """Print one row a stretch of planned work."""
    if not told.maintenance:
        console().print("no maintenance is under way or to come")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    headings = ("ID", "STATE", "FROM (UTC)", "UNTIL (UTC)", "LEFT", "OVER")
    for heading in (*headings, "BY", "REASON"):
        table.add_column(heading, overflow="fold")
    for work in told.maintenance:
        table.add_row(*_cells(work))
    console().print(table)


def _say(line: str) -> None:
    """Print a line that is not folded, so that it can be copied."""
    console().print(line, highlight=False, soft_wrap=True)


def _cells(work: Maintenance) -> tuple[str, ...]:
    left = work.remaining_seconds
    return (
        plain(work.id),
        _state(work),
        moment(work.starts_at),
        moment(work.ended_at or work.ends_at),
        span(left) if left else NONE,
        _over(work),
        plain(work.by),
        plain(work.reason),
    )


def _state(work: Maintenance) -> str:
    if work.active:
        return "[yellow]active[/]"
    return "to come" if work.remaining_seconds else "over"


def _over(work: Maintenance) -> str:
    """Return what it is over: the three ways add up."""
    labels = ",".join(f"{name}={value}" for name, value in work.labels.items())
    parts = [
        *work.targets,
        *(f"host {host}" for host in work.hosts),
        *([f"label {labels}"] if labels else []),
    ]
    return plain(", ".join(parts))
