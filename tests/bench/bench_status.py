"""The CPU of one status probe, beside a plain httpx client's.

Run it: `.venv/bin/python tests/bench/bench_status.py`. Every contender opens
a new connection to the same loopback server, which runs in a process of its
own. The rounds are interleaved, so that noise meets all alike; read the
ratio, not the microseconds (DESIGN §6: at most 400 µs beside 1,560).
"""

import asyncio
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from typing_extensions import override

sys.path.insert(0, str(Path(__file__).parents[2]))

from monitor.adapters.clock import SystemClock
from monitor.adapters.facefusion.rest import Rest
from monitor.adapters.http.client import HttpClient
from monitor.adapters.http.direct import DirectTransport
from monitor.domain.observation import CheckKey, Kind
from monitor.probes.status import StatusProbe

ROUNDS = 15
PROBES = 100
PEER = "plain httpx.AsyncClient"
TARGET = 400 / 1560

Contender = Callable[[], Awaitable[None]]

BODY = b'{"status": "online", "version": "3.5.4", "queue_size": 0}'
ANSWER = (
    b"HTTP/1.1 200 OK\r\nServer: bench\r\n"
    b"Date: Sun, 22 Nov 2026 12:00:00 GMT\r\n"
    b"Content-Type: application/json\r\n"
    b"Content-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(BODY), BODY)
)


class Server(asyncio.Protocol):
    """Answers each request with the same bytes, and closes."""

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    @override
    def data_received(self, _: bytes) -> None:
        self.transport.write(ANSWER)
        self.transport.close()


async def serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Server, "127.0.0.1", 0, backlog=1024)
    port = server.sockets[0].getsockname()[1]
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await server.serve_forever()


@asynccontextmanager
async def serving() -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "serve", stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        port = int(await process.stdout.readline())
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        await process.wait()


def ours(url: str) -> Contender:
    """The whole look: connect, ask, judge, observe."""
    key = CheckKey(kind=Kind.TARGET, subject="bench", check="status")
    server = Rest(url, HttpClient())
    probe = StatusProbe(key, server, SystemClock(), within=5)

    async def look() -> None:
        seen = await probe.look()
        assert seen.succeeded, seen.because

    return look


def request(url: str) -> Contender:
    """Our client alone, without the judgement."""
    client = HttpClient()

    async def ask() -> None:
        answer = await client.get(
            f"{url}/api/v1/status", within=5, limit=262144
        )
        assert answer.code == 200

    return ask


def through(client: httpx.AsyncClient, url: str) -> Contender:
    async def ask() -> None:
        answer = await client.get(f"{url}/api/v1/status")
        assert answer.json()["status"] == "online"

    return ask


async def cpu_of(contender: Contender) -> float:
    """Return the microseconds of CPU that one run costs this process."""
    begun = time.process_time()
    for _ in range(PROBES):
        await contender()
    return (time.process_time() - begun) / PROBES * 1e6


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
            "the whole status probe": ours(url),
        }
        costs: dict[str, list[float]] = {name: [] for name in contenders}
        for lap in range(ROUNDS + 1):
            for name, contender in contenders.items():
                cost = await cpu_of(contender)
                if lap:  # the first round warms up
                    costs[name].append(cost)
    report(costs)


def report(costs: dict[str, list[float]]) -> None:
    lines = [f"CPU of one probe, {ROUNDS} rounds of {PROBES}, new connections"]
    for name, spent in costs.items():
        pairs = zip(spent, costs[PEER], strict=True)
        ratio = statistics.median(mine / peer for mine, peer in pairs)
        lines.append(
            f"{name:32} median {statistics.median(spent):6.0f} us"
            f"  least {min(spent):6.0f} us  ratio {ratio:.3f}"
        )
    lines.append(f"to reach: ratio {TARGET:.3f} (DESIGN §6)")
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    asyncio.run(serve() if sys.argv[1:] == ["serve"] else measure())
