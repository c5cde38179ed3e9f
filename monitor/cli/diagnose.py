"""`diagnose`: the guide's whole checklist, and what it means."""

import asyncio
import json
from contextlib import nullcontext
from typing import Annotated

import typer
from rich.console import Console

from monitor.adapters.clock import SystemClock
from monitor.cli.console import console
from monitor.cli.exit_codes import OF_HEALTH
from monitor.cli.load import settings
from monitor.cli.options import AsFormat, ConfigFile, Format
from monitor.cli.print_diagnosis import as_data, print_diagnosis, print_layer
from monitor.config import Settings
from monitor.daemon.diagnosing_once import Diagnosed, Telling, diagnose_once
from monitor.domain.checklist.line import Layer


def diagnose(
    target: Annotated[str, typer.Argument(help="The target to look at.")],
    canary: Annotated[
        bool,
        typer.Option(
            "--canary/--no-canary",
            help="Run the first enhance canary, or leave it out.",
        ),
    ] = True,
    config: ConfigFile = None,
    output: AsFormat = Format.TEXT,
) -> int:
    """Go through the whole checklist now, and say what is wrong and why.

    Needs no daemon and changes nothing. Exits like `check`, by the health
    of the diagnosis.
    """
    wanted = settings(config)
    shows = output is Format.TEXT
    seen = _seen(wanted, target, canary=canary, shows=shows)
    now = SystemClock().now()
    if shows:
        print_diagnosis(console(), seen, now)
    else:
        typer.echo(json.dumps(as_data(seen, now), indent=2))
    return OF_HEALTH[seen.diagnosis.health]


def _seen(
    wanted: Settings, target: str, *, canary: bool, shows: bool
) -> Diagnosed:
    """Go through it, telling on standard error what is being done."""
    screen, errors = console(), Console(stderr=True)
    showing = errors.status("looking") if errors.is_terminal else nullcontext()
    with showing as status:

        def step(words: str) -> None:
            if status is None:
                errors.print(words, highlight=False, markup=False)
            else:
                status.update(words)

        def layer(found: Layer) -> None:
            if status is not None:
                status.stop()  # or the first line follows its last words
            if shows:
                print_layer(screen, found)
            if status is not None:
                status.start()

        telling = Telling(layer=layer, step=step)
        return asyncio.run(
            diagnose_once(wanted, target, telling, canary=canary)
        )
