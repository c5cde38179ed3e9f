"""The CPU of one scrape of 50,000 series, beside prometheus_client's own.

Run it: `.venv/bin/python tests/bench/bench_scrape.py`. The peer renders the
very same samples, from metric objects that were made beforehand: a real
exporter makes those anew for every scrape. Then the scrapes run in a thread
while the event loop does nothing but wake up every millisecond: what it
wakes up too late is what the loop was held (DESIGN §6: at most 10 ms), as
far as this process was running meanwhile; the rest is other people's work.
What was made before is frozen, so that no collection of garbage walks
through the peer's objects; a daemon does well to do the same.
"""

import asyncio
import gc
import gzip
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector
from typing_extensions import override

sys.path.insert(0, str(Path(__file__).parents[2]))

from monitor.engine.check import Check
from tests.bench import rounds
from tests.bench.fleet import Fleet

ROUNDS = 7
SCRAPES = 10
"""Scrapes of a round while the loop is watched."""
LIMIT_MS, HELD_MS, LOOK_US = 50.0, 10.0, 60.0
SLICE = 10
"""Looks that end between two turns of the event loop."""
TICK = 0.001
PEER = "prometheus_client"

Scrape = Callable[[], object]


class Made(Collector):
    """Metrics that were made beforehand."""

    def __init__(self, text: bytes) -> None:
        self.metrics = list(text_string_to_metric_families(text.decode()))

    @override
    def collect(self) -> Iterator[Metric]:
        return iter(self.metrics)


def peer(text: bytes) -> Scrape:
    registry = CollectorRegistry()
    registry.register(Made(text))
    return lambda: generate_latest(registry)


def samples(text: bytes) -> int:
    return sum(not line.startswith(b"#") for line in text.splitlines())


def parsed(text: bytes) -> set[tuple[str, str, float]]:
    """Return the fleet's samples; the process' own differ each time."""
    return {
        (s.name, str(sorted(s.labels.items())), s.value)
        for family in text_string_to_metric_families(text.decode())
        for s in family.samples
        if s.name.startswith("facefusion_")
    }


async def cpu(scrape: Scrape) -> float:
    """Return the milliseconds of CPU that a scrape costs its thread."""

    def timed() -> float:
        begun = time.thread_time()
        scrape()
        return (time.thread_time() - begun) * 1e3

    return await asyncio.to_thread(timed)


def after(
    fleet: Fleet, checks: Callable[[], list[Check]], scrape: Scrape
) -> rounds.Contender:
    """Return a contender: a scrape after these checks saw something new."""

    async def contend() -> float:
        fleet.see(checks())
        return await cpu(scrape)

    return contend


class Part:
    """Takes another thirtieth of the checks each time."""

    def __init__(self, checks: list[Check]) -> None:
        self.checks = checks
        self.turn = 0

    def __call__(self) -> list[Check]:
        self.turn += 1
        return self.checks[self.turn % 30 :: 30]


async def compared(fleet: Fleet) -> None:
    render = fleet.metrics.render
    text = render()
    other = peer(text)
    gc.collect()
    gc.freeze()
    assert parsed(generate_latest_of(other)) == parsed(text)
    every, part = fleet.checks, Part(fleet.checks)
    figures = await rounds.interleave(
        {
            PEER: after(fleet, list, other),
            "ours, nothing changed": after(fleet, list, render),
            "ours, 1/30 changed": after(fleet, part, render),
            "ours, everything changed": after(fleet, lambda: every, render),
            "ours, with gzip level 1": after(
                fleet, part, lambda: gzip.compress(render(), 1)
            ),
        },
        rounds=ROUNDS,
    )
    size = f"{samples(text):,} series, {len(text) / 1e6:.1f} MB"
    title = f"CPU of one scrape, {ROUNDS} rounds, {size}"
    rounds.table(title, figures, peer=PEER, unit="ms")
    worst = statistics.median(figures["ours, everything changed"])
    rounds.at_most("CPU of a scrape", worst, LIMIT_MS, "ms")


def generate_latest_of(scrape: Scrape) -> bytes:
    text = scrape()
    assert isinstance(text, bytes)
    return text


async def held(busy: Callable[[], asyncio.Future[None]]) -> float:
    """Return the longest that the loop woke up late meanwhile, in ms."""
    work, longest = busy(), 0.0
    while not work.done():
        begun, spent = time.perf_counter(), time.process_time()
        await asyncio.sleep(TICK)
        late = time.perf_counter() - begun - TICK
        longest = max(longest, min(late, time.process_time() - spent))
    await work
    return longest * 1e3


def scraping(
    fleet: Fleet, checks: Callable[[], list[Check]], scrape: Scrape
) -> rounds.Contender:
    """Return a contender: scrapes in a thread while looks end."""

    async def looks() -> None:
        due = checks()
        for start in range(0, len(due), SLICE):
            fleet.see(due[start : start + SLICE])
            await asyncio.sleep(0)

    async def work() -> None:
        for _ in range(SCRAPES):
            await looks()
            await asyncio.to_thread(scrape)

    return lambda: held(lambda: asyncio.ensure_future(work()))


async def watched(fleet: Fleet) -> None:
    render, part = fleet.metrics.render, Part(fleet.checks)
    other = peer(render())
    gc.collect()
    gc.freeze()
    idle = "no scrape"
    figures = await rounds.interleave(
        {
            idle: scraping(fleet, list, lambda: time.sleep(0.05)),
            "ours, nothing changed": scraping(fleet, list, render),
            "ours, 1/30 changed": scraping(fleet, part, render),
            "ours, everything changed": scraping(
                fleet, lambda: fleet.checks, render
            ),
            "ours, with gzip level 1": scraping(
                fleet, part, lambda: gzip.compress(render(), 1)
            ),
            PEER: scraping(fleet, list, other),
        },
        rounds=ROUNDS,
    )
    title = f"Loop held at worst, {SCRAPES} scrapes in a thread a round"
    rounds.table(title, figures, peer=PEER, unit="ms")
    ours = [max(f) for name, f in figures.items() if name.startswith("ours")]
    rounds.at_most("the loop held at most", max(ours), HELD_MS, "ms")


def told(fleet: Fleet) -> None:
    """Say what it costs the loop to tell of one look."""
    costs: dict[str, list[float]] = {"status": [], "gpu": [], "canary": []}
    for _ in range(ROUNDS):
        for kind, reached in costs.items():
            checks = fleet.of_kind(kind)
            begun = time.thread_time()
            fleet.see(checks)
            spent = time.thread_time() - begun
            reached.append(spent / len(checks) * 1e6)
    title = f"CPU of the loop for one look, told, {ROUNDS} rounds"
    rounds.table(title, costs, peer="status", unit="us")
    cost = statistics.median(costs["status"])
    rounds.at_most("one look of a status check", cost, LOOK_US, "us")


async def main() -> None:
    fleet = Fleet()
    fleet.see(fleet.checks)
    await compared(fleet)
    await watched(fleet)
    told(fleet)


if __name__ == "__main__":
    asyncio.run(main())
