"""`canary`: run canaries now and compare them with the benchmark."""

import asyncio
import json
from contextlib import nullcontext
from typing import Annotated

import typer
from rich.console import Console

from monitor.cli.check import exit_code
from monitor.cli.load import settings
from monitor.cli.options import AsFormat, ConfigFile, Format
from monitor.cli.print_canaries import print_canaries
from monitor.cli.print_looks import as_data
from monitor.daemon.once import run_canaries


def canary(
    target: Annotated[str, typer.Argument(help="The target to run them on.")],
    name: Annotated[
        str | None,
        typer.Option("--name", help="Only this one, e.g. enhance-codeformer."),
    ] = None,
    config: ConfigFile = None,
    output: AsFormat = Format.TEXT,
) -> int:
    """Run a target's canaries now, one after another.

    Exits like `check`. An output that could not be verified is 3.
    """
    wanted = settings(config)
    errors = Console(stderr=True)
    showing = (
        errors.status("starting") if errors.is_terminal else nullcontext()
    )
    with showing as status:

        def on_step(step: str) -> None:
            if status is None:
                errors.print(step, highlight=False, markup=False)
            else:
                status.update(step)

        seen = asyncio.run(run_canaries(wanted, target, name, on_step))
    if output is Format.JSON:
        typer.echo(json.dumps(as_data(seen), indent=2))
    else:
        print_canaries(seen)
    return exit_code(seen)
