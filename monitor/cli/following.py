"""Follows a change until it ends, or until nobody wants to any more."""

import os
import sys
from pathlib import Path

import typer

from monitor.cli.acting import NOT_KNOWN, again, code_of, missing_change
from monitor.cli.ask_daemon import ask, print_json
from monitor.cli.options import Format
from monitor.cli.print_change import print_outcome, print_progress
from monitor.cli.print_rungs import RungTeller
from monitor.client import Client
from monitor.domain.errors import MonitorError
from monitor.schemas.change import Change, ChangeNow

EVERY = 1.0
"""Seconds between two questions how it goes on."""


def follow(
    url: str,
    token_file: Path | None,
    ca_file: Path | None,
    begun: Change,
    output: Format,
    within: float,
) -> int:
    """Print how a change goes on; return the exit code of how it ended.

    At most for `within` seconds. Whoever stops looking stops nothing:
    Ctrl-C, a closed pipe or a daemon that is gone leave it to go on by
    itself, and that is said.
    """
    newest = [begun]
    told = _Teller(again(url, token_file))

    async def errand(door: Client) -> None:
        async for change in door.follow(
            begun.id, within=within, every=EVERY, waits=_waits
        ):
            newest.append(change)
            if output is Format.TEXT:
                told.tell(change)

    try:
        ask(url, token_file, ca_file, errand, missing=missing_change(begun.id))
        _told(newest[-1], output)
    except KeyboardInterrupt:
        detached(begun.id, again(url, token_file))
    except BrokenPipeError:
        _nobody_reads()
        detached(begun.id, again(url, token_file))
    except MonitorError as error:
        typer.echo(str(error), err=True)
        detached(begun.id, again(url, token_file))
    else:
        return code_of(newest[-1])
    return NOT_KNOWN


def _waits(error: MonitorError) -> None:
    """Say that the change cannot be seen just now, and goes on."""
    typer.echo(f"{error}; waiting for it", err=True)


class _Teller:
    """Prints where a change is when it went on, and then its rungs."""

    def __init__(self, options: str) -> None:
        self._rungs = RungTeller(options)
        self._last = ""

    def tell(self, change: ChangeNow) -> None:
        here = change.model_dump_json(include={"state", "outcome", "progress"})
        if here != self._last or not change.rungs:
            print_progress(change)
        self._last = here
        self._rungs.tell(change.rungs)


def detached(change_id: str, options: str) -> None:
    """Say that a change goes on by itself, and how it is found again."""
    typer.echo(
        f"change {change_id} goes on by itself, as far as we know; follow it"
        f" with `facefusion-monitor changes {change_id} --follow{options}`,"
        " stop it while nothing was sent with"
        f" `facefusion-monitor cancel {change_id}{options}`",
        err=True,
    )


def _told(change: Change, output: Format) -> None:
    if output is Format.JSON:
        print_json(change)
    elif change.outcome is not None:
        print_outcome(change)


def _nobody_reads() -> None:
    """Let what is still to be written go nowhere: `| head` took enough."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
