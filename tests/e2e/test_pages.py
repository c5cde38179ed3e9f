"""A fault's whole way to an alert, through a real Prometheus."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from monitor.simulator.configuration import write_configuration
from monitor.simulator.host import SimulatedHost
from tests.bench.blackbox import free_port
from tests.conftest import component
from tests.servers import prometheus
from tests.servers.prometheus import RULES, Alert, Prometheus
from tests.stories.daemon import running

KEPT = "keep_firing_for: 2m"
KEPT_HERE = "keep_firing_for: 30s"
"""As shipped it would take two minutes to see one resolve."""
FAST = {
    "status": {
        "interval": "1s",
        "timeout": "900ms",
        "confirm_interval": "500ms",
    },
    "gpu": {"interval": "1s"},
    "host": {"interval": "1s"},
}
AWAY = 3.0
"""Seconds without a monitor: three scrapes and evaluations."""
PAGE = "FaceFusionPage"
Holds = Callable[[Sequence[Alert]], bool]


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A server that can be broken, its monitor's file, and Prometheus."""

    host: SimulatedHost
    config: Path
    prometheus: Prometheus

    async def pages(self) -> list[Alert]:
        """Return the alerts about servers."""
        alerts = await self.prometheus.alerts()
        return [one for one in alerts if one.name.startswith(PAGE)]

    async def until(self, holds: Holds, *, within: float) -> list[Alert]:
        """Ask until it holds; fails after `within` seconds."""
        end = time.monotonic() + within
        while not holds(seen := await self.pages()):
            assert time.monotonic() < end, f"not within {within} s: {seen}"
            await asyncio.sleep(0.2)
        return seen


@asynccontextmanager
async def scene(folder: Path) -> AsyncIterator[Scene]:
    """Run a simulated host, and a Prometheus that expects a monitor."""
    program = component("prometheus")
    monitor, ours = free_port(), folder / "rules.yml"
    shipped = RULES.read_text()
    assert KEPT in shipped
    ours.write_text(shipped.replace(KEPT, KEPT_HERE))
    job = {
        "job_name": "facefusion",
        "static_configs": [{"targets": [f"127.0.0.1:{monitor}"]}],
    }
    rules = prometheus.written(
        folder, jobs=[job], rules=[ours], every="1s", patience="900ms"
    )
    async with (
        SimulatedHost("studio", workdir=folder / "studio") as host,
        prometheus.running(program, rules, free_port()) as beside,
    ):
        config = write_configuration(
            [host], folder, listen=f"127.0.0.1:{monitor}"
        )
        hurry(config)
        yield Scene(host=host, config=config, prometheus=beside)


def hurry(config: Path) -> None:
    """Look every second, and at no canary: they are not what this is about."""
    settings = yaml.safe_load(config.read_text())
    settings["defaults"] = FAST
    settings["targets"][0]["canaries"] = []
    settings["log"] = {"format": "json"}
    config.write_text(yaml.safe_dump(settings))


def fires(cause: str) -> Holds:
    """Return whether exactly this one fires, and critically."""

    def holds(alerts: Sequence[Alert]) -> bool:
        return [
            (one.name, one.labels["target"], one.labels["cause"], one.fires)
            for one in alerts
        ] == [("FaceFusionPageCritical", "studio", cause, True)]

    return holds


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_a_fault_pages_once_over_a_restart_and_resolves_when_healed(
    tmp_path: Path,
) -> None:
    """Exactly one alert fires from the fault to its end, with its cause."""
    async with scene(tmp_path) as stage:
        arguments = ("--config", str(stage.config))
        async with running(*arguments, cwd=tmp_path) as daemon:
            await daemon.until(
                lambda scrape: scrape.health("studio") == "healthy", within=30
            )
            quiet = await stage.pages()
            stage.host.faults.switch_on("process_killed")
            paged = await stage.until(fires("process_down"), within=25)
        gone = time.monotonic() + AWAY
        while time.monotonic() < gone:
            assert await stage.pages() == paged
            await asyncio.sleep(0.2)
        async with running(*arguments, cwd=tmp_path) as daemon:
            await daemon.until(
                lambda scrape: (
                    scrape.value("facefusion_page", target="studio") == 1
                ),
                within=20,
            )
            still = await stage.pages()
            stage.host.faults.switch_off("process_killed")
            await daemon.until(
                lambda scrape: scrape.health("studio") == "healthy", within=20
            )
            resolved = await stage.until(lambda alerts: not alerts, within=50)

    assert quiet == []
    assert still == paged
    assert resolved == []
