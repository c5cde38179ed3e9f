"""Two simulated hosts with quick jobs, and somebody to visit them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from monitor.simulator.fleet import Fleet
from monitor.simulator.host import SimulatedHost
from monitor.simulator.ssh.keys import make_client_key
from tests.simulator.visitor import DURATIONS, Visitor


@pytest.fixture
def visitor(tmp_path: Path) -> Visitor:
    key = tmp_path / "keys" / "visitor"
    return Visitor(key=key, public_key=make_client_key(key))


@pytest.fixture
async def fleet(tmp_path: Path, visitor: Visitor) -> AsyncIterator[Fleet]:
    hosts = [
        SimulatedHost(name, workdir=tmp_path / name, durations=DURATIONS)
        for name in ("studio", "attic")
    ]
    for host in hosts:
        host.authorize(visitor.public_key)
    async with Fleet(*hosts) as fleet:
        yield fleet


@pytest.fixture
def studio(fleet: Fleet) -> SimulatedHost:
    return fleet.hosts["studio"]


@pytest.fixture
def attic(fleet: Fleet) -> SimulatedHost:
    return fleet.hosts["attic"]
