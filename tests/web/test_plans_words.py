"""People's words for and against a plan, over HTTP."""

from dataclasses import replace

from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.words import Outcome
from tests.web.recovery_house import RecoveryHouse


async def test_another_person_approves_and_is_named() -> None:
    house = RecoveryHouse()
    house.desk.approvals = 1
    plan = await house.planned()

    approved = await house.post(f"/api/v1/plans/{plan}/approve", by="bob")
    house.clock.pass_time(3)
    found = await house.get(f"/api/v1/plans/{plan}", by="bob")

    assert approved.status_code == 200
    assert found["approvals"] == {
        "needed": 1,
        "given": [
            {"who": "bob", "at": "1970-01-12T13:46:40Z", "age_seconds": 3.0}
        ],
    }


async def test_nobody_approves_what_they_asked_for_themselves() -> None:
    house = RecoveryHouse()
    plan = await house.planned()
    record = house.desk.records[plan]
    by_bob = replace(record.plan, by=Principal(name="another", person="bob"))
    house.desk.records[plan] = replace(record, plan=by_bob)

    refused = await house.post(f"/api/v1/plans/{plan}/approve", by="bob")

    assert refused.status_code == 403
    assert "you asked for it" in refused.json()["detail"]


async def test_a_plan_is_denied_with_a_reason() -> None:
    house = RecoveryHouse()
    plan = await house.planned()
    path = f"/api/v1/plans/{plan}/deny"

    wordless = await house.post(path, {}, by="bob")
    denied = await house.post(path, {"reason": " not at noon "}, by="bob")
    late = await house.post(path, {"reason": "again"}, by="bob")

    assert (wordless.status_code, late.status_code) == (422, 409)
    assert denied.json()["outcome"] == Outcome.DENIED
    assert denied.json()["because"] == "not at noon"


async def test_what_was_done_by_hand_is_attested() -> None:
    house = RecoveryHouse()
    plan = await house.planned()

    told = await house.post(
        f"/api/v1/plans/{plan}/attest", {"done": " restarted at the desk "}
    )

    assert (told.status_code, told.json()["state"]) == (200, "over")
    assert told.json()["because"] == "restarted at the desk"
