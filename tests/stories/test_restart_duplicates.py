"""Two monitors on one database are asked the same again and again.

A thousand requests: one effect, one outcome for each, one whole chain.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import pytest
import pytest_asyncio
import yaml

from monitor.simulator.fleet import Fleet
from monitor.simulator.host import SimulatedHost
from tests.stories.restart_town import (
    Answer,
    Monitor,
    Starts,
    begin,
    rows,
    sick_studio,
    write,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(150)]
REQUESTS = 1_000
AT_ONCE = 50
PLANS = 12
"""Other plans for the same server, all of them applied too."""
SERVERS = 20
MAY_BE_CHANGED = max(1, SERVERS // 4)
"""A quarter of the fleet at once (DESIGN §3.2)."""
UNDER_WAY = {"intent", "sent", "unknown", "verifying"}
RECOVERY = {"allow": ["restart"], "cooldown": "10m"}


@dataclass
class Crowd:
    """Ann and Bob at two monitors; never more than `AT_ONCE` ask."""

    monitors: Sequence[Monitor]
    codes: Counter[int] = field(default_factory=Counter)
    room: asyncio.Semaphore = field(
        default_factory=lambda: asyncio.Semaphore(AT_ONCE)
    )

    async def ask(
        self, at: int, path: str, *, by: str, key: str, peer: int
    ) -> None:
        """Ask for something that may well be refused."""
        async with self.room:
            answer = await self.monitors[at].ask(
                "POST", path, {}, by=by, key=key, peer=peer
            )
        self.codes[answer.status_code] += 1
        assert answer.status_code < 500, (path, answer.text)

    async def asks(self, paths: Sequence[str], n: int) -> None:
        """Ask n of these things in any order, the same ones often."""
        dice = random.Random(7)  # noqa: S311 - a shuffle, no secret
        async with asyncio.TaskGroup() as group:
            for number in range(n):
                at, path = dice.randrange(2), dice.choice(paths)
                key = dice.choice(["", "same", f"{number}"])
                by = dice.choice(["ann", "ann", "bob"])
                # One person may ask 30 times in a burst, from each machine.
                peer = 2 + number % 20
                key = key and f"{key}-{path.replace('/', '-')}"
                group.create_task(
                    self.ask(at, path, by=by, key=key, peer=peer)
                )


@pytest_asyncio.fixture
async def both(
    tmp_path: Path,
) -> AsyncIterator[tuple[SimulatedHost, Crowd]]:
    async with (
        sick_studio(tmp_path, RECOVERY) as (host, config),
        await begin(config, tmp_path) as one,
        await begin(config, tmp_path) as other,
    ):
        for monitor in (one, other):
            await monitor.is_diagnosed("none")
        yield host, Crowd((one, other))


async def test_a_thousand_requests_restart_it_once(
    both: tuple[SimulatedHost, Crowd], tmp_path: Path
) -> None:
    host, crowd = both
    host.faults.switch_on("process_killed")
    starts = Starts(host)
    one, other = crowd.monitors
    for monitor in crowd.monitors:
        await monitor.is_diagnosed("process_down")
    asked = await asyncio.gather(
        *(m.plans() for m, _ in zip(cycle((one, other)), range(PLANS)))
    )
    plans = [answer.json()["id"] for answer in asked]
    await crowd.asks([f"plans/{one}/apply" for one in plans], AT_ONCE)
    told = await other.until("changes?limit=1000", _is_under_way)
    await crowd.asks(_everything(plans, told), REQUESTS - PLANS - AT_ONCE)
    told = await one.until("changes?limit=1000", _all_over)

    outcomes = Counter(one["outcome"] for one in told["changes"])
    assert outcomes.pop("succeeded") == 1, told
    assert outcomes.keys() <= {"refused", "cancelled"}, told
    assert starts.count == 1
    assert sum(crowd.codes.values()) == REQUESTS - PLANS
    assert crowd.codes.keys() <= {200, 202, 403, 409}, crowd.codes
    assert rows(tmp_path, "SELECT * FROM locks") == []
    await has_one_outcome_each(one)


async def has_one_outcome_each(monitor: Monitor) -> None:
    """Fail unless each change has one outcome, and the chain is whole."""
    verified = await monitor.get("audit/verification")
    assert verified["ok"] is True, verified
    outcomes: Counter[str] = Counter()
    for entry in await monitor.entries():
        outcomes[entry["plan"]] += bool(entry["outcome"])
    assert max(outcomes.values()) == 1, outcomes
    told = await monitor.get("changes?limit=1000")
    assert all(outcomes[one["plan"]] == 1 for one in told["changes"])


def _everything(plans: Sequence[str], told: Answer) -> list[str]:
    """Return what may be asked of all plans and changes."""
    return [
        *(f"plans/{one}/{do}" for one in plans for do in ("apply", "approve")),
        *(f"changes/{one['id']}/cancel" for one in told["changes"]),
    ]


def _is_under_way(told: Answer) -> bool:
    """Return whether one may have been sent: that cannot be cancelled."""
    return any(
        one["state"] in UNDER_WAY or one["outcome"] == "succeeded"
        for one in told["changes"]
    )


def _all_over(told: Answer) -> bool:
    return all(one["outcome"] for one in told["changes"])


async def test_twenty_sick_servers_are_restarted_five_at_a_time(
    tmp_path: Path,
) -> None:
    hosts = [
        SimulatedHost(f"s{n:02}", workdir=tmp_path / f"s{n:02}")
        for n in range(SERVERS)
    ]
    async with Fleet(*hosts):
        config = write(hosts, tmp_path, RECOVERY)
        calm(config)
        starts = {host.name: Starts(host) for host in hosts}
        async with await begin(config, tmp_path) as monitor:
            await are_diagnosed(monitor, starts, "none")
            for host in hosts:
                host.faults.switch_on("process_killed")
            await are_diagnosed(monitor, starts, "process_down")
            first = await restart(monitor, list(starts))
            sick = [name for name in starts if first[name] != "succeeded"]
            while sick:
                then = await restart(monitor, sick)
                left = [name for name in sick if then[name] != "succeeded"]
                assert len(left) < len(sick), then
                sick = left
            entries = await monitor.entries()
            await has_one_outcome_each(monitor)

    refused = [told for told in first.values() if told != "succeeded"]
    assert refused, first
    assert all("servers are being" in o or "way" in o for o in refused), first
    assert {one.count for one in starts.values()} == {1}
    assert most_at_once(entries) == MAY_BE_CHANGED


def calm(config: Path) -> None:
    """Look seldom enough for twenty servers on a small machine."""
    settings = yaml.safe_load(config.read_text())
    for kind, seconds in {"status": 3, "gpu": 30, "host": 5}.items():
        settings["defaults"][kind]["interval"] = f"{seconds}s"
    config.write_text(yaml.safe_dump(settings))


async def are_diagnosed(
    monitor: Monitor, names: Iterable[str], cause: str
) -> None:
    for name in names:
        await monitor.is_diagnosed(cause, name)


async def restart(monitor: Monitor, names: Sequence[str]) -> dict[str, str]:
    """Plan, then apply all at once; return succeeded, or why not, by name."""
    peers = range(2, 2 + len(names))
    plans = await asyncio.gather(*map(monitor.plans, names, peers))
    assert {one.status_code for one in plans} == {201}, plans[0].text
    ids = [plan.json()["id"] for plan in plans]
    told = await asyncio.gather(
        *(apply(monitor, *one) for one in zip(ids, peers, strict=True))
    )
    return dict(zip(names, told, strict=True))


async def apply(monitor: Monitor, plan: str, peer: int) -> str:
    path = f"plans/{plan}/apply"
    answer = await monitor.ask("POST", path, {}, peer=peer)
    if answer.status_code == 409:
        return str(answer.json()["detail"])
    assert answer.status_code == 202, answer.text
    change = await monitor.ends(answer.json()["id"], within=90)
    return (
        "succeeded"
        if change["outcome"] == "succeeded"
        else str(change["because"])
    )


def most_at_once(entries: Sequence[Answer]) -> int:
    """Return how many were between intent and end, by the audit's order."""
    under_way: set[str] = set()
    most = 0
    for one in entries:
        if one["what"] == "intent":
            under_way.add(one["change"])
        elif one["outcome"]:
            under_way.discard(one["change"])
        most = max(most, len(under_way))
    return most
