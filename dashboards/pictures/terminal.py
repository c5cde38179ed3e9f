"""Draws terminal.svg: real commands on simulated hosts, one GPU lost.

Run it with `.venv/bin/python dashboards/pictures/terminal.py`.
"""

import asyncio
import io
import os
import re
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from monitor.simulator.configuration import write_configuration
from monitor.simulator.fleet import Fleet
from monitor.simulator.host import SimulatedHost

COLUMNS = 118
COMMANDS = (
    ("check",),
    ("canary", "studio"),
    ("gpu", "cellar-gpu"),
)


async def said(folder: Path, *arguments: str) -> str:
    """Return what a command prints on a terminal."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "monitor", *arguments),
        cwd=folder,
        env={**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(COLUMNS)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    out, _ = await process.communicate()
    return out.decode()


async def draw(folder: Path) -> str:
    """Return the picture."""
    names = ("studio", "attic", "cellar")
    hosts = [SimulatedHost(n, workdir=folder / n) for n in names]
    paper = Console(record=True, width=COLUMNS, file=io.StringIO())
    async with Fleet(*hosts):
        write_configuration(hosts, folder, listen="127.0.0.1:0")
        hosts[1].faults.switch_on("bad_gateway")
        await said(folder, "gpu", "cellar-gpu")
        hosts[2].faults.switch_on("gpu_lost")
        for command in COMMANDS:
            typed = " ".join(command)
            paper.print(f"[bold]$ facefusion-monitor {typed}[/]")
            paper.print(Text.from_ansi(await said(folder, *command)))
    svg = paper.export_svg(title="facefusion-monitor")
    # Columns are spaces: a renderer must keep them.
    svg = svg.replace("<svg ", '<svg xml:space="preserve" ', 1)
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        picture = asyncio.run(draw(Path(made)))
    Path(__file__).with_suffix(".svg").write_text(picture)
