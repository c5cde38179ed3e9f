"""FaceFusion is killed: how long until it serves again?

Run it: `.venv/bin/python tests/bench/bench_restart.py`, as root. On a host
with a real systemd the same `kill -9` of a unit that nobody restarts
(Restart=no) is healed by a person who stands by and types `systemctl restart`
at once, by Debian's Monit on that host with a cycle of 5 s and of 30 s, and
by our daemon from another machine: known, planned and applied by a script as
soon as the diagnosis is `process_down`, at default settings. Serving is: its
status answers 200, asked every 50 ms. Ours is also timed until the change is
proved: new process, port, three good looks.
"""

import asyncio
import os
import random
import shutil
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.bench_killed import monit_program
from tests.bench.rounds import LEAST_ROUNDS, not_run, say, table
from tests.machines import land
from tests.machines.host import SystemdHost
from tests.machines.waiting import until
from tests.stories.rescue import rescued

HAND = "systemctl restart by hand, at once"
OURS, PROVED = "ours, serving", "ours, proved"
CYCLES = (5, 30)
"""Seconds between two looks of a Monit."""
WITHIN = 120.0
MONIT = """\
set daemon {cycle}
set pidfile /run/monit-{cycle}.pid
set statefile /run/monit-{cycle}.state
set idfile /run/monit-{cycle}.id
set log /run/monit-{cycle}.log
check process facefusion matching "facefusion.py run"
  start program = "/bin/systemctl restart facefusion.service"
  stop program = "/bin/systemctl stop facefusion.service"
  if does not exist then restart
"""
Healed = Mapping[str, float]


def monit(cycle: int) -> str:
    return f"Monit, cycle {cycle} s"


def serves(host: SystemdHost) -> bool:
    """Return whether its status answers 200 now."""
    try:
        with urllib.request.urlopen(  # noqa: S310 - a machine of ours
            f"{host.url}/api/v1/status", timeout=1
        ) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def healed(host: SystemdHost, at: float) -> float:
    """Return the seconds since a Unix time until it serves."""
    until(lambda: serves(host), bool, within=WITHIN)
    return time.clock_gettime(time.CLOCK_REALTIME) - at


def by_hand(host: SystemdHost) -> float:
    at = host.kill_facefusion()
    host.systemctl("restart")
    return healed(host, at)


def by_monit(host: SystemdHost, program: str, cycle: int) -> float:
    shutil.copy(program, host.path("/usr/local/bin/monit"))
    config = host.path(f"/run/monitrc-{cycle}")
    config.write_text(MONIT.format(cycle=cycle))
    config.chmod(0o600)
    unit = f"monit-{cycle}"
    host.run(
        f"systemd-run -q --unit={unit}"
        f" /usr/local/bin/monit -I -c /run/monitrc-{cycle}"
    )
    time.sleep(random.uniform(3, 3 + cycle))  # noqa: S311 - no secret
    try:
        return healed(host, host.kill_facefusion())
    finally:
        host.run(f"systemctl stop {unit}")


async def by_us(host: SystemdHost, folder: Path) -> Healed:
    """Last: what was restarted before our daemon came, it has not seen."""
    async with rescued(host, folder, hurry=False) as rescue:
        await asyncio.sleep(random.uniform(1, 5))  # noqa: S311 - no secret
        at = host.kill_facefusion()
        serving = asyncio.create_task(asyncio.to_thread(healed, host, at))
        await rescue.is_diagnosed("process_down")
        change = await rescue.restarts()
        assert change["outcome"] == "succeeded", change
        proved = time.clock_gettime(time.CLOCK_REALTIME) - at
        return {OURS: await serving, PROVED: proved}


async def one_round(folder: Path, program: str) -> Healed:
    with SystemdHost() as host:
        took = {HAND: await asyncio.to_thread(by_hand, host)}
        for cycle in CYCLES:
            took[monit(cycle)] = await asyncio.to_thread(
                by_monit, host, program, cycle
            )
        return took | dict(await by_us(host, folder))


async def measure(folder: Path, program: str) -> None:
    figures: dict[str, list[float]] = {}
    for number in range(LEAST_ROUNDS):
        room = folder / str(number)
        room.mkdir()
        for name, took in (await one_round(room, program)).items():
            figures.setdefault(name, []).append(took)
    title = f"kill -9 to serving, {LEAST_ROUNDS} kills"
    table(title, figures, peer=monit(CYCLES[-1]), unit="s")
    more = median(figures[OURS]) - median(figures[HAND])
    say(f"\nours beside a hand that knows at once: {more:+.1f} s")


def main(words: Sequence[str]) -> None:
    what = "kill -9 to serving"
    program = monit_program()
    flaw = "" if land.inside() else land.flaw()
    if program is None:
        flaw = flaw or "there is no monit; make bench unpacks Debian's"
    if flaw or program is None:
        not_run(what, flaw)
    elif not land.inside():
        os.environ[land.HERE] = "inside"
        inner = land.command([sys.executable, *words])
        os.execvp(inner[0], inner)  # noqa: S606 - no shell, our own words
    else:
        land.settle()
        with tempfile.TemporaryDirectory() as scratch:
            asyncio.run(measure(Path(scratch), program))


if __name__ == "__main__":
    main(sys.argv)
