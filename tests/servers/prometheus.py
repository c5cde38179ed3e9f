"""A real Prometheus with rules, and what it says."""

import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests.servers.program import running as served

RULES = (
    Path(__file__).parents[2]
    / "deploy"
    / "prometheus"
    / "rules"
    / "facefusion-pages.yml"
)
"""What we ship."""


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


def path() -> str | None:
    """Return where the program is, None when it is not installed."""
    return shutil.which("prometheus")


def written(  # noqa: PLR0913 - a setting each
    folder: Path,
    *,
    jobs: Sequence[Mapping[str, Any]],
    rules: Sequence[Path],
    every: str,
    patience: str,
    pages: Sequence[str] = (),
) -> Path:
    """Write its configuration; it scrapes and evaluates `every`.

    `pages` are the addresses of the Alertmanagers that it tells.
    """
    settings = {
        "global": {
            "scrape_interval": every,
            "scrape_timeout": patience,
            "evaluation_interval": every,
        },
        "rule_files": [str(one) for one in rules],
        "scrape_configs": [dict(job) for job in jobs],
        "alerting": {
            "alertmanagers": [{"static_configs": [{"targets": list(pages)}]}]
        },
    }
    config = folder / "prometheus.yml"
    config.write_text(yaml.safe_dump(settings))
    return config


@asynccontextmanager
async def running(
    program: str, config: Path, port: int
) -> AsyncIterator[Prometheus]:
    """Run it for as long as the block lasts."""
    command = (
        program,
        f"--config.file={config}",
        f"--storage.tsdb.path={config.parent}/tsdb",
        f"--web.listen-address=127.0.0.1:{port}",
        # As often as Alertmanager hears of what goes on: usually a minute.
        "--rules.alert.resend-delay=5s",
        "--log.level=error",
    )
    async with served(*command, port=port) as (client, process):
        yield Prometheus(client, process.pid)
