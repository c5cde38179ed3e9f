"""The CPU of one status probe, beside a plain httpx client's.

Run it: `.venv/bin/python tests/bench/bench_status.py`. Every contender opens
a new connection to the same loopback server, which runs in a process of its
own; all run on our event loop (DESIGN §6: at most 400 µs beside 1,560).
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parents[2]))

from monitor.adapters.clock import SystemClock
from monitor.adapters.facefusion.rest import Rest
from monitor.adapters.http.client import HttpClient
from monitor.adapters.http.direct import DirectTransport
from monitor.adapters.loop import loop_factory
from monitor.domain.observation import CheckKey, Kind
from monitor.probes.status import StatusProbe
from tests.bench.rounds import at_most, cpu_of, interleave, ratio, table
from tests.bench.target import serving

ROUNDS = 15
PROBES = 100
PEER = "plain httpx.AsyncClient"
OURS = "the whole status probe"
TARGET = 400 / 1560

Ask = Callable[[], Awaitable[None]]


def ours(url: str) -> Ask:
    """The whole look: connect, ask, judge, observe."""
    key = CheckKey(kind=Kind.TARGET, subject="bench", check="status")
    server = Rest(url, HttpClient())
    probe = StatusProbe(key, server, SystemClock(), within=5)

    async def look() -> None:
        seen = await probe.look()
        assert seen.succeeded, seen.because

    return look


def request(url: str) -> Ask:
    """Our client alone, without the judgement."""
    client = HttpClient()

    async def ask() -> None:
        answer = await client.get(
            f"{url}/api/v1/status", within=5, limit=262144
        )
        assert answer.code == 200

    return ask


def through(client: httpx.AsyncClient, url: str) -> Ask:
    async def ask() -> None:
        answer = await client.get(f"{url}/api/v1/status")
        assert answer.json()["status"] == "online"

    return ask


async def measure() -> None:
    alone = httpx.Limits(max_keepalive_connections=0)
    async with (
        serving() as url,
        httpx.AsyncClient(limits=alone, trust_env=False, timeout=5) as plain,
        httpx.AsyncClient(transport=DirectTransport()) as wrapped,
    ):
        contenders = {
            PEER: through(plain, url),
            "AsyncClient on DirectTransport": through(wrapped, url),
            "HttpClient": request(url),
            OURS: ours(url),
        }
        figures = await interleave(
            {n: cpu_of(ask, times=PROBES) for n, ask in contenders.items()},
            rounds=ROUNDS,
        )
    title = f"CPU of one probe, {ROUNDS} rounds of {PROBES}, new connections"
    table(title, figures, peer=PEER, unit="us")
    at_most("the whole probe's ratio", ratio(figures, OURS, peer=PEER), TARGET)


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(measure())
