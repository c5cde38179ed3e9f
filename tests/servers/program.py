"""A program of Prometheus' family, as long as a block lasts."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

READY_WITHIN = 200
"""Tries, a tenth of a second apart."""
STOPS_WITHIN = 20.0


@asynccontextmanager
async def running(
    *command: str, port: int
) -> AsyncIterator[tuple[httpx.AsyncClient, Process]]:
    """Run it until the block ends; yield once it is ready at its port."""
    process = await asyncio.create_subprocess_exec(
        *command, stderr=asyncio.subprocess.DEVNULL
    )
    base = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(base_url=base, timeout=10) as client:
            await _ready(client, command[0])
            yield client, process
    finally:
        if process.returncode is None:
            process.terminate()
        async with asyncio.timeout(STOPS_WITHIN):
            await process.wait()


async def _ready(client: httpx.AsyncClient, program: str) -> None:
    for _ in range(READY_WITHIN):
        if await is_ready(client):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"{program} is not ready after 20 s")


async def is_ready(client: httpx.AsyncClient) -> bool:
    """Return whether it serves."""
    try:
        answer = await client.get("/-/ready")
    except httpx.TransportError:
        return False
    return answer.is_success
