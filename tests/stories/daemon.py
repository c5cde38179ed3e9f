"""A real daemon in a process of its own, and its metrics."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

BOUND = 3000
ROOT = Path(__file__).parents[2]
"""Where a module of the tests is found, whatever the daemon's directory."""


class Scrape:
    """One scrape, to ask for values by labels."""

    def __init__(self, text: str) -> None:
        self.samples = [
            sample
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        ]

    def value(self, name: str, **labels: str) -> float | None:
        """Return the only value with these labels, None when absent."""
        found = [
            s.value
            for s in self.samples
            if s.name == name and labels.items() <= s.labels.items()
        ]
        assert len(found) <= 1, f"{name}{labels} is not one series"
        return found[0] if found else None

    def total(self, name: str) -> float:
        """Return the sum of all series of a metric."""
        return sum(s.value for s in self.samples if s.name == name)

    def health(self, target: str) -> str:
        """Return the state whose series is 1."""
        return next(
            s.labels["state"]
            for s in self.samples
            if s.name == "facefusion_health"
            and s.labels["target"] == target
            and s.value == 1
        )


class Daemon:
    def __init__(self, url: str, process: asyncio.subprocess.Process) -> None:
        self.url = url
        self.process = process
        self.client = httpx.AsyncClient(base_url=url, timeout=5)

    async def scrape(self) -> Scrape:
        return Scrape((await self.client.get("/metrics")).text)

    async def until(
        self, holds: Callable[[Scrape], bool], *, within: float
    ) -> Scrape:
        """Scrape until it holds; fails after `within` seconds."""
        try:
            async with asyncio.timeout(within):
                return await self._first(holds)
        except TimeoutError:
            text = (await self.client.get("/metrics")).text
            shown = [
                line
                for line in text.splitlines()
                if line.startswith("facefusion_") and "_bucket" not in line
            ]
            msg = f"not within {within} s; now:\n" + "\n".join(shown)
            raise AssertionError(msg) from None

    async def _first(self, holds: Callable[[Scrape], bool]) -> Scrape:
        """Scrape five times a second: a scrape cannot be waited for."""
        for _ in range(BOUND):
            scrape = await self.scrape()
            if holds(scrape):
                return scrape
            await asyncio.sleep(0.2)
        raise TimeoutError

    async def close(self) -> None:
        await self.client.aclose()

    async def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def running(
    *arguments: str,
    environ: Mapping[str, str] | None = None,
    cwd: Path,
    module: str = "monitor",
) -> AsyncIterator[Daemon]:
    """Run a daemon until the block ends, then SIGTERM.

    `module` is the one that runs it: the product's, or a story's own.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        "run",
        *arguments,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environ or {})},
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        daemon = Daemon(await _url(process.stderr), process)
        drain = asyncio.create_task(process.stderr.read())
        try:
            yield daemon
        finally:
            await daemon.close()
            killed = process.returncode is not None
            if not killed:
                process.terminate()
            async with asyncio.timeout(20):
                await process.wait()
            said = (await drain).decode()
        assert killed or process.returncode == 0, said
        assert "Traceback" not in said, said
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _url(stderr: asyncio.StreamReader) -> str:
    said = b""
    async with asyncio.timeout(20):
        while line := await stderr.readline():
            said += line
            if b"watching" in line:
                return str(re.findall(r"https?://[^\s\"]+", line.decode())[0])
    raise AssertionError(said.decode())
