"""`/probe` of a real daemon beside blackbox_exporter's, on one core.

Run it: `.venv/bin/python tests/bench/bench_probe.py` (2 minutes). Both get
the same core, the same target in another process and as many questions at
once; who asks runs on the other core (DESIGN §6: at least as many a second
as blackbox_exporter).
"""

import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench import blackbox, http_load, target
from tests.bench.processes import cpu_of
from tests.bench.rounds import (
    at_least,
    at_most,
    interleave,
    not_run,
    ratio,
    table,
)
from tests.stories.daemon import running

ROUNDS = 7
AT_ONCE = 8
SECONDS = 5.0
OURS = "the daemon's /probe"
PEER = "blackbox_exporter, one core"
CONFIG = """\
server: {{listen: '127.0.0.1:0'}}
targets: [{{name: bench, url: '{url}', dialect: rest}}]
"""

Contender = Callable[[], Awaitable[float]]


def pinned(core: int) -> tuple[str, ...]:
    return ("taskset", "-c", str(core))


def asks(
    port: int, path: str, core: int, spent: list[float], pid: int
) -> Contender:
    """Return a contender: answers a second; notes the CPU of each."""

    async def contend() -> float:
        begun = cpu_of(pid)
        count = await http_load.run(pinned(core), port, path, AT_ONCE, SECONDS)
        assert not count.bad, f"{count.bad} of {count.good} answers were bad"
        spent.append((cpu_of(pid) - begun) / count.good * 1e6)
        return count.good / SECONDS

    return contend


async def measure(folder: Path) -> None:
    cores = sorted(os.sched_getaffinity(0))
    mine, others = cores[0], cores[-1]
    async with contextlib.AsyncExitStack() as stack:
        url = await stack.enter_async_context(target.serving())
        (folder / "one.yml").write_text(CONFIG.format(url=url))
        os.sched_setaffinity(0, {mine})  # the daemon inherits it
        daemon = await stack.enter_async_context(
            running("--config", str(folder / "one.yml"), cwd=folder)
        )
        os.sched_setaffinity(0, set(cores))
        peer = await stack.enter_async_context(
            blackbox.running(
                folder, *pinned(mine), environ={"GOMAXPROCS": "1"}
            )
        )
        where = quote(f"{url}/api/v1/status", safe="")
        spent: dict[str, list[float]] = {PEER: [], OURS: []}
        figures = await interleave(
            {
                PEER: asks(
                    peer.port,
                    f"/probe?module=status&target={where}",
                    others,
                    spent[PEER],
                    peer.pid,
                ),
                OURS: asks(
                    int(daemon.url.rpartition(":")[2]),
                    "/probe?module=status&target=bench",
                    others,
                    spent[OURS],
                    daemon.process.pid,
                ),
            },
            rounds=ROUNDS,
        )
    title = f"/probe, {AT_ONCE} at once, {ROUNDS} rounds of {SECONDS:g} s"
    table(f"{title}: answers a second", figures, peer=PEER, unit="/s")
    cpu = {name: used[1:] for name, used in spent.items()}
    table(f"{title}: CPU of one", cpu, peer=PEER, unit="us")
    beside = ratio(figures, OURS, peer=PEER)
    at_least("\nanswers a second, ratio", beside, 1)
    at_most("CPU of one, ratio", ratio(cpu, OURS, peer=PEER), 1)


if __name__ == "__main__":
    if blackbox.path() is None or shutil.which("taskset") is None:
        not_run("/probe", "prometheus-blackbox-exporter or taskset is missing")
    else:
        with tempfile.TemporaryDirectory() as scratch:
            asyncio.run(measure(Path(scratch)))
