"""Three simulated hosts and a daemon that watches them."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
import yaml

from monitor.simulator.backend import SimulatedBackend
from monitor.simulator.configuration import write_configuration
from monitor.simulator.fleet import Fleet
from monitor.simulator.host import SimulatedHost
from tests.machines.host import SystemdHost
from tests.stories.daemon import Daemon, Scrape, running
from tests.stories.diagnoses import Story, story_of
from tests.stories.machine_town import watched

NAMES = ("studio", "attic", "cellar")
WITH_BATCH = "studio"
DURATIONS = {"gfpgan_1.4": 0.4, "swap": 0.3}
"""Seconds a simulated job takes here, so that a story is short."""
FAST = {
    "status": {
        "interval": "1s",
        "timeout": "900ms",
        "confirm_interval": "500ms",
    },
    "gpu": {"interval": "1s"},
    "host": {"interval": "1s"},
}


@dataclass
class Town:
    """The fleet, and the daemon watching it."""

    fleet: Fleet
    daemon: Daemon
    folder: Path

    def failed_looks(self) -> list[tuple[object, ...]]:
        """Return what the daemon kept of looks that failed."""
        state = f"file:{self.folder / 'state.db'}?mode=ro"
        with closing(sqlite3.connect(state, uri=True)) as db:
            return db.execute(
                "SELECT at, subject, check_name, reason, because"
                " FROM moments WHERE reason != '' ORDER BY at"
            ).fetchall()

    def host(self, name: str) -> SimulatedHost:
        return self.fleet.hosts[name]

    async def all_well(self) -> Scrape:
        """Wait until every server, canary and GPU is fine."""
        return await self.daemon.until(_all_well, within=30)


def _all_well(scrape: Scrape) -> bool:
    return all(
        scrape.health(name) == "healthy"
        and well(scrape, name)
        and scrape.value(
            "facefusion_probe_success", probe="gpu", host=f"{name}-gpu"
        )
        == 1
        for name in NAMES
    )


def well(scrape: Scrape, name: str) -> bool:
    """Return whether both canaries of a server are fine."""
    return all(
        scrape.value(
            "facefusion_canary_success", target=name, operation=operation
        )
        == 1
        and scrape.value(
            "facefusion_canary_output_valid", target=name, operation=operation
        )
        == 1
        for operation in ("enhance", "swap")
    )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    backend = SimulatedBackend()
    fleet = Fleet(
        *(
            SimulatedHost(name, workdir=folder / name, durations=DURATIONS)
            for name in NAMES
        ),
        backend=backend,
    )
    async with fleet:
        path = write_configuration(
            fleet.hosts.values(),
            folder,
            listen="127.0.0.1:0",
            backend=backend,
        )
        _hurry(path)
        async with running("--config", str(path), cwd=folder) as daemon:
            yield Town(fleet, daemon, folder)


def _hurry(path: Path) -> None:
    """Shorten every interval of a configuration."""
    settings = yaml.safe_load(path.read_text())
    settings["defaults"] = FAST
    settings["log"] = {"format": "json"}
    for target in settings["targets"]:
        for canary in target["canaries"]:
            # After each run a GPU is ours for 2 s more: leave time between.
            canary.update(interval="5s", timeout="4s")
        if target["name"] != WITH_BATCH:
            target["canaries"].pop()
    path.write_text(yaml.safe_dump(settings))


@pytest.fixture(scope="module")
def machine(
    place: None,  # noqa: ARG001 - it must be there first
) -> Iterator[SystemdHost]:
    with SystemdHost() as host:
        yield host


@pytest_asyncio.fixture
async def studio(machine: SystemdHost, tmp_path: Path) -> AsyncIterator[Story]:
    """A daemon of its own: it remembers starts and killed processes."""
    more = {"start_grace": "10s"}
    async with (
        watched(machine, tmp_path, more=more) as daemon,
        story_of(machine, daemon) as story,
    ):
        yield story
