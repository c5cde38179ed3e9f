"""What a canary reports minus what the server spent (DESIGN §6: <= 5 ms).

Run it: `.venv/bin/python tests/bench/bench_canary.py`. The server works in a
process of its own for a time that it measures itself and says in its answer.
Four clients take turns: a bare blocking socket, which shows what the machine
itself adds just now, a plain httpx client, our canary, and our canary while
50 status probes a second run in the same loop. The error is what a canary
adds: connecting, sending, the network and our own event loop.
"""

import asyncio
import contextlib
import json
import socket
import statistics
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx

sys.path.insert(0, str(Path(__file__).parents[2]))

from monitor.adapters.canary_files.path import PathFiles
from monitor.adapters.clock import SystemClock
from monitor.adapters.facefusion.rest import Rest
from monitor.adapters.http.client import HttpClient
from monitor.adapters.images import PillowImages
from monitor.adapters.loop import loop_factory
from monitor.domain.answer import Answer
from monitor.domain.canary.job import Job
from monitor.domain.canary.plan import CanaryInput, CanaryPlan
from monitor.domain.canary.reading import CanaryReading, Operation
from monitor.domain.observation import CheckKey, Kind
from monitor.probes.canary import CanaryProbe
from tests.bench.jobs import working
from tests.bench.rounds import (
    Contender,
    at_most,
    interleave,
    percentile,
    table,
)

ROUNDS = 7
RUNS = 60
LIMIT = 5.0
FLOOR = "bare blocking socket"
PEER = "plain httpx.AsyncClient"
ALONE = "canary"
CROWDED = "canary beside 50 probes/s"
MS = 1e-3
KEY = CheckKey(kind=Kind.TARGET, subject="bench", check="canary.face")
PLAN = CanaryPlan(
    canary="face",
    operation=Operation.ENHANCE,
    model="gfpgan_1.4",
    timeout=10,
    verifiable=False,
)


class Listening:
    """The guide's API, and what the server said that it spent."""

    dialect = "rest"

    def __init__(self, url: str) -> None:
        self._rest = Rest(url, HttpClient())
        self.spent = 0.0

    async def status(self, *, within: float) -> Answer:
        return await self._rest.status(within=within)

    async def run(self, job: Job, *, within: float) -> Answer:
        answer = await self._rest.run(job, within=within)
        self.spent = json.loads(answer.body)["seconds"]
        return answer


def canary(server: Listening, errors: list[float]) -> Contender:
    """Run canaries; the figure is the round's p99 error."""
    probe = CanaryProbe(
        KEY,
        PLAN,
        facefusion=server,
        files=PathFiles(["/face.jpg"]),
        images=PillowImages(),
        clock=SystemClock(),
        inputs=[CanaryInput(image=b"")],
    )

    async def contend() -> float:
        reached = []
        for _ in range(RUNS):
            run = (await probe.look()).reading
            assert isinstance(run, CanaryReading)
            assert run.duration is not None
            reached.append((run.duration - server.spent) / MS)
        errors.extend(reached)
        return percentile(reached, 0.99)

    return contend


def crowded(server: Listening, errors: list[float]) -> Contender:
    """The same while the loop has other work."""
    inner = canary(server, errors)

    async def contend() -> float:
        async with probing(server):
            return await inner()

    return contend


@contextlib.asynccontextmanager
async def probing(server: Listening) -> AsyncIterator[None]:
    async def forever() -> None:
        while True:
            await asyncio.gather(*(server.status(within=5) for _ in range(5)))
            await asyncio.sleep(0.1)

    task = asyncio.ensure_future(forever())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


def plain(client: httpx.AsyncClient, url: str) -> Contender:
    async def contend() -> float:
        reached = []
        for _ in range(RUNS):
            begun = time.monotonic()
            answer = await client.post(
                f"{url}/api/v1/enhance-face", json={"source_path": "/x"}
            )
            took = time.monotonic() - begun
            reached.append((took - answer.json()["seconds"]) / MS)
        return percentile(reached, 0.99)

    return contend


def bare(url: str) -> Contender:
    """No loop, no parser: the least that a client can add."""
    parts = urlsplit(url)
    request = (
        b"POST /api/v1/enhance-face HTTP/1.1\r\nHost: bench\r\n"
        b"Content-Length: 2\r\n\r\n{}"
    )

    async def contend() -> float:
        reached = []
        for _ in range(RUNS):
            begun = time.monotonic()
            answer = await asyncio.to_thread(exchange)
            took = time.monotonic() - begun
            body = answer.partition(b"\r\n\r\n")[2]
            reached.append((took - json.loads(body)["seconds"]) / MS)
        return percentile(reached, 0.99)

    def exchange() -> bytes:
        address = parts.hostname or "", parts.port or 0
        with socket.create_connection(address) as line:
            line.sendall(request)
            return b"".join(iter(lambda: line.recv(65536), b""))

    return contend


async def measure() -> None:
    errors: dict[str, list[float]] = {ALONE: [], CROWDED: []}
    limits = httpx.Limits(max_keepalive_connections=0)
    async with (
        working() as url,
        httpx.AsyncClient(limits=limits, trust_env=False) as client,
    ):
        figures = await interleave(
            {
                FLOOR: bare(url),
                PEER: plain(client, url),
                ALONE: canary(Listening(url), errors[ALONE]),
                CROWDED: crowded(Listening(url), errors[CROWDED]),
            },
            rounds=ROUNDS,
        )
    title = f"p99 of a canary's error, {ROUNDS} rounds of {RUNS} jobs"
    table(title, figures, peer=PEER, unit="ms")
    for name, all_errors in errors.items():
        above = statistics.median(
            mine - floor
            for mine, floor in zip(figures[name], figures[FLOOR], strict=True)
        )
        at_most(f"{name}, p99 above the bare socket's", above, LIMIT, "ms")
        median = percentile(all_errors, 0.5)
        at_most(f"{name}, median", median, LIMIT, "ms")
        least = min(all_errors)
        assert least > 0, f"a client cannot be faster than its server: {least}"
        at_most(f"{name}, p99", percentile(all_errors, 0.99), LIMIT, "ms")


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(measure())
