"""`simulate`: one simulated FaceFusion host to try things on."""

import asyncio
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from monitor.simulator.configuration import write_configuration
from monitor.simulator.control import list_faults
from monitor.simulator.faults import InvalidFaultValue, UnknownFault
from monitor.simulator.fleet import Fleet
from monitor.simulator.host import SimulatedHost

_NAME = "simulated"
_MONITOR = "127.0.0.1:10777"
_ABOUT = """
FaceFusion  {host.url}/api/v1/status
SSH         ssh -p {host.ssh_port} -i {folder}/observe \\
              -o UserKnownHostsFile={folder}/known_hosts \\
              ffmon@{host.ssh_address} nvidia-smi
Files       {host.canary_directory}
Control     {control}/

Watch it:   facefusion-monitor run --config {configuration}
Break it:   curl -X PUT {control}/hosts/{host.name}/faults/FAULT
Heal it:    curl -X DELETE {control}/hosts/{host.name}/faults/FAULT

{faults}

Ctrl-C ends it.
"""


def simulate(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="HTTP port; 0: any free one")
    ] = 7870,
    ssh_port: Annotated[
        int, typer.Option(min=0, max=65535, help="SSH port; 0: any free one")
    ] = 0,
    control_port: Annotated[
        int,
        typer.Option(
            min=0, max=65535, help="port that switches faults; 0: any free one"
        ),
    ] = 0,
    gpus: Annotated[
        int, typer.Option(min=1, max=8, help="how many RTX 3090 it has")
    ] = 2,
    speed: Annotated[
        float,
        typer.Option(
            min=0.0, help="factor on what jobs take; 0.1 is ten times as fast"
        ),
    ] = 1.0,
    fault: Annotated[
        list[str] | None,
        typer.Option(help="a fault to start with, as NAME or NAME=VALUE"),
    ] = None,
    directory: Annotated[
        Path | None,
        typer.Option(
            help="keep keys and files here; default: a temporary one"
        ),
    ] = None,
) -> None:
    """Run a simulated FaceFusion host: its HTTP API, SSH and nvidia-smi."""
    with _workshop(directory) as folder:
        host = SimulatedHost(
            _NAME,
            workdir=folder / "host",
            gpus=gpus,
            http_port=port,
            ssh_port=ssh_port,
            speed=speed,
        )
        for text in fault or ():
            _break(host, text)
        asyncio.run(_serve(host, folder, control_port))


@contextmanager
def _workshop(directory: Path | None) -> Iterator[Path]:
    if directory is not None:
        yield directory.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="facefusion-simulate-") as made:
        yield Path(made)


def _break(host: SimulatedHost, text: str) -> None:
    name, _, value = text.partition("=")
    try:
        host.faults.switch_on(name, float(value) if value else None)
    except ValueError:
        raise typer.BadParameter(
            f"cannot read {text!r}: say NAME or NAME=NUMBER"
        ) from None
    except (UnknownFault, InvalidFaultValue) as error:
        raise typer.BadParameter(str(error)) from None


async def _serve(host: SimulatedHost, folder: Path, control_port: int) -> None:
    """Run the host until somebody says stop."""
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, over.set)
    async with Fleet(host, control_port=control_port) as fleet:
        typer.echo(await asyncio.to_thread(_prepare, host, folder, fleet))
        await over.wait()


def _prepare(host: SimulatedHost, folder: Path, fleet: Fleet) -> str:
    """Make what a client needs and return what to tell about it."""
    return _ABOUT.format(
        host=host,
        folder=folder,
        control=fleet.control_url,
        configuration=write_configuration([host], folder, listen=_MONITOR),
        faults=list_faults(),
    )
