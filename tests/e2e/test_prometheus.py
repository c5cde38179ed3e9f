"""A real Prometheus scrapes the demo."""

import asyncio
import re
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from tests.conftest import component

CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 900ms}}
scrape_configs:
  - job_name: facefusion
    static_configs: [{{targets: ["{target}"]}}]
"""
TRIES = 300


@pytest.fixture(scope="module")
def prometheus() -> str:
    """Return Prometheus' path."""
    return component("prometheus")


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@asynccontextmanager
async def started(
    *command: str, cwd: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a program until the block ends."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=cwd,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            async with asyncio.timeout(20):
                await process.wait()


async def metrics_address(demo: asyncio.subprocess.Process) -> str:
    """Read the demo's welcome up to the daemon's address."""
    assert demo.stdout is not None
    async with asyncio.timeout(30):
        while line := (await demo.stdout.readline()).decode():
            if found := re.search(r"http://(\S+)/metrics", line):
                return found[1]
    raise AssertionError("the demo ended before it said where it is")


async def query(client: httpx.AsyncClient, expr: str) -> dict[str, float]:
    """Return an instant vector as target → value; empty on any trouble."""
    try:
        answer = await client.get("/api/v1/query", params={"query": expr})
    except httpx.TransportError:
        return {}
    if answer.status_code != 200:
        return {}
    return {
        sample["metric"].get("target", ""): float(sample["value"][1])
        for sample in answer.json()["data"]["result"]
    }


async def until(
    client: httpx.AsyncClient, expr: str, expected: dict[str, float]
) -> dict[str, float]:
    """Ask until the answer is as expected, for half a minute at most."""
    for _ in range(TRIES):
        if (seen := await query(client, expr)) == expected:
            return seen
        await asyncio.sleep(0.1)
    return seen


@pytest.mark.timeout(120)
async def test_prometheus_scrapes_the_demo_and_sees_every_server_up(
    prometheus: str, tmp_path: Path
) -> None:
    port = free_port()
    demo = (sys.executable, "-m", "monitor", "demo", "--port", "0")
    async with started(*demo, cwd=tmp_path) as process:
        target = await metrics_address(process)
        (tmp_path / "p.yml").write_text(CONFIG.format(target=target))
        command = (
            prometheus,
            f"--config.file={tmp_path}/p.yml",
            f"--storage.tsdb.path={tmp_path}/tsdb",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=error",
        )
        base = f"http://127.0.0.1:{port}"
        async with (
            started(*command, cwd=tmp_path),
            httpx.AsyncClient(base_url=base, timeout=5) as client,
        ):
            all_up = {"studio": 1.0, "attic": 1.0, "cellar": 1.0}
            scraped = await until(client, "up", {"": 1.0})
            servers = await until(client, "facefusion_up", all_up)
            enhanced = await until(
                client,
                'facefusion_canary_output_valid{operation="enhance"}',
                all_up,
            )

    assert scraped == {"": 1.0}
    assert servers == all_up
    assert enhanced == all_up
