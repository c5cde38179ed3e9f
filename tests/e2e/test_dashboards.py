"""Every panel shows something on a real Prometheus, or says why it may not."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import yaml

from monitor.simulator.configuration import write_configuration
from monitor.simulator.fleet import Fleet
from monitor.simulator.host import SimulatedHost
from tests.bench.blackbox import free_port
from tests.conftest import component
from tests.dashboards.boards import ASKED, Asked
from tests.servers import prometheus
from tests.servers.prometheus import Prometheus
from tests.stories.restart_town import Monitor, begin

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
FAULTS = {
    "studio": ("process_killed",),
    "attic": ("gpu_lost", "xid"),
    "cellar": ("thermal_throttle", "log_error"),
}
WITHIN = 120.0
MAY_BE_EMPTY = {
    "How long they take": "no histogram has grown since before the scrape",
    "Canaries": "its baseline takes more runs than a test can wait for",
    "Beside what is usual here": "the same",
    "Runs that were left out": "users' work is what it takes",
    "Looks that were left out": "nothing is in the way of any look",
    "Alerts that came in": "no Alertmanager is there",
}
"""Panels without data here, and why."""


@dataclass(frozen=True)
class Stage:
    prometheus: Prometheus
    monitor: Monitor
    fleet: Fleet


@asynccontextmanager
async def staged(folder: Path) -> AsyncIterator[Stage]:
    program = component("prometheus")
    hosts = [SimulatedHost(n, workdir=folder / n) for n in FAULTS]
    async with Fleet(*hosts) as fleet:
        config = write_configuration(
            hosts, folder, listen="127.0.0.1:0", people=["ann", "bob"]
        )
        settings = yaml.safe_load(config.read_text())
        for target in settings["targets"]:
            target["labels"] = {"site": "north"}
            for canary in target["canaries"]:
                canary["interval"] = "10s"
        config.write_text(yaml.safe_dump(settings))
        async with await begin(config, folder) as monitor:
            job = {
                "job_name": "facefusion",
                "authorization": {"credentials_file": str(folder / "ann")},
                "static_configs": [
                    {"targets": [monitor.url.removeprefix("http://")]}
                ],
            }
            file = prometheus.written(
                folder, jobs=[job], rules=[], every="1s", patience="900ms"
            )
            async with prometheus.running(
                program, file, free_port()
            ) as beside:
                yield Stage(beside, monitor, fleet)


async def is_shown(stage: Stage, asked: Asked) -> bool:
    """Return whether any server, and any host, has it."""
    for target in FAULTS:
        expr = asked.expr(target=target, host=f"{target}-gpu", canary=".+")
        expr = expr.replace(f'=~"{target}"', '=~".+"')
        if await stage.prometheus.query(expr):
            return True
    return False


async def test_every_panel_has_data(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        for name in FAULTS:
            await stage.monitor.is_diagnosed("none", name)
        for name, faults in FAULTS.items():
            for fault in faults:
                stage.fleet.hosts[name].faults.switch_on(fault)
        await stage.monitor.is_diagnosed("process_down")
        plan = await stage.monitor.ask(
            "POST",
            "targets/studio/plans",
            {"action": "restart", "reason": "it is down"},
        )
        change = await stage.monitor.ask(
            "POST",
            f"plans/{plan.json()['id']}/apply",
            {"confirm": "studio"},
        )
        assert change.status_code == httpx.codes.ACCEPTED, change.text
        left = list(ASKED)
        end = time.monotonic() + WITHIN
        while wanted(left) and time.monotonic() < end:
            left = [one for one in left if not await is_shown(stage, one)]
            await asyncio.sleep(1)

    assert wanted(left) == []


def wanted(left: list[Asked]) -> list[str]:
    """Return the panels that have no data, and no reason either."""
    return [str(one) for one in left if one.panel["title"] not in MAY_BE_EMPTY]
