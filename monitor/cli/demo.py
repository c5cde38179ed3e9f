"""`demo`: the daemon on three simulated hosts, with faults to switch on."""

import asyncio
import tempfile
from collections.abc import Sequence
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
DEFAULT_URL = f"http://127.0.0.1:{DEFAULT_PORT}"
NAMES = ("studio", "attic", "cellar")
_HELP = """
{hosts}

  metrics   curl -s {token}{url}/metrics | grep '^facefusion_'
  servers   {control}  (all faults, one line each)
  commands  facefusion-monitor check --config {path}

{exports}Three faults to try; DELETE instead of PUT heals them:

  curl -X PUT '{control}/hosts/studio/faults/process_killed'
      process_down within 5 s, and a page
  curl -X PUT '{control}/hosts/cellar/faults/gpu_lost'
      gpu_lost within 10 s, and a page
  curl -X PUT '{control}/hosts/attic/faults/slow?value=4'
      slow when three canaries were, some 2 minutes; a warning

  facefusion-monitor status          one line a server: which cause, and why
  facefusion-monitor status studio   the evidence, and what to do
  facefusion-monitor pages           who would have been woken

{actions}
Ctrl-C ends it.
"""
_URL = "export FACEFUSION_MONITOR_URL={url}\n"
_PERSON = "export FACEFUSION_MONITOR_TOKEN_FILE={folder}/ann\n"
_EXPORTS = "The commands below need, in their shell:\n\n{lines}\n"
_HEADER = '-H "Authorization: Bearer $(cat {folder}/ann)" '
_ACTIONS = """\
To restart a sick one; ann and bob may, each with a token of their own:

  facefusion-monitor plan restart studio --reason "it is down"
  facefusion-monitor apply PLAN      as the plan says; follows it to the end
  facefusion-monitor changes         what was done, by whom, how it ended
  facefusion-monitor approve PLAN --token-file {folder}/bob
                                     bob's word, where a plan waits for it

To climb to a reboot, with gpu_lost on cellar, which no restart heals:

  facefusion-monitor plan recover cellar --reason "its GPU is lost"
  facefusion-monitor apply PLAN --confirm cellar
      in another shell: follows it, and names the plan of the reboot
  facefusion-monitor apply PLAN --confirm cellar-gpu
      that plan, by the machine's name; then bob's word as above
"""
_NO_ACTIONS = "  demo --people      with tokens, to restart and reboot them\n"
PEOPLE = ("ann", "bob")


def demo(
    port: Annotated[
        int,
        typer.Option(
            min=0, max=65535, help="The daemon's port; 0 takes a free one."
        ),
    ] = DEFAULT_PORT,
    people: Annotated[
        bool,
        typer.Option(
            "--people",
            help="Give ann and bob tokens to restart servers with; then all"
            " that asks the daemon needs one.",
        ),
    ] = False,
) -> None:
    """Watch three simulated FaceFusion servers; try a fault on them."""
    log.set_up("info", "text")
    with tempfile.TemporaryDirectory(prefix="facefusion-demo-") as folder:
        asyncio.run(_demo(Path(folder), port, PEOPLE if people else ()))


async def _demo(folder: Path, port: int, people: Sequence[str]) -> None:
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
            people=people,
        )
        configuration = Configuration(path, {}, folder)
        await serve(
            configuration, started=partial(_welcome, fleet, path, people)
        )


def _welcome(
    fleet: Fleet, path: Path, people: Sequence[str], url: str
) -> None:
    hosts = "\n".join(
        f"  {host.name:<9} {host.url}/api/v1/status"
        for host in fleet.hosts.values()
    )
    folder, control = path.parent, fleet.control_url
    exports = "" if url == DEFAULT_URL else f"  {_URL.format(url=url)}"
    if people:
        exports += f"  {_PERSON.format(folder=folder)}"
    told = _HELP.format(
        hosts=hosts,
        url=url,
        token=_HEADER.format(folder=folder) if people else "",
        control=control,
        path=path,
        exports=_EXPORTS.format(lines=exports) if exports else "",
        actions=_ACTIONS.format(folder=folder) if people else _NO_ACTIONS,
    )
    typer.echo(told)
