"""`gpu`: nvidia-smi now, as a table."""

import asyncio
import json
from typing import Annotated

import typer

from monitor.cli.console import console
from monitor.cli.exit_codes import OF_HEALTH
from monitor.cli.gpu_table import as_json, render
from monitor.cli.load import settings
from monitor.cli.options import AsFormat, ConfigFile, Format
from monitor.cli.print_looks import as_data
from monitor.daemon.once import look_at_gpus
from monitor.domain.gpu.reading import GpuReading


def gpu(
    host: Annotated[str, typer.Argument(help="A configured host.")],
    config: ConfigFile = None,
    output: AsFormat = Format.TEXT,
) -> int:
    """Show a machine's GPUs as nvidia-smi sees them now.

    Exits like `check`; a machine that cannot be reached is unhealthy.
    """
    seen = asyncio.run(look_at_gpus(settings(config), host))
    reading = seen.reading
    if output is Format.JSON:
        datum = as_data([seen])[0]
        if isinstance(reading, GpuReading):
            datum |= as_json(reading)
        typer.echo(json.dumps(datum, indent=2))
        return OF_HEALTH[seen.health]
    if isinstance(reading, GpuReading) and reading.gpus:
        console().print(render(reading))
    if not seen.succeeded:
        typer.echo(seen.because, err=True)
    return OF_HEALTH[seen.health]
