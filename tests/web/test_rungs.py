"""A recover over HTTP: it is asked for, and its rungs are told."""

from dataclasses import replace
from typing import Any

import pytest

from monitor.domain.recovery.change import Change
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.words import Action, Outcome, State
from monitor.engine.recovery.asked import Asked
from monitor.web.routes import rungs
from tests.web.recovery_house import PLANS, WANTED, RecoveryHouse

ANN = Principal(name="oncall-ann", person="ann")


class Climb:
    """A recover under way in a house; rungs are asked for as it would."""

    def __init__(self) -> None:
        self.house = RecoveryHouse()
        self.desk = self.house.desk

    async def begin(self) -> str:
        plan = await self.house.post(PLANS, {**WANTED, "action": "recover"})
        assert plan.status_code == 201, plan.text
        path = f"/api/v1/plans/{plan.json()['id']}/apply"
        begun = await self.house.post(path, {"confirm": "studio"})
        self.desk.goes_on(begun.json()["id"], State.CLIMBING, "it climbs")
        return str(begun.json()["id"])

    async def rung(self, parent: str, action: Action) -> str:
        """Return the id of the plan of a rung."""
        asked = Asked(
            action=action, target="studio", reason="it climbs", parent=parent
        )
        return (await self.desk.plan(asked, ANN)).id

    async def sent(self, parent: str, action: Action) -> Change:
        plan = await self.rung(parent, action)
        change = await self.desk.apply(plan, ANN, confirm="studio")
        self.desk.goes_on(change.id, State.INTENT, "about to be done")
        return change

    async def told(self, change: str) -> dict[str, Any]:
        told: dict[str, Any] = await self.house.get(
            f"/api/v1/changes/{change}"
        )
        return told


async def test_a_recover_says_that_it_climbs_and_that_it_has_no_rung_yet() -> (
    None
):
    climb = Climb()

    told = await climb.told(await climb.begin())

    assert (told["action"], told["state"]) == ("recover", "climbing")
    assert (told["rungs"], told["parent"], told["done"]) == ([], None, False)


async def test_rungs_are_told_in_the_order_of_the_climb() -> None:
    climb = Climb()
    parent = await climb.begin()
    first = await climb.sent(parent, Action.RESTART)
    climb.desk.ends(first.id, Outcome.FAILED, "it answers 500 still")
    second = await climb.sent(parent, Action.FREE_GPU_MEMORY)
    climb.desk.approvals, climb.desk.confirm = 1, "gpu1"
    third = await climb.rung(parent, Action.REBOOT)

    told = await climb.told(parent)

    assert [
        (one["id"], one["action"], one["state"], one["outcome"])
        for one in told["rungs"]
    ] == [
        (first.id, "restart", "ended", "failed"),
        (second.id, "free-gpu-memory", "intent", None),
        (None, "reboot", None, None),
    ]
    assert [one["because"] for one in told["rungs"]] == [
        "it answers 500 still",
        "about to be done",
        "it waits to be applied",
    ]
    last = told["rungs"][-1]
    assert (last["plan"], last["confirm"]) == (third, "gpu1")
    assert last["approvals"] == {"needed": 1, "given": []}


async def test_a_rung_says_whose_it_is_and_has_none_itself() -> None:
    climb = Climb()
    parent = await climb.begin()
    rung = await climb.sent(parent, Action.RESTART)

    told = await climb.told(rung.id)
    plan = await climb.house.get(f"/api/v1/plans/{rung.plan}")

    assert (told["parent"], plan["parent"]) == (parent, parent)
    assert told["rungs"] == []


async def test_a_rung_that_was_denied_says_so() -> None:
    climb = Climb()
    parent = await climb.begin()
    plan = await climb.rung(parent, Action.REBOOT)
    await climb.house.post(
        f"/api/v1/plans/{plan}/deny", {"reason": "not at night"}, by="bob"
    )

    [rung] = (await climb.told(parent))["rungs"]

    assert (rung["id"], rung["outcome"]) == (None, "denied")
    assert rung["because"] == "not at night"


async def test_only_its_own_rungs_are_told() -> None:
    climb = Climb()
    first = await climb.begin()
    ours = await climb.sent(first, Action.RESTART)
    climb.desk.ends(first, Outcome.GAVE_UP, "no rung helped")
    other = await climb.begin()
    await climb.sent(other, Action.RESTART)
    await climb.house.applied()

    told = await climb.told(first)

    assert [one["id"] for one in told["rungs"]] == [ours.id]


@pytest.mark.parametrize("page", [1, 2, 3, 200])
async def test_a_climb_of_long_ago_still_has_its_rungs(
    page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rungs, "PAGE", page)
    monkeypatch.setattr(rungs, "RECENT", 1)
    climb = Climb()
    parent = await climb.begin()
    one = await climb.sent(parent, Action.RESTART)
    two = await climb.sent(parent, Action.FREE_GPU_MEMORY)
    for _ in range(4):
        await climb.house.applied()

    told = await climb.told(parent)

    assert [rung["id"] for rung in told["rungs"]] == [one.id, two.id]


async def test_a_climb_that_did_something_says_so() -> None:
    climb = Climb()
    parent = await climb.begin()
    kept = climb.desk.kept[parent]
    climb.desk.kept[parent] = replace(kept, done=True)

    assert (await climb.told(parent))["done"] is True


async def test_a_list_of_changes_has_no_rungs_but_their_parents() -> None:
    climb = Climb()
    parent = await climb.begin()
    await climb.sent(parent, Action.RESTART)

    listed = (await climb.house.get("/api/v1/changes"))["changes"]

    assert [one["parent"] for one in listed] == [parent, None]
    assert "rungs" not in listed[0]


async def test_what_a_plan_touches_beside_its_target_is_told() -> None:
    house = RecoveryHouse()
    house.desk.notes = ("pid 7 is left\nalone",)
    house.desk.bystanders = ("carol is logged in",)
    house.desk.by_hand = ("sudo systemctl restart facefusion.service",)

    answer = await house.post(PLANS, WANTED)

    said = answer.json()
    assert said["notes"] == ["pid 7 is left alone"]
    assert said["bystanders"] == ["carol is logged in"]
    assert said["by_hand"] == ["sudo systemctl restart facefusion.service"]
    assert (said["cards"], said["parent"]) == ([], None)
