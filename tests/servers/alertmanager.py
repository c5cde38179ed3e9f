"""A real Alertmanager, and what it is told."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import yaml

from monitor.adapters.clock import SystemClock
from monitor.schemas.wire import utc
from tests.servers.program import running as served

PROGRAM = "prometheus-alertmanager"
"""Its name where Debian packed it."""


def now() -> datetime:
    """Return the time as Alertmanager has it."""
    return utc(SystemClock().now())


class Alertmanager:
    """A running Alertmanager."""

    def __init__(
        self, client: httpx.AsyncClient, process: asyncio.subprocess.Process
    ) -> None:
        self.address = client.base_url.netloc.decode()
        self._client = client
        self._process = process

    async def fires(self, began: datetime, **labels: str) -> None:
        """Tell it that an alert fires, as Prometheus does."""
        await self._tells(began, began + timedelta(hours=1), labels)

    async def is_over(self, began: datetime, **labels: str) -> None:
        """Tell it that an alert is resolved."""
        await self._tells(began, now(), labels)

    async def _tells(
        self, began: datetime, ends: datetime, labels: Mapping[str, str]
    ) -> None:
        alert = {
            "labels": labels,
            "annotations": {"summary": "it hangs"},
            "startsAt": began.isoformat(),
            "endsAt": ends.isoformat(),
            "generatorURL": "http://127.0.0.1:9090/graph",
        }
        answer = await self._client.post("/api/v2/alerts", json=[alert])
        answer.raise_for_status()

    async def silence(self, **labels: str) -> None:
        """Silence whatever has these labels for an hour."""
        began = now()
        matchers = [
            {"name": name, "value": value, "isRegex": False}
            for name, value in labels.items()
        ]
        silence = {
            "matchers": matchers,
            "startsAt": began.isoformat(),
            "endsAt": (began + timedelta(hours=1)).isoformat(),
            "createdBy": "ann",
            "comment": "a test",
        }
        answer = await self._client.post("/api/v2/silences", json=silence)
        answer.raise_for_status()

    async def alerts(self) -> Sequence[Mapping[str, Any]]:
        """Return the alerts that it has."""
        answer = await self._client.get("/api/v2/alerts")
        found: list[dict[str, Any]] = answer.raise_for_status().json()
        return found

    async def requests(self) -> dict[str, float]:
        """Return how many requests it sent to webhooks, how many failed."""
        text = (await self._client.get("/metrics")).text
        lines = [line.rsplit(" ", 1) for line in text.splitlines()]
        of_webhook = [
            (name, float(value))
            for name, value in lines
            if 'integration="webhook"' in name and "_bucket" not in name
        ]
        return {
            word: sum(v for n, v in of_webhook if n.startswith(metric))
            for word, metric in (
                ("sent", "alertmanager_notification_requests_total"),
                ("failed", "alertmanager_notification_requests_failed_total"),
            )
        }

    async def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()
        await self._process.wait()


def path() -> str | None:
    """Return where the program is, None when it is not installed."""
    return shutil.which(PROGRAM)


def written(folder: Path, webhook: str, token: Path) -> Path:
    """Write a configuration that sends everything to us, and soon."""
    receiver = {
        "name": "monitor",
        "webhook_configs": [
            {
                "url": webhook,
                "http_config": {
                    "authorization": {"credentials_file": str(token)},
                    "follow_redirects": False,
                },
            }
        ],
    }
    settings = {
        "route": {
            "receiver": "monitor",
            "group_by": ["alertname", "target"],
            "group_wait": "100ms",
            "group_interval": "1s",
            "repeat_interval": "1h",
        },
        "receivers": [receiver],
    }
    config = folder / "alertmanager.yml"
    config.write_text(yaml.safe_dump(settings))
    return config


@asynccontextmanager
async def running(
    program: str,
    config: Path,
    port: int,
    *,
    cluster: int = 0,
    peer: int = 0,
) -> AsyncIterator[Alertmanager]:
    """Run it as long as the block lasts, alone or with `peer`'s cluster."""
    gossip = f"127.0.0.1:{cluster}" if cluster else ""
    command = (
        program,
        f"--config.file={config}",
        f"--storage.path={config.parent}/alertmanager-{port}",
        f"--web.listen-address=127.0.0.1:{port}",
        f"--cluster.listen-address={gossip}",
        *([f"--cluster.peer=127.0.0.1:{peer}"] if peer else []),
        "--cluster.peer-timeout=1s",
        "--cluster.gossip-interval=50ms",
        "--log.level=error",
    )
    async with served(*command, port=port) as (client, process):
        yield Alertmanager(client, process)
