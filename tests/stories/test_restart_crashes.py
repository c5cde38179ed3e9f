"""A monitor dies at each call of a restart: one outcome, one effect at most.

With real processes, SQLite and SSH. The calls are those of a dry run. Of
each write the monitor dies after it, which is before the next one; of each
call of the hand before and after it. tests/engine/recovery has the rest.
"""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from monitor.simulator.host import SimulatedHost
from tests.stories.crashing_daemon import HAND
from tests.stories.restart_town import (
    NONCE_LASTS,
    ROOT,
    Monitor,
    Starts,
    arm,
    begin,
    rows,
    sick_studio,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(280)]
RECOVERY = {
    "allow": ["restart"],
    "cooldown": "100ms",
    "budget": {"restart": "100/1h"},
}
Point = tuple[str, int, str]
LATE = {("act", 1, "after"), ("say", 1, "after")}
"""After the effect, as all moves are. Beats come before it and after it."""


@dataclass
class Studio:
    """The machine, and the one monitor that watches it now."""

    host: SimulatedHost
    starts: Starts
    config: Path
    monitor: Monitor

    @property
    def folder(self) -> Path:
        return self.config.parent

    async def sickens(self) -> None:
        """End FaceFusion, whatever was started before does not count."""
        self.host.faults.switch_on("process_killed")
        self.starts.count = 0
        await self.monitor.is_diagnosed("process_down")

    async def restarts(self) -> dict[str, Any]:
        """Plan and apply, and return the change as it ended."""
        answer = await self.monitor.plans()
        assert answer.status_code == 201, answer.text
        path = f"plans/{answer.json()['id']}/apply"
        answer = await self.monitor.ask("POST", path, {})
        assert answer.status_code == 202, answer.text
        return await self.monitor.ends(answer.json()["id"])

    async def dies(self, point: Point) -> None:
        """Restart it with a monitor that dies there; another one begins."""
        arm(self.folder, *point, "kill")
        with suppress(httpx.TransportError):
            await self.restarts()
        await self.monitor.died()
        await self.begins_anew()

    async def begins_anew(self) -> None:
        await self.monitor.__aexit__(None)
        arm(self.folder)
        self.monitor = await begin(self.config, self.folder, crashing=True)

    async def is_quiet(self) -> None:
        """Wait until every change has its outcome."""
        await self.monitor.until(
            "changes?limit=1000",
            lambda told: all(one["outcome"] for one in told["changes"]),
        )

    async def outcomes(self) -> dict[str, list[str]]:
        """Return the outcomes in the audit, by request, once all is well.

        No request has two, no lock is left, and the chain is whole.
        """
        told = await self.monitor.get("audit/verification")
        assert told["ok"] is True, told
        assert rows(self.folder, "SELECT * FROM locks") == []
        found: dict[str, list[str]] = {}
        for one in await self.monitor.entries():
            found.setdefault(one["plan"], [])
            found[one["plan"]] += [one["outcome"]] if one["outcome"] else []
        changes = await self.monitor.get("changes?limit=1000")
        for change in changes["changes"]:
            assert found[change["plan"]] == [change["outcome"]], change
        return found


def points_of(calls: Sequence[str]) -> Iterator[Point]:
    """Yield where to die; of what goes on and on, the first time."""
    seen: Counter[str] = Counter()
    for name in calls:
        seen[name] += 1
        if name in {"beat", "say"} and seen[name] > 1:
            continue
        for when in ("before", "after") if name in HAND else ("after",):
            yield name, seen[name], when


@pytest.fixture(autouse=True)
def _short_nonces(monkeypatch: pytest.MonkeyPatch) -> None:
    """A monitor that took over waits until the dead one's nonce is dead."""
    monkeypatch.setattr("monitor.simulator.gate.acting.LASTS", NONCE_LASTS)


async def test_killed_at_each_call_of_a_restart(tmp_path: Path) -> None:
    async with sick_studio(tmp_path, RECOVERY) as (host, config):
        arm(tmp_path)
        monitor = await begin(config, tmp_path, crashing=True)
        await monitor.is_diagnosed("none")
        studio = Studio(host, Starts(host), config, monitor)
        try:
            points = await dry_run(studio)
            for point in points:
                await is_survived(studio, point)
            await studio.sickens()
            change = await studio.restarts()
        finally:
            await studio.monitor.__aexit__(sys.exc_info()[0])

    assert change["outcome"] == "succeeded", change
    assert studio.starts.count == 1
    assert len(points) >= 14
    assert {"intend", "act", "move ended"} <= {name for name, *_ in points}


async def dry_run(studio: Studio) -> list[Point]:
    """Return the points of a restart at which nobody dies."""
    await studio.sickens()
    change = await studio.restarts()

    assert change["outcome"] == "succeeded", change
    assert studio.starts.count == 1
    calls = (studio.folder / "calls").read_text().splitlines()
    return list(points_of(calls[: calls.index("move ended") + 1]))


async def is_survived(studio: Studio, point: Point) -> None:
    """Die there: all is as it must be, and the next plan is possible."""
    await studio.sickens()
    kept = len(await changes(studio))

    await studio.dies(point)
    await studio.is_quiet()

    await studio.outcomes()
    newest, *others = await changes(studio)
    if point[0] == "keep_plan":
        assert len(others) + 1 == kept, point
        assert studio.starts.count == 0, point
        return
    assert len(others) == kept, point
    assert newest["outcome"] in {"succeeded", "interrupted"}, (point, newest)
    is_done = newest["outcome"] == "succeeded"
    assert studio.starts.count == is_done, (point, newest)
    if point[0] != "beat":
        is_late = point in LATE or point[0].startswith("move")
        assert is_done is is_late, (point, newest)


async def changes(studio: Studio) -> list[dict[str, Any]]:
    told = await studio.monitor.get("changes?limit=1000")
    return list(told["changes"])


async def verifies(monitor: Monitor, *more: str) -> tuple[int, str]:
    """Run `audit verify`; return its exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "monitor", "audit", "verify"),
        *("--url", monitor.url, "--token-file", str(monitor.folder / "ann")),
        *more,
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(30):
        said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


def logged_head(monitor: Monitor) -> str:
    """Return the newest head that the log was told of."""
    told = [json.loads(one) for one in monitor.said().splitlines()]
    newest = [one for one in told if one["event"] == "audit"][-1]
    return f"{newest['sequence']}:{newest['hash']}"


async def test_an_audit_that_was_written_in_is_found(tmp_path: Path) -> None:
    async with sick_studio(tmp_path, RECOVERY) as (host, config):
        async with await begin(config, tmp_path) as monitor:
            await monitor.is_diagnosed("none")
            host.faults.switch_on("process_killed")
            await monitor.is_diagnosed("process_down")
            answers = [await monitor.plans() for _ in range(3)]
            whole, _ = await verifies(monitor)
            head = logged_head(monitor)
        rows(tmp_path, "UPDATE audit SET who = 'bob' WHERE sequence = 2")
        async with await begin(config, tmp_path) as monitor:
            edited, said = await verifies(monitor)
        rows(tmp_path, "UPDATE audit SET who = 'ann' WHERE sequence = 2")
        rows(tmp_path, "DELETE FROM audit WHERE sequence = 3")
        async with await begin(config, tmp_path) as monitor:
            cut, _ = await verifies(monitor)
            missed, told = await verifies(monitor, "--head", head)

    assert [one.status_code for one in answers] == [201] * 3
    assert (whole, edited, cut, missed) == (0, 2, 0, 2), (said, told)
    assert "2" in said
    assert head.startswith("3:")
    assert "cut or rewritten" in told
