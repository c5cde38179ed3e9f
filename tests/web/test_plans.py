"""Plans over HTTP: asked for, weighed, and given a word for or against."""

from dataclasses import replace
from typing import Any

import pytest

from monitor.domain.errors import CannotStore
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.words import Action, State
from tests.fakes.recovery import SERVER, STEPS, WELL
from tests.web.recovery_house import COOLDOWN, PLANS, WANTED, RecoveryHouse


async def test_a_plan_is_made_and_can_be_found_where_it_says() -> None:
    house = RecoveryHouse()

    made = await house.post(PLANS, WANTED)
    found = await house.get(made.headers["location"])
    listed = await house.get("/api/v1/plans")

    del found["at"]
    assert made.status_code == 201
    assert found.items() <= made.json().items()
    assert listed["plans"] == [found]
    assert found["steps"] == list(STEPS)


async def test_what_is_asked_reaches_the_desk_under_the_persons_name() -> None:
    house = RecoveryHouse()
    glass = {"gate": "cooldown", "reason": " users wait "}

    made = await house.post(
        PLANS, {**WANTED, "reason": " it hangs ", "break_glass": glass}
    )

    [asked] = house.desk.asked
    assert (asked.action, asked.target) == (Action.RESTART, "studio")
    assert asked.reason == "it hangs"
    assert asked.break_glass is not None
    assert asked.break_glass.reason == "users wait"
    assert made.json()["break_glass"] == {
        "gate": "cooldown",
        "reason": "users wait",
    }
    assert house.desk.records["p1"].plan.by == Principal(
        name="oncall-ann", person="ann"
    )


async def test_a_refused_plan_has_steps_and_gates_and_no_id() -> None:
    house = RecoveryHouse()
    house.desk.gates = (*WELL, COOLDOWN)

    refused = await house.post(PLANS, WANTED)

    said = refused.json()
    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    assert "location" not in refused.headers
    assert "id" not in said
    assert said["steps"] == list(STEPS)
    assert [gate["word"] for gate in said["gates"]] == [
        "allowed",
        "allowed",
        "refused",
    ]
    assert said["detail"].startswith("cannot restart studio")


@pytest.mark.parametrize(
    "change",
    [
        {"action": "dance"},
        {"action": "restart; reboot"},
        {"action": None},
        {"reason": ""},
        {"reason": "   "},
        {"reason": "x" * 501},
        {"reason": "one\nline too many"},
        {"reason": "\u202egnirts"},
        {"reason": "bell \u0007"},
        {"reason": "\ud800"},
        {"reason": 7},
        {"force": True},
        {"break_glass": "cooldown"},
        {"break_glass": {"gate": "cooldown"}},
        {"break_glass": {"gate": "$(id)", "reason": "x"}},
        {"break_glass": {"gate": "cooldown", "reason": "x", "more": 1}},
    ],
)
async def test_a_wish_that_makes_no_sense_never_reaches_the_desk(
    change: dict[str, Any],
) -> None:
    house = RecoveryHouse()

    refused = await house.post(PLANS, {**WANTED, **change})

    assert refused.status_code == 422, refused.text
    assert refused.json()["detail"].startswith("cannot ")
    assert house.desk.asked == []


@pytest.mark.parametrize(
    "name",
    ["$(reboot)", "studio;id", "%60id%60", "a%20b", "..%2fstudio", "%00", "é"],
)
async def test_a_name_that_no_target_has_never_reaches_the_desk(
    name: str,
) -> None:
    house = RecoveryHouse()

    refused = await house.post(f"/api/v1/targets/{name}/plans", WANTED)

    assert refused.status_code == 404
    assert house.desk.asked == []


@pytest.mark.parametrize("id_", ["$(reboot)", "a%0ab", "é", "x" * 129])
@pytest.mark.parametrize("what", ["plans/{}/apply", "changes/{}/cancel"])
async def test_an_id_that_can_be_none_is_refused(what: str, id_: str) -> None:
    house = RecoveryHouse()

    refused = await house.post(f"/api/v1/{what.format(id_)}")

    assert refused.status_code == 422
    assert house.desk.chain == []


async def test_a_plan_is_applied_as_a_change_that_says_where_it_is() -> None:
    house = RecoveryHouse()
    plan = await house.planned()

    applied = await house.post(
        f"/api/v1/plans/{plan}/apply", {"confirm": "studio"}
    )
    found = await house.get(f"/api/v1/plans/{plan}")

    assert applied.status_code == 202
    assert applied.headers["location"] == "/api/v1/changes/c1"
    assert applied.json()["state"] == "ready"
    assert (found["state"], found["change"]) == ("applied", "c1")


async def test_without_a_body_nothing_was_typed() -> None:
    house = RecoveryHouse()
    house.desk.confirm = ""
    plan = await house.planned()

    applied = await house.post(f"/api/v1/plans/{plan}/apply")

    assert applied.status_code == 202


async def test_what_was_typed_wrongly_changes_nothing() -> None:
    house = RecoveryHouse()
    plan = await house.planned()

    refused = await house.post(
        f"/api/v1/plans/{plan}/apply", {"confirm": "studoi"}
    )

    assert refused.status_code == 422
    assert house.desk.kept == {}


async def test_a_plan_is_applied_once() -> None:
    house = RecoveryHouse()
    await house.applied()

    again = await house.post("/api/v1/plans/p1/apply", {"confirm": "studio"})

    assert again.status_code == 409
    assert len(house.desk.kept) == 1


async def test_an_expired_plan_is_over_and_applied_no_more() -> None:
    house = RecoveryHouse()
    plan = await house.planned()
    house.clock.pass_time(900)

    refused = await house.post(
        f"/api/v1/plans/{plan}/apply", {"confirm": "studio"}
    )
    found = await house.get(f"/api/v1/plans/{plan}")

    assert refused.status_code == 409
    assert (found["state"], found["remaining_seconds"]) == ("over", 0.0)
    assert (found["outcome"], found["because"]) == (
        None,
        "it expired before it was applied",
    )


@pytest.mark.parametrize("word", ["approve", "cancel"])
async def test_words_that_nobody_asked_for_are_refused(word: str) -> None:
    house = RecoveryHouse()
    change = await house.applied()
    path = "plans/p1/approve" if word == "approve" else f"changes/{change}"
    path = path if word == "approve" else f"{path}/cancel"
    by = "bob" if word == "approve" else "oncall-ann"

    refused = await house.post(f"/api/v1/{path}", {"digest": "0"}, by=by)

    assert refused.status_code == 422
    assert house.desk.kept[change].state is State.READY


async def test_users_files_and_control_characters_stay_on_the_host() -> None:
    house = RecoveryHouse()
    plan = await house.planned()
    record = house.desk.records[plan]
    odd = replace(SERVER, cmdline=("/x/pyth\udc80on\x1b[2J", "/x/run.py"))
    aim = replace(record.plan.aim, processes=(SERVER, odd))
    house.desk.records[plan] = replace(
        record,
        plan=replace(record.plan, aim=aim, in_flight=("job \x1b]0;x\x07",)),
    )

    found = await house.get(f"/api/v1/plans/{plan}")

    programs = [one["program"] for one in found["processes"]]
    assert programs == ["python facefusion.py", "pyth on [2J run.py"]
    assert found["in_flight"] == ["job  ]0;x "]
    assert "carol" not in str(found)


async def test_the_newest_plans_come_first_and_only_so_many() -> None:
    house = RecoveryHouse()
    for _ in range(3):
        await house.planned()

    listed = await house.get("/api/v1/plans?limit=2")

    assert [plan["id"] for plan in listed["plans"]] == ["p3", "p2"]


@pytest.mark.parametrize(
    "path",
    ["plans/p9", "plans/p9/apply", "plans/p9/approve", "changes/c9/cancel"],
)
async def test_what_nobody_kept_is_not_found(path: str) -> None:
    house = RecoveryHouse()
    by = "bob" if path.endswith("approve") else "oncall-ann"

    async with house.client(by) as client:
        method = "GET" if path == "plans/p9" else "POST"
        answer = await client.request(method, f"/api/v1/{path}")

    assert answer.status_code == 404
    assert answer.json()["detail"].startswith("cannot find")


async def test_a_full_disk_refuses_everything_and_says_so() -> None:
    house = RecoveryHouse()
    change = await house.applied()
    house.desk.fails = CannotStore("cannot write: the disk is full")

    asked = [
        await house.post(PLANS, WANTED),
        await house.post("/api/v1/plans/p1/apply", {"confirm": "studio"}),
        await house.post("/api/v1/plans/p1/approve", by="bob"),
        await house.post(f"/api/v1/changes/{change}/cancel"),
    ]

    assert [answer.status_code for answer in asked] == [503] * 4
    assert house.broken == []
