"""Prints what the daemon knows of its servers and their machines."""

from datetime import datetime

from rich.table import Table

from monitor.cli.console import console
from monitor.cli.print_cause import cause_lines
from monitor.cli.words import (
    NONE,
    ago,
    between,
    coloured,
    moment,
    plain,
    span,
)
from monitor.domain.diagnosis.cause import NONE as WELL
from monitor.schemas.check import Check
from monitor.schemas.host import HostInFull, Hosts
from monitor.schemas.maintenance import Maintenance
from monitor.schemas.target import Target, TargetInFull, Targets


def print_targets(told: Targets) -> None:
    """Print one row a server; colours only on a terminal."""
    headings = ("TARGET", "HEALTH", "DIAGNOSIS", "FOR", "SEEN")
    table = _table(*headings, "MAINTENANCE", "BECAUSE")
    for target in told.targets:
        table.add_row(
            plain(target.name),
            coloured(target.health),
            _cause(target),
            between(target.since, told.at),
            ago(target.age_seconds),
            _work(target.maintenance),
            plain(target.because),
        )
    console().print(table)


def print_machines(told: Hosts) -> None:
    """Print one row a machine below the servers; nothing without any."""
    if not told.hosts:
        return
    table = _table("HOST", "HEALTH", "FOR", "SEEN", "TARGETS", "BECAUSE")
    for host in told.hosts:
        table.add_row(
            plain(host.name),
            coloured(host.health),
            between(host.since, told.at),
            ago(host.age_seconds),
            plain(", ".join(host.targets)) or NONE,
            plain(host.because),
        )
    screen = console()
    screen.print()
    screen.print(table)


def print_target(told: TargetInFull, machine: HostInFull | None) -> None:
    """Print one server, each of its checks and those of its machine."""
    screen = console()
    for line in _about(told):
        screen.print(line, highlight=False, soft_wrap=True)
    table = _table("CHECK", "HEALTH", "FOR", "SEEN", "SECONDS", "BECAUSE")
    for check in told.checks:
        table.add_row(plain(check.name), *_cells(check, told.at))
    for check in machine.checks if machine else ():
        name = f"{check.name} on {told.host}"
        table.add_row(plain(name), *_cells(check, told.at))
    screen.print()
    screen.print(table)


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _about(target: TargetInFull) -> list[str]:
    host = f" on {plain(target.host)}" if target.host else ""
    health = f"{coloured(target.health)}{_since(target)}"
    lines = [
        f"{plain(target.name)} is {health}: {plain(target.because)}",
        f"{plain(target.url)} ({plain(target.dialect)}){host}",
    ]
    if target.maintenance:
        lines.append(f"in maintenance {_work(target.maintenance)}")
    return [*lines, *cause_lines(target.diagnosis)]


def _cause(target: Target) -> str:
    cause = target.diagnosis.cause
    return NONE if cause == WELL else plain(cause)


def _since(target: Target) -> str:
    return f" since {moment(target.since)} UTC" if target.since else ""


def _work(work: Maintenance | None) -> str:
    if work is None:
        return NONE
    return f"{span(work.remaining_seconds)} left: {plain(work.reason)}"


def _cells(check: Check, now: datetime) -> tuple[str, ...]:
    last = check.last
    return (
        coloured(check.health) + (" flapping" if check.flapping else ""),
        between(check.since, now),
        ago(last.age_seconds if last else None),
        f"{last.duration_seconds:.3f}" if last else NONE,
        plain(_why(check)),
    )


def _why(check: Check) -> str:
    """Return the opinion's reason, and what newer looks say beside it."""
    words = [check.because]
    last, skipped = check.last, check.last_skipped
    if last and last.health is not check.health:
        words.append(f"the last look was {last.health}: {last.because}")
    if skipped and (last is None or skipped.at > last.at):
        words.append(f"skipped: {skipped.because or skipped.reason}")
    return "; ".join(words)
