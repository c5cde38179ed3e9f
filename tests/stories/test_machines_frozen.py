"""A wedged driver, for an hour: one nvidia-smi hangs, the rest is seen.

The hour passes on a clock of our own; the host, its sshd, its gate and its
nvidia-smi are real processes, and the driver holds them in the kernel.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from monitor.config import load
from monitor.daemon.house import House
from monitor.daemon.tools import Tools
from monitor.daemon.wiring import Parts, wire
from monitor.domain.observation import Observation
from monitor.engine.check import Check
from tests.fakes.clock import FakeClock
from tests.machines.host import SystemdHost
from tests.stories.machine_town import write_configuration

pytestmark = [
    pytest.mark.machines,
    pytest.mark.slow,
    pytest.mark.usefixtures("place"),
]
GPU_EVERY = 15.0
LOOKS = 240
"""An hour of looks at the GPUs, at default settings."""
PATIENCE = 40
"""Seconds for what waits for the age of a real process, 20 s."""
OTHERS = ("host", "process", "logs", "jobs")
"""Looked at every 30 s, and none of them needs the driver."""


class Hour:
    """Looks at everything when it is due, and counts what hangs."""

    def __init__(
        self, host: SystemdHost, checks: Mapping[str, Check], clock: FakeClock
    ) -> None:
        self._host = host
        self._checks = checks
        self.clock = clock
        self.seen: list[Observation] = []
        self.most_stuck = 0

    async def look(self, name: str) -> Observation:
        seen = await self._checks[name].probe.look()
        self.seen.append(seen)
        return seen

    async def everything(self) -> None:
        for name in ("gpu", *OTHERS):
            await self.look(name)

    async def pass_by(self) -> None:
        for number in range(LOOKS):
            self.clock.pass_time(GPU_EVERY)
            await self.look("gpu")
            stuck = self._host.processes_named("nvidia-smi")
            self.most_stuck = max(self.most_stuck, len(stuck))
            if number % 2:
                for name in OTHERS:
                    await self.look(name)

    async def is_told(self, name: str, reason: str) -> None:
        """Look until a look has this reason: real processes age slowly."""
        for _ in range(PATIENCE * 5):
            if (await self.look(name)).reason == reason:
                return
            await asyncio.sleep(0.2)
        raise AssertionError(self.seen[-1].because)

    def unseen(self) -> list[str]:
        """Return why looks that do not need the driver saw nothing."""
        return [
            f"{seen.key.check}: {seen.because}"
            for seen in self.seen
            if seen.key.check in OTHERS and seen.reading is None
        ]


@asynccontextmanager
async def hour(host: SystemdHost, folder: Path) -> AsyncIterator[Hour]:
    """Wire a host and its server as the daemon would, with our clock."""
    path = write_configuration(host, folder, hurry=False)
    clock, house = FakeClock(), House(lasting=False)
    tools = Tools(
        clock=clock,
        hosts={},
        shelf=house.shelf,
        images=house.images,
        public_url="",
        net=house.net,
        around=house.canaries.around,
        on_step=lambda _: None,
    )
    parts = wire(load(path, {}, folder), tools, Parts())
    try:
        checks = {check.key.check: check for check in parts.checks()}
        yield Hour(host, checks, clock)
    finally:
        for machine in parts.machines.values():
            await machine.close()
        for server in parts.servers.values():
            await server.wired.close()
        await house.close()


@pytest.mark.timeout(240)
async def test_an_hour_of_a_frozen_nvidia_smi_leaves_one_process(
    tmp_path: Path,
) -> None:
    with SystemdHost() as host:
        async with hour(host, tmp_path) as it:
            await it.everything()
            before = host.nvidia_smi.runs()
            assert all(seen.succeeded for seen in it.seen), it.seen
            host.nvidia_smi.freeze()

            await it.pass_by()
            gpu = await it.look("gpu")

            left = host.processes_named("nvidia-smi")
            assert it.most_stuck == 1
            assert [one.state for one in left] == ["D"]
            assert host.nvidia_smi.runs() == before + 1
            assert it.unseen() == []
            assert gpu.reason
            await it.is_told("host", "wedged_driver")


@pytest.mark.timeout(120)
async def test_a_driver_that_answers_again_is_asked_again(
    tmp_path: Path,
) -> None:
    with SystemdHost() as host:
        async with hour(host, tmp_path) as it:
            host.nvidia_smi.freeze()
            stuck = await it.look("gpu")
            host.nvidia_smi.thaw()
            it.clock.pass_time(3600)
            await it.look("host")

            seen = await it.look("gpu")

    assert stuck.reason
    assert seen.succeeded, seen.because
