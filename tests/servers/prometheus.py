"""A real Prometheus with rules, and what it says."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

RULES = (
    Path(__file__).parents[2]
    / "deploy"
    / "prometheus"
    / "rules"
    / "facefusion-pages.yml"
)
"""What we ship."""
READY_WITHIN = 200
"""Tries, a tenth of a second apart."""
STOPS_WITHIN = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert as Prometheus has it; `began` tells two of one name apart."""

    labels: Mapping[str, str]
    state: str
    began: str

    @property
    def name(self) -> str:
        return self.labels["alertname"]

    @property
    def fires(self) -> bool:
        return self.state == "firing"


class Prometheus:
    """A running Prometheus."""

    def __init__(self, client: httpx.AsyncClient, pid: int) -> None:
        self._client = client
        self.pid = pid

    async def alerts(self) -> list[Alert]:
        """Return the alerts that are pending or firing."""
        answer = await self._client.get("/api/v1/alerts")
        return [
            Alert(
                labels=one["labels"],
                state=one["state"],
                began=one["activeAt"],
            )
            for one in answer.raise_for_status().json()["data"]["alerts"]
        ]

    async def query(self, expression: str) -> list[Mapping[str, str]]:
        """Return the labels of what an instant query finds."""
        answer = await self._client.get(
            "/api/v1/query", params={"query": expression}
        )
        found: list[dict[str, Any]] = answer.raise_for_status().json()["data"][
            "result"
        ]
        return [one["metric"] for one in found]

    async def is_ready(self) -> bool:
        """Return whether it serves."""
        try:
            answer = await self._client.get("/-/ready")
        except httpx.TransportError:
            return False
        return answer.is_success


def path() -> str | None:
    """Return where the program is, None when it is not installed."""
    return shutil.which("prometheus")


def written(
    folder: Path,
    *,
    jobs: Sequence[Mapping[str, Any]],
    rules: Sequence[Path],
    every: str,
    patience: str,
) -> Path:
    """Write its configuration; it scrapes and evaluates `every`."""
    settings = {
        "global": {
            "scrape_interval": every,
            "scrape_timeout": patience,
            "evaluation_interval": every,
        },
        "rule_files": [str(one) for one in rules],
        "scrape_configs": [dict(job) for job in jobs],
    }
    config = folder / "prometheus.yml"
    config.write_text(yaml.safe_dump(settings))
    return config


@asynccontextmanager
async def running(
    program: str, config: Path, port: int
) -> AsyncIterator[Prometheus]:
    """Run it for as long as the block lasts."""
    process = await asyncio.create_subprocess_exec(
        program,
        f"--config.file={config}",
        f"--storage.tsdb.path={config.parent}/tsdb",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=error",
        stderr=asyncio.subprocess.DEVNULL,
    )
    base = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(base_url=base, timeout=10) as client:
            prometheus = Prometheus(client, process.pid)
            await _ready(prometheus)
            yield prometheus
    finally:
        if process.returncode is None:
            process.terminate()
        async with asyncio.timeout(STOPS_WITHIN):
            await process.wait()


async def _ready(prometheus: Prometheus) -> None:
    for _ in range(READY_WITHIN):
        if await prometheus.is_ready():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("Prometheus is not ready after 20 s")
