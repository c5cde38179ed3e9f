"""Everything that the monitor does on one machine is tried, once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitor.cli import load
from monitor.config import Settings
from monitor.daemon.at_host import look_at_host
from monitor.domain.errors import NotConfigured
from monitor.simulator.configuration import write_configuration
from monitor.simulator.fleet import Fleet
from monitor.simulator.host import SimulatedHost


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncIterator[Fleet]:
    names = ("studio", "attic")
    async with Fleet(
        *(SimulatedHost(name, workdir=tmp_path / name) for name in names)
    ) as started:
        yield started


@pytest.fixture
def settings(fleet: Fleet, tmp_path: Path) -> Settings:
    hosts = fleet.hosts.values()
    path = write_configuration(hosts, tmp_path, listen="127.0.0.1:0")
    return load.settings(path)


async def test_only_looks_at_this_machine_and_its_servers_are_taken(
    settings: Settings,
) -> None:
    seen = await look_at_host(settings, "studio-gpu")

    assert {look.key.label for look in seen.looks} == {
        "studio-gpu/host",
        "studio-gpu/gpu",
        "studio/process",
        "studio/logs",
        "studio/jobs",
    }
    assert seen.answer is not None
    assert seen.because == ""


async def test_a_machine_that_is_away_is_not_looked_at(
    settings: Settings, fleet: Fleet
) -> None:
    await fleet.hosts["studio"].stop()

    seen = await look_at_host(settings, "studio-gpu")
    await fleet.hosts["studio"].start()

    assert seen.answer is None
    assert seen.looks == ()
    assert seen.because.startswith("cannot")


async def test_a_host_that_nobody_configured_is_an_error(
    settings: Settings,
) -> None:
    with pytest.raises(NotConfigured, match="attic-gpu, studio-gpu"):
        await look_at_host(settings, "cellar-gpu")
