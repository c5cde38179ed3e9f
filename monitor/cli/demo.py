"""`demo`: the daemon on three simulated hosts, with faults to switch on."""

import asyncio
import tempfile
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from monitor.daemon.configuration import Configuration
from monitor.daemon.serve import serve
from monitor.outputs import log
from monitor.simulator.backend import SimulatedBackend
from monitor.simulator.configuration import write_configuration
from monitor.simulator.fleet import Fleet
from monitor.simulator.host import SimulatedHost

DEFAULT_PORT = 10777
NAMES = ("studio", "attic", "cellar")
_HELP = """
{hosts}

  metrics   curl -s {url}/metrics | grep '^facefusion_'
  servers   {control}  (all faults, one line each)
  commands  facefusion-monitor check --config {path}

Three faults to try; DELETE instead of PUT heals them:

  curl -X PUT '{control}/hosts/studio/faults/process_killed'
      process_down within 5 s, and a page
  curl -X PUT '{control}/hosts/cellar/faults/gpu_lost'
      gpu_lost within 10 s, and a page
  curl -X PUT '{control}/hosts/attic/faults/slow?value=4'
      slow when three canaries were, some 2 minutes; a warning

  facefusion-monitor status          one line a server: which cause, and why
  facefusion-monitor status studio   the evidence, and what to do
  facefusion-monitor pages           who would have been woken

Ctrl-C ends it.
"""


def demo(
    port: Annotated[
        int,
        typer.Option(
            min=0, max=65535, help="The daemon's port; 0 takes a free one."
        ),
    ] = DEFAULT_PORT,
) -> None:
    """Watch three simulated FaceFusion servers; try a fault on them."""
    log.set_up("info", "text")
    with tempfile.TemporaryDirectory(prefix="facefusion-demo-") as folder:
        asyncio.run(_demo(Path(folder), port))


async def _demo(folder: Path, port: int) -> None:
    backend = SimulatedBackend()
    fleet = Fleet(
        *(SimulatedHost(name, workdir=folder / name) for name in NAMES),
        backend=backend,
    )
    async with fleet:
        path = write_configuration(
            fleet.hosts.values(),
            folder,
            listen=f"127.0.0.1:{port}",
            backend=backend,
        )
        configuration = Configuration(path, {}, folder)
        await serve(configuration, started=partial(_welcome, fleet, path))


def _welcome(fleet: Fleet, path: Path, url: str) -> None:
    hosts = "\n".join(
        f"  {host.name:<9} {host.url}/api/v1/status"
        for host in fleet.hosts.values()
    )
    control = fleet.control_url
    typer.echo(_HELP.format(hosts=hosts, url=url, control=control, path=path))
