"""The way to a real machine, or its monitor, is lost in a restart.

One outcome, one start at most, nothing is sent again, and the audit is
whole. A change whose answer was lost is looked for on the machine.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
import yaml

from tests.machines.host import SystemdHost
from tests.stories.daemon import Daemon
from tests.stories.rescue import (
    COUNTING,
    RESTARTS,
    Answer,
    Rescue,
    install_gate,
    write_rescue,
)
from tests.stories.restart_town import Monitor, arm, begin

pytestmark = [
    pytest.mark.machines,
    pytest.mark.slow,
    pytest.mark.usefixtures("place"),
    pytest.mark.timeout(240),
]
STOPS = 5.0
"""Seconds that the unit takes to stop: something happens meanwhile."""
CUT_FOR = 3.0
"""Seconds without a network before the act is let go."""
_STEP = 0.05


@dataclass
class Cut:
    """A machine whose server hangs, and the monitor that restarts it."""

    host: SystemdHost
    config: Path
    monitor: Monitor

    @property
    def folder(self) -> Path:
        return self.config.parent

    @property
    def rescue(self) -> Rescue:
        url, process = self.monitor.url, self.monitor.process
        return Rescue(self.host, Daemon(url, process), self.folder)

    async def begins(self) -> str:
        """Let a restart of the hanging server begin; return its change."""
        hung = self.host.facefusion_pid()
        self.host.turn(hang=hung, stop_seconds=STOPS)
        await self.monitor.is_diagnosed("hung")
        plan = await self.monitor.plans()
        assert plan.status_code == 201, plan.text
        path = f"plans/{plan.json()['id']}/apply"
        answer = await self.monitor.ask("POST", path, {})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    async def is_stopping(self) -> None:
        """Wait until systemd stops the server."""
        await until(lambda: "deactivating" in self._state())

    async def is_started(self) -> None:
        await until(lambda: self.rescue.starts() == 1)

    async def sends(self) -> int:
        """Return how often something that acts was sent to the machine."""
        calls = (self.folder / "calls").read_text().splitlines()
        return calls.count("act")

    async def came_to(self, change: str) -> Answer:
        """Return the change, with one outcome in an audit that is whole."""
        told = await self.monitor.ends(change, within=100)
        entries = await self.monitor.entries()
        outcomes = [one["outcome"] for one in entries if one["outcome"]]
        assert outcomes == [told["outcome"]], entries
        verified = await self.monitor.get("audit/verification")
        assert verified["ok"] is True, verified
        return told

    async def dies(self) -> None:
        """Kill the monitor as a power cut would, and start another one."""
        self.monitor.process.kill()
        await self.monitor.__aexit__(None)
        self.monitor = await begin(self.config, self.folder, crashing=True)

    def _state(self) -> str:
        return self.host.systemctl("show -p ActiveState --value")


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not holds():  # noqa: ASYNC110 - the machine wakes nobody
            await asyncio.sleep(_STEP)


@pytest.fixture
def host() -> Iterator[SystemdHost]:
    with SystemdHost() as machine:
        yield machine


@pytest_asyncio.fixture
async def cut(host: SystemdHost, tmp_path: Path) -> AsyncIterator[Cut]:
    more = {"start_grace": "10s", "recovery": RESTARTS}
    path = write_rescue(host, tmp_path, more)
    settings = yaml.safe_load(path.read_text())
    settings["state"] = {"url": f"sqlite:///{tmp_path}/state.db"}
    path.write_text(yaml.safe_dump(settings))
    await install_gate(host, path)
    host.run(COUNTING)
    (tmp_path / "patient").touch()
    arm(tmp_path)
    there = Cut(host, path, await begin(path, tmp_path, crashing=True))
    try:
        await there.monitor.is_diagnosed("none")
        yield there
    finally:
        await there.monitor.__aexit__(sys.exc_info()[0])


async def test_the_network_is_lost_before_it_is_sent(cut: Cut) -> None:
    arm(cut.folder, "act", 1, "before", "hold")
    change = await cut.begins()
    await until((cut.folder / "held").exists)

    cut.host.link_down()
    (cut.folder / "go").touch()
    await asyncio.sleep(CUT_FOR)
    before = cut.rescue.starts()
    cut.host.link_up()
    told = await cut.came_to(change)

    assert before == 0
    assert told["outcome"] in {"succeeded", "interrupted"}, told
    assert cut.rescue.starts() == (told["outcome"] == "succeeded")
    assert await cut.sends() == 1


async def test_the_network_is_lost_after_it_was_sent(cut: Cut) -> None:
    change = await cut.begins()
    await cut.is_stopping()

    cut.host.link_down()
    await cut.is_started()
    cut.host.link_up()
    told = await cut.came_to(change)

    assert told["outcome"] == "succeeded", told
    assert cut.rescue.starts() == 1
    assert await cut.sends() == 1


async def test_the_monitor_is_killed_while_the_server_stops(cut: Cut) -> None:
    change = await cut.begins()
    await cut.is_stopping()

    await cut.dies()
    told = await cut.came_to(change)

    assert told["outcome"] == "succeeded", told
    assert cut.rescue.starts() == 1
    assert await cut.sends() == 1
