"""A monitor dies as it frees GPU memory, and as it boots a machine anew.

With real processes, SQLite and SSH, at the calls around the effect: one
outcome, one effect at most, and what was done is what is told. The calls in
between are those of a restart (test_restart_crashes.py);
tests/engine/recovery has the rest.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.simulator.host import SimulatedHost
from monitor.simulator.machine.booting import Pace
from tests.stories.restart_town import (
    NONCE_LASTS,
    Monitor,
    Starts,
    arm,
    begin,
    rows,
    sick_studio,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]
ACTIONS = ["restart", "free-gpu-memory", "reboot"]
RECOVERY = {
    "allow": ACTIONS,
    "cooldown": "100ms",
    "budget": dict.fromkeys(ACTIONS, "100/1h"),
}
PACE = Pace(answers=0.2, away=1.0)
Point = tuple[str, int, str]
POINTS: dict[Point, bool] = {
    ("intend", 1, "after"): False,
    ("move ended", 1, "after"): True,
    ("prepare", 1, "after"): False,
    ("act", 1, "after"): True,
    ("act", 1, "before"): False,
    ("move verifying", 1, "after"): True,
}
"""Whether it is done by then. By turns: three changes in a row that came to
nothing would open the breaker."""
Answer = dict[str, Any]
TRIES = 5
"""A look that comes late on a slow test machine may change the diagnosis for
a moment, and then nothing may be done."""


@dataclass(frozen=True)
class Rung:
    """How one action is asked for, and what it mends."""

    action: str
    fault: str
    cause: str
    confirm: str = ""


FREES = Rung("free-gpu-memory", "hang", "hung")
BOOTS = Rung("reboot", "gpu_lost", "gpu_lost", confirm="studio-gpu")


@dataclass
class Studio:
    """The machine, and the one monitor that watches it now."""

    host: SimulatedHost
    config: Path
    monitor: Monitor
    starts: Starts

    @property
    def folder(self) -> Path:
        return self.config.parent

    @property
    def boot(self) -> str:
        inside = self.host._inside  # noqa: SLF001 - the machine's own memory
        return inside.world.boot.id

    async def sickens(self, rung: Rung) -> None:
        """Let it break down; what was started before does not count.

        A server that was never seen well would be starting yet.
        """
        if rung.fault not in self.host.faults.active():
            await self.monitor.is_diagnosed("none")
        self.host.faults.switch_on(rung.fault)
        await self.monitor.is_diagnosed(rung.cause)
        self.starts.count = 0

    async def is_done(self, rung: Rung) -> Answer:
        """Let ann plan and apply it and bob agree; return how it ended."""
        for _ in range(TRIES):
            await self.monitor.is_diagnosed(rung.cause)
            answer = await self.is_begun(rung)
            if answer.status_code != httpx.codes.CONFLICT:
                break
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        return await self.monitor.ends(answer.json()["id"])

    async def is_begun(self, rung: Rung) -> httpx.Response:
        """Return the answer to its being applied, or what came before."""
        body = {"action": rung.action, "reason": "it is sick"}
        plan = await self.monitor.ask("POST", "targets/studio/plans", body)
        if plan.status_code != httpx.codes.CREATED:
            return plan
        path = f"plans/{plan.json()['id']}"
        if rung.confirm:
            yes = await self.monitor.ask(
                "POST", f"{path}/approve", {}, by="bob"
            )
            if yes.status_code != httpx.codes.OK:
                return yes
        body = {"confirm": rung.confirm}
        return await self.monitor.ask("POST", f"{path}/apply", body)

    async def dies(self, rung: Rung, point: Point) -> None:
        """Do it with a monitor that dies there; another one begins."""
        arm(self.folder, *point, "kill")
        with suppress(httpx.TransportError):
            await self.is_done(rung)
        await self.monitor.died()
        await self.monitor.__aexit__(None)
        arm(self.folder)
        self.monitor = await begin(self.config, self.folder, crashing=True)

    async def newest(self) -> Answer:
        """Return the newest change once each has its one outcome."""
        told = await self.monitor.until(
            "changes?limit=1000",
            lambda told: all(one["outcome"] for one in told["changes"]),
        )
        entries = await self.monitor.entries()
        for change in told["changes"]:
            outcomes = [
                one["outcome"]
                for one in entries
                if one["plan"] == change["plan"] and one["outcome"]
            ]
            assert outcomes == [change["outcome"]], change
        assert rows(self.folder, "SELECT * FROM locks") == []
        audit = await self.monitor.get("audit/verification")
        assert audit["ok"] is True, audit
        return dict(told["changes"][0])


@asynccontextmanager
async def studio(folder: Path) -> AsyncIterator[Studio]:
    async with sick_studio(folder, RECOVERY, PACE) as (host, config):
        arm(folder)
        monitor = await begin(config, folder, crashing=True)
        found = Studio(host, config, monitor, Starts(host))
        try:
            await monitor.is_diagnosed("none")
            yield found
        finally:
            await found.monitor.__aexit__(sys.exc_info()[0])


@pytest.fixture(autouse=True)
def _short_nonces(monkeypatch: pytest.MonkeyPatch) -> None:
    """A monitor that took over waits until the dead one's nonce is dead."""
    monkeypatch.setattr("monitor.simulator.gate.acting.LASTS", NONCE_LASTS)


@pytest.mark.parametrize("rung", [FREES, BOOTS], ids=lambda one: one.action)
async def test_killed_around_the_effect(tmp_path: Path, rung: Rung) -> None:
    async with studio(tmp_path) as one:
        for point, is_done in POINTS.items():
            await one.sickens(rung)
            await is_survived(one, rung, point, is_done=is_done)
        await one.sickens(rung)
        last, starts = await one.is_done(rung), one.starts.count

    assert (last["outcome"], starts) == ("succeeded", 1), last


async def is_survived(
    one: Studio, rung: Rung, point: Point, *, is_done: bool
) -> None:
    """Die there: it was done once or never, and that is what is told."""
    boot = one.boot

    await one.dies(rung, point)
    change = await one.newest()

    outcome = "succeeded" if is_done else "interrupted"
    told = (change["action"], change["outcome"])
    assert told == (rung.action, outcome), (point, change)
    assert one.starts.count == is_done, (point, change)
    assert (one.boot != boot) is (is_done and rung is BOOTS), (point, change)
