"""The documents of recovery, word for word: others were written by them."""

import json
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.recovery.verdict import Verdict
from monitor.domain.recovery.words import Outcome, State, Word
from tests.fakes.recovery import WELL
from tests.web.recovery_house import PLANS, WANTED, RecoveryHouse

EXPECTED = Path(__file__).parents[1] / "expected" / "api"
GLASS = {"gate": "cooldown", "reason": "users wait"}


def held_to(
    name: str, said: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    """Compare with the golden file, or write it anew for review."""
    golden = EXPECTED / f"{name}.json"
    if request.config.getoption("--update"):
        golden.write_text(json.dumps(said, indent=2) + "\n")
    assert said == json.loads(golden.read_text())


async def test_a_plan(request: pytest.FixtureRequest) -> None:
    house = RecoveryHouse()
    house.desk.approvals = 1
    await house.post(PLANS, {**WANTED, "break_glass": GLASS})
    house.clock.pass_time(30)
    await house.post("/api/v1/plans/p1/approve", by="bob")
    house.clock.pass_time(12.5)

    held_to("plan", await house.get("/api/v1/plans/p1"), request)


async def test_a_refused_plan(request: pytest.FixtureRequest) -> None:
    house = RecoveryHouse()
    waits = Verdict(gate="busy", word=Word.WAITING, because="a job runs")
    no = Verdict(gate="cooldown", word=Word.REFUSED, because="done 2 min ago")
    house.desk.gates = (*WELL[:1], waits, no)

    refused = await house.post(PLANS, WANTED)

    held_to("refused_plan", refused.json(), request)


async def test_a_change(request: pytest.FixtureRequest) -> None:
    house = RecoveryHouse()
    change = await house.applied()
    house.clock.pass_time(2)
    house.desk.goes_on(change, State.INTENT, "it is about to be done")
    await house.post(f"/api/v1/changes/{change}/cancel")
    house.desk.goes_on(change, State.SENT, "systemd was asked to restart it")
    house.clock.pass_time(60)
    house.desk.ends(change, Outcome.FAILED, "it listens on port 9003")
    house.clock.pass_time(1)

    held_to("change", await house.get(f"/api/v1/changes/{change}"), request)


async def test_the_audit(request: pytest.FixtureRequest) -> None:
    house = RecoveryHouse()
    await house.applied()
    house.clock.pass_time(60)

    held_to("audit", await house.get("/api/v1/audit"), request)
