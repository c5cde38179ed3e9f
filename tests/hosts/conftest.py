"""Real sshds, and hosts that are closed when a test is over."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx

from monitor.adapters.ssh.host import SshHost
from monitor.adapters.ssh.settings import SshSettings
from tests.fakes.clock import FakeClock
from tests.hosts.sshd import Sshd, sshd

Connect = Callable[..., SshHost]


@pytest.fixture(autouse=True)
def nothing_blocks_the_loop() -> Iterator[None]:
    with blockbuster_ctx("monitor.adapters.ssh") as guarded:
        # coverage notes a new file under a lock, in whoever runs it first.
        guarded.functions["threading.Lock.acquire"].can_block_in(
            "coverage/collector.py", "lock_data"
        )
        yield


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Sshd]:
    with sshd(tmp_path / "sshd") as running:
        yield running


@pytest.fixture
async def connect(clock: FakeClock) -> AsyncIterator[Connect]:
    hosts: list[SshHost] = []

    def connected(settings: SshSettings) -> SshHost:
        host = SshHost("gpu1", settings, clock, chance=lambda: 1.0)
        hosts.append(host)
        return host

    yield connected
    await asyncio.gather(*(host.close() for host in hosts))


@pytest.fixture
def host(server: Sshd, connect: Connect) -> SshHost:
    return connect(server.settings)
