"""FaceFusion is killed: how long until somebody knows?

Run it: `.venv/bin/python tests/bench/bench_killed.py`, as root. On a host
with a real systemd the same `kill -9` is seen by our daemon from another
machine, at default settings, and by Debian's Monit on that host itself,
with a cycle of 30 s (its manual's; Debian's own file says 120) and of 5 s.
Before each kill a while passes that is left to chance. Known is: metrics
say not running and unhealthy; Monit's `if does not exist` has run. To
reach: at most 5 s (DESIGN §6).
"""

import asyncio
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.rounds import LEAST_ROUNDS, at_most, not_run, say, table
from tests.machines import land
from tests.machines.host import SystemdHost
from tests.machines.waiting import until
from tests.stories.daemon import Daemon
from tests.stories.machine_town import all_well, serving, watched

OURS = "ours, default settings"
CYCLES = (30, 5)
"""Seconds between two looks of a Monit."""
GOAL = 5.0
MONIT = """\
set daemon {cycle}
set pidfile /run/monit-{cycle}.pid
set statefile /run/monit-{cycle}.state
set idfile /run/monit-{cycle}.id
set log /run/monit-{cycle}.log
check process facefusion matching "facefusion.py run"
  if does not exist then exec "/usr/local/bin/monit-saw {cycle}"
"""
SAW = """\
#!/bin/sh
date +%s.%N >/run/monit-saw-$1.new
mv /run/monit-saw-$1.new /run/monit-saw-$1
"""
Known = Mapping[str, float]


PROGRAM = Path(sys.executable).parents[1] / "monit"
"""Where `make bench` unpacks Debian's Monit."""


def monit_program() -> str | None:
    """Return the Monit to measure, None without one."""
    return str(PROGRAM) if PROGRAM.exists() else shutil.which("monit")


def monit(cycle: int) -> str:
    return f"Monit, cycle {cycle} s"


def start_monits(host: SystemdHost) -> None:
    program = monit_program()
    if program is not None:
        shutil.copy(program, host.path("/usr/local/bin/monit"))
    saw = host.path("/usr/local/bin/monit-saw")
    saw.write_text(SAW)
    saw.chmod(0o755)
    for cycle in CYCLES:
        config = host.path(f"/run/monitrc-{cycle}")
        config.write_text(MONIT.format(cycle=cycle))
        config.chmod(0o600)
        host.run(
            f"systemd-run -q --unit=monit-{cycle}"
            f" /usr/local/bin/monit -I -c /run/monitrc-{cycle}"
        )


async def one_kill(host: SystemdHost, daemon: Daemon) -> Known:
    """Return the seconds until each of them knew."""
    at = host.kill_facefusion()
    await daemon.until(serving(0, "unhealthy"), within=60)
    known = {OURS: time.clock_gettime(time.CLOCK_REALTIME) - at}
    for cycle in CYCLES:
        saw = host.path(f"/run/monit-saw-{cycle}")
        await asyncio.to_thread(until, saw.exists, bool, within=2 * cycle + 30)
        known[monit(cycle)] = float(saw.read_text()) - at
    return known


async def one_round(folder: Path) -> Known:
    """Kill on a host of its own: three starts would be a crash loop."""
    with SystemdHost() as host:
        async with watched(host, folder, hurry=False) as daemon:
            await all_well(daemon, within=90)
            await daemon.until(serving(1, "healthy"), within=60)
            start_monits(host)
            chance = random.uniform(1, max(CYCLES))  # noqa: S311 - no secret
            await asyncio.sleep(chance)
            return await one_kill(host, daemon)


async def measure(folder: Path) -> None:
    figures: dict[str, list[float]] = {}
    for number in range(LEAST_ROUNDS):
        room = folder / str(number)
        room.mkdir()
        for name, took in (await one_round(room)).items():
            figures.setdefault(name, []).append(took)
    title = f"kill -9 to known, {LEAST_ROUNDS} kills"
    table(title, figures, peer=monit(CYCLES[0]), unit="s")
    say("")
    at_most("median", median(figures[OURS]), GOAL, "s")
    at_most("longest", max(figures[OURS]), GOAL, "s")


def main(words: Sequence[str]) -> None:
    what = "kill -9 to known"
    flaw = "" if land.inside() else land.flaw()
    if monit_program() is None:
        flaw = flaw or "there is no monit; make bench unpacks Debian's"
    if flaw:
        not_run(what, flaw)
    elif not land.inside():
        os.environ[land.HERE] = "inside"
        inner = land.command([sys.executable, *words])
        os.execvp(inner[0], inner)  # noqa: S606 - no shell, our own words
    else:
        land.settle()
        with tempfile.TemporaryDirectory() as scratch:
            asyncio.run(measure(Path(scratch)))


if __name__ == "__main__":
    main(sys.argv)
