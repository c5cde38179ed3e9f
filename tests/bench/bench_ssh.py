"""One collection from a GPU host: 46 kB of XML over SSH.

Run it: `.venv/bin/python tests/bench/bench_ssh.py`. Ours, on a connection
that stays, beside paramiko as its manual shows it, also on a connection
that stays, and the `ssh` command, a connection each time (DESIGN §6: at
most 10 ms, 1.5 ms of CPU here). Then a real sshd: through the channel of a
gate, beside a script and the `ssh` command.
"""

import asyncio
import resource
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

import paramiko

sys.path.insert(0, str(Path(__file__).parents[2]))

from monitor.adapters.clock import SystemClock
from monitor.adapters.loop import loop_factory
from monitor.adapters.ssh.host import SshHost
from monitor.adapters.ssh.settings import SshSettings
from monitor.probes.gpu_script import script
from tests.bench.gate_ssh import (
    by_command,
    by_script,
    gate_host,
    gpu_part,
    observed,
)
from tests.bench.gpu_hosts import SIZE, Hosts, serving
from tests.bench.rounds import at_most, say, table

ROUNDS = 15
TIMES = 20
OURS = "our persistent connection"
UNTUNED = "paramiko untuned, kept open"
COMMAND = "the ssh command each time"
SCRIPT = script(10)
BY_SCRIPT = "a script, our open connection"
GPU = "part gpu, the gate's channel"
MACHINE = "part machine, the gate's channel"

Collect = Callable[[], Awaitable[int]]


def ours(hosts: Hosts) -> Collect:
    host = SshHost("bench", settings(hosts), SystemClock())

    async def collect() -> int:
        return len((await host.run(SCRIPT, within=10)).stdout)

    return collect


def settings(hosts: Hosts) -> SshSettings:
    return SshSettings(
        address=hosts.addresses[0],
        port=hosts.port,
        user="bench",
        key_file=hosts.key_file,
        known_hosts_file=hosts.known_hosts_file,
    )


def untuned(hosts: Hosts) -> Collect:
    client = paramiko.SSHClient()
    client.load_host_keys(str(hosts.known_hosts_file))
    client.connect(
        hosts.addresses[0],
        hosts.port,
        "bench",
        key_filename=str(hosts.key_file),
        allow_agent=False,
        look_for_keys=False,
    )

    def run() -> int:
        stdin, stdout, _ = client.exec_command("nvidia-smi -q -x")
        stdin.channel.shutdown_write()
        return len(stdout.read())

    async def collect() -> int:
        return await asyncio.to_thread(run)

    return collect


def command(hosts: Hosts) -> Collect:
    words = (
        *("ssh", "-p", str(hosts.port), "-i", str(hosts.key_file)),
        *("-o", f"UserKnownHostsFile={hosts.known_hosts_file}"),
        *("-o", "BatchMode=yes", "-F", "none", "-l", "bench"),
        *(hosts.addresses[0], "nvidia-smi -q -x"),
    )

    async def collect() -> int:
        process = await asyncio.create_subprocess_exec(
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
        )
        return len((await process.communicate())[0])

    return collect


def cpu() -> float:
    """Return the seconds of CPU of this process and its children."""
    return sum(
        used.ru_utime + used.ru_stime
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        for used in (resource.getrusage(who),)
    )


Contenders = dict[str, tuple[Collect, int]]
"""How each collects, and how often in a round."""


async def contend(
    collect: Collect, times: int, least: int
) -> tuple[float, float]:
    """Return the median time and the CPU of one collection, in ms."""
    took, begun = [], cpu()
    for _ in range(times):
        at = time.perf_counter()
        got = await collect()
        took.append(time.perf_counter() - at)
        assert got >= least, f"only {got} bytes came"
    return median(took) * 1e3, (cpu() - begun) / times * 1e3


async def compare(
    title: str, contenders: Contenders, peer: str
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Let all take turns, print and return what they reached."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    spent: dict[str, list[float]] = {name: [] for name in contenders}
    for lap in range(ROUNDS + 1):
        for name, (collect, often) in contenders.items():
            least = 1 if name == MACHINE else SIZE
            took, used = await contend(collect, often, least)
            if lap:  # the first round warms up
                times[name].append(took)
                spent[name].append(used)
    table(f"{title}, {ROUNDS} rounds: time", times, peer=peer, unit="ms")
    table(f"{title}, {ROUNDS} rounds: CPU here", spent, peer=peer, unit="ms")
    say("")
    return times, spent


async def measure(folder: Path) -> None:
    async with serving(folder, 1) as hosts:
        contenders = {
            COMMAND: (command(hosts), 2),
            UNTUNED: (untuned(hosts), TIMES),
            OURS: (ours(hosts), TIMES),
        }
        title = "one collection of 46 kB over SSH"
        times, spent = await compare(title, contenders, UNTUNED)
    at_most("time p50", median(times[OURS]), 10, "ms")
    at_most("CPU", median(spent[OURS]), 1.5, "ms")


async def measure_gate(folder: Path) -> None:
    with gate_host(folder) as host:
        contenders = {
            COMMAND: (by_command(host), 2),
            BY_SCRIPT: (by_script(host), TIMES),
            GPU: (gpu_part(host), TIMES),
            MACHINE: (observed(host), TIMES),
        }
        title = "46 kB, and one look at a machine, over a real sshd"
        times, spent = await compare(title, contenders, COMMAND)
    at_most("gpu part, time p50", median(times[GPU]), 10, "ms")
    at_most("gpu part, CPU", median(spent[GPU]), 1.5, "ms")


async def main(folder: Path) -> None:
    await measure(folder)
    await measure_gate(folder / "real")


if __name__ == "__main__":
    with (
        tempfile.TemporaryDirectory() as scratch,
        asyncio.Runner(loop_factory=loop_factory()) as runner,
    ):
        runner.run(main(Path(scratch)))
