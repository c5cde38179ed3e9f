"""A sick server, a monitor that may restart it, and a real Alertmanager."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import yaml

from monitor.simulator.host import SimulatedHost
from tests.bench.blackbox import free_port
from tests.conftest import component
from tests.servers import alertmanager
from tests.servers.alertmanager import Alertmanager
from tests.stories.daemon import Scrape
from tests.stories.restart_town import Monitor, Starts, begin, write

RECOVERY = {
    "mode": "auto",
    "allow": ["restart"],
    "cooldown": "100ms",
    "budget": {"restart": "100/1h"},
}
ALERT = "FaceFusionPageCritical"
RULE = {"alert": ALERT, "action": "restart", "do": "apply"}
LABELS = {"alertname": ALERT, "target": "studio", "severity": "critical"}
_RECEIVED = "facefusion_monitor_alerts_received_total"
_STEP = 0.1


@dataclass
class Paged:
    """What happens is told to Alertmanager, and by it to the monitor."""

    host: SimulatedHost
    starts: Starts
    folder: Path
    config: Path
    program: str

    @asynccontextmanager
    async def monitor(self) -> AsyncIterator[Monitor]:
        async with await begin(self.config, self.folder) as monitor:
            yield monitor

    @asynccontextmanager
    async def alertmanager(
        self, *, port: int = 0, cluster: int = 0, peer: int = 0
    ) -> AsyncIterator[Alertmanager]:
        config = self.folder / "alertmanager.yml"
        async with alertmanager.running(
            self.program,
            config,
            port or free_port(),
            cluster=cluster,
            peer=peer,
        ) as found:
            yield found

    async def sickens(self, monitor: Monitor) -> datetime:
        """End FaceFusion; return when that was diagnosed."""
        await monitor.is_diagnosed("none")
        self.host.faults.switch_on("process_killed")
        self.starts.count = 0
        await monitor.is_diagnosed("process_down")
        return alertmanager.now()


async def heals(monitor: Monitor) -> None:
    """Wait until the server serves again, and the change is over."""
    await monitor.until(
        "changes",
        lambda told: (
            [one["outcome"] for one in told["changes"]] == ["succeeded"]
        ),
        within=60,
    )
    await monitor.is_diagnosed("none")


async def outcomes(monitor: Monitor) -> dict[str, int]:
    """Return what came of the alerts that the monitor received."""
    answer = await monitor.ask("GET", "../../metrics")
    samples = Scrape(answer.text).samples
    return {
        s.labels["outcome"]: int(s.value)
        for s in samples
        if s.name == _RECEIVED and s.value
    }


async def until(
    look: Callable[[], Awaitable[bool]], *, within: float = 40.0
) -> None:
    end = time.monotonic() + within
    while not await look():
        assert time.monotonic() < end, f"not within {within} s"
        await asyncio.sleep(_STEP)


@asynccontextmanager
async def paged(folder: Path) -> AsyncIterator[Paged]:
    """Run a simulated host; write what a monitor and Alertmanager need."""
    program = component(alertmanager.PROGRAM)
    port, token = free_port(), folder / "pager"
    token.touch(0o600)
    token.write_text("a-token-of-the-pager-0123456789abcdef\n")
    async with SimulatedHost("studio", workdir=folder / "studio") as host:
        config = write([host], folder, RECOVERY)
        settings = yaml.safe_load(config.read_text())
        settings["server"]["listen"] = f"127.0.0.1:{port}"
        settings["automation"] = [RULE]
        settings["access"]["tokens"].append(
            {"name": "pager", "token_file": str(token), "scopes": ["alerts"]}
        )
        config.write_text(yaml.safe_dump(settings))
        webhook = f"http://127.0.0.1:{port}/api/v1/alerts"
        alertmanager.written(folder, webhook, token)
        yield Paged(host, Starts(host), folder, config, program)
