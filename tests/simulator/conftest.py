"""Two simulated hosts with quick jobs, and somebody to visit them."""

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.simulator.faults import FAULTS
from monitor.simulator.fleet import Fleet
from monitor.simulator.host import SimulatedHost
from monitor.simulator.ssh.keys import make_client_key
from tests.simulator.visitor import ASTRONAUT, DURATIONS, Visitor, portrait


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Visitor:
    key = tmp_path_factory.mktemp("keys") / "visitor"
    return Visitor(key=key, public_key=make_client_key(key))


@pytest.fixture(scope="module")
def town(
    tmp_path_factory: pytest.TempPathFactory, visitor: Visitor
) -> Iterator[Fleet]:
    folder = tmp_path_factory.mktemp("town")
    hosts = [
        SimulatedHost(name, workdir=folder / name, durations=DURATIONS)
        for name in ("studio", "attic")
    ]
    for host in hosts:
        host.authorize(visitor.public_key)
    fleet = Fleet(*hosts)
    asyncio.run(fleet.start())
    yield fleet
    asyncio.run(fleet.stop())


@pytest.fixture
def fleet(town: Fleet) -> Iterator[Fleet]:
    """Return the town as on its first day."""
    for host in town.hosts.values():
        for folder in (host.canary_directory, host.workdir / "outputs"):
            _empty(folder)
    yield town
    for host in town.hosts.values():
        for name in FAULTS:
            host.faults.switch_off(name)


@pytest.fixture
def studio(fleet: Fleet) -> SimulatedHost:
    return fleet.hosts["studio"]


@pytest.fixture
def attic(fleet: Fleet) -> SimulatedHost:
    return fleet.hosts["attic"]


@pytest.fixture
def outside(studio: SimulatedHost, tmp_path: Path) -> Iterator[Path]:
    """Return a file that is none of the host's business."""
    path = tmp_path / "outside"
    path.write_bytes(portrait(ASTRONAUT))
    assert not path.is_relative_to(studio.workdir)
    yield path
    assert path.read_bytes() == portrait(ASTRONAUT)


def _empty(folder: Path) -> None:
    """Remove what is in a folder, which stays.

    A job of the test before may still write there.
    """
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)
