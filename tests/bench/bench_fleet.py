"""1,000 targets, of which 300 hosts over SSH, watched by a real daemon.

Run it: `.venv/bin/python tests/bench/bench_fleet.py` (4 minutes). The
daemon, the targets and the hosts have processes of their own. Beside it
blackbox_exporter does the status part alone, at the same time and the same
rate (DESIGN §6: at most 35 % of a core and 400 MB).
"""

import asyncio
import contextlib
import itertools
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from math import inf
from pathlib import Path
from statistics import median
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench import blackbox, gpu_hosts, target
from tests.bench.processes import cpu_of, megabytes_of
from tests.bench.rounds import at_least, at_most, not_run, say, table
from tests.stories.daemon import Daemon, Scrape, running

ROUNDS = 5
WINDOW = 24.0
WARM = 45.0
TARGETS, HOSTS = 1000, 300
STATUS, GPU, SCRAPE = 30.0, 15.0, 15.0
OURS = "the daemon, all of it"
PEER = "blackbox_exporter, status only"


def configuration(url: str, hosts: gpu_hosts.Hosts) -> str:
    lines = ["server: {listen: '127.0.0.1:0'}", "hosts:"]
    for nth, address in enumerate(hosts.addresses):
        ssh = (
            f"{{address: {address}, port: {hosts.port}, user: bench,"
            f" key_file: {hosts.key_file},"
            f" known_hosts_file: {hosts.known_hosts_file}}}"
        )
        gpu = f"{{interval: {GPU:g}s}}"
        lines.append(f"- {{name: gpu{nth}, gpu: {gpu}, ssh: {ssh}}}")
    lines.append("targets:")
    for nth in range(TARGETS):
        host = f", host: gpu{nth}" if nth < len(hosts.addresses) else ""
        status = f"{{interval: {STATUS:g}s}}"
        lines.append(
            f"- {{name: studio{nth}, url: '{url}/{nth}', dialect: rest,"
            f" status: {status}{host}}}"
        )
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What both used of a core in one window, in per cent."""

    daemon: float
    peer: float


async def windows(pid: int, peer: int | None) -> AsyncIterator[Window]:
    for _ in range(ROUNDS):
        at = time.monotonic()
        before = cpu_of(pid), cpu_of(peer) if peer else 0.0
        await asyncio.sleep(WINDOW)
        passed = (time.monotonic() - at) / 100
        yield Window(
            daemon=(cpu_of(pid) - before[0]) / passed,
            peer=((cpu_of(peer) if peer else 0.0) - before[1]) / passed,
        )


async def drive(port: int, url: str) -> None:
    """Have blackbox_exporter probe every target at its interval."""
    step, at = STATUS / TARGETS, time.monotonic()
    asked: set[asyncio.Task[None]] = set()
    for nth in itertools.count():
        at += step
        await asyncio.sleep(max(0.0, at - time.monotonic()))
        where = f"{url}/{nth % TARGETS}/api/v1/status"
        task = asyncio.create_task(ask(port, where))
        asked.add(task)
        task.add_done_callback(asked.discard)


async def ask(port: int, where: str) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    path = f"/probe?module=status&target={quote(where, safe='')}"
    head = f"GET {path} HTTP/1.0\r\nHost: bench\r\n\r\n"  # not in chunks
    writer.write(head.encode())
    answer = await reader.read()
    assert b"probe_success 1" in answer, answer[-500:]
    writer.close()


async def scraping(daemon: Daemon) -> None:
    """Scrape as Prometheus would."""
    while True:
        await asyncio.sleep(SCRAPE)
        await daemon.client.get("/metrics")


@contextlib.asynccontextmanager
async def background(*work: asyncio.Task[None]) -> AsyncIterator[None]:
    try:
        yield
    finally:
        for task in work:
            task.cancel()
        for ended in await asyncio.gather(*work, return_exceptions=True):
            if not isinstance(ended, asyncio.CancelledError | None):
                say(f"a driver failed: {ended!r}")


def lags(scrape: Scrape) -> dict[float, float]:
    """Return how many runs began at most that many seconds late."""
    name = "facefusion_monitor_schedule_lag_seconds_bucket"
    return {
        float(s.labels["le"]): s.value
        for s in scrape.samples
        if s.name == name
    }


def prompt(first: Scrape, last: Scrape) -> float:
    """Return the percentage of runs between that began within 10 ms."""
    before = lags(first)
    runs = {le: n - before.get(le, 0) for le, n in lags(last).items()}
    return 100 * runs[0.01] / runs[inf]


def total(scrape: Scrape, name: str, **labels: str) -> float:
    return sum(
        s.value
        for s in scrape.samples
        if s.name == name and labels.items() <= s.labels.items()
    )


async def measure(folder: Path) -> None:
    async with contextlib.AsyncExitStack() as stack:
        enter = stack.enter_async_context
        url = await enter(target.serving())
        hosts = await enter(gpu_hosts.serving(folder, HOSTS))
        file = folder / "fleet.yml"
        file.write_text(configuration(url, hosts))
        daemon = await enter(running("--config", str(file), cwd=folder))
        work = [asyncio.create_task(scraping(daemon))]
        peer = None
        if blackbox.path():
            peer = await enter(blackbox.running(folder))
            work.append(asyncio.create_task(drive(peer.port, url)))
        async with background(*work):
            await asyncio.sleep(WARM)
            first = await daemon.scrape()
            used = [
                window
                async for window in windows(
                    daemon.process.pid, peer.pid if peer else None
                )
            ]
        await report(daemon, used, first)


async def report(daemon: Daemon, used: list[Window], first: Scrape) -> None:
    scrape = await daemon.scrape()
    shares = {
        PEER: [window.peer for window in used],
        OURS: [window.daemon for window in used],
    }
    title = f"{TARGETS} targets, {HOSTS} of them hosts over SSH"
    if not any(shares[PEER]):
        not_run(PEER, "the package prometheus-blackbox-exporter is missing")
        shares[PEER] = [float("nan")] * len(used)
    table(f"{title}: CPU of a core", shares, peer=PEER, unit="%")
    say("")
    up = total(scrape, "facefusion_up")
    sick = "facefusion_probe_success"
    at_least("targets up", up, TARGETS)
    at_least("hosts seen", total(scrape, sick, probe="gpu"), HOSTS)
    at_most("CPU", median(shares[OURS]), 35, "% of a core")
    at_most("RAM", megabytes_of(daemon.process.pid), 400, "MB")
    say(f"runs that began within 10 ms: {prompt(first, scrape):.1f} %")
    missed = total(scrape, "facefusion_monitor_missed_runs_total")
    at_most("missed runs", missed, 0)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        asyncio.run(measure(Path(scratch)))
