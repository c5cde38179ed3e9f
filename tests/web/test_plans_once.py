"""Plans with an Idempotency-Key: asked twice, done once."""

from typing import Any

import pytest

from tests.fakes.recovery import WELL
from tests.web.recovery_house import COOLDOWN, PLANS, WANTED, RecoveryHouse


@pytest.mark.parametrize("key", ["plan", "apply"])
async def test_the_same_key_gets_the_same_answer_and_one_deed(
    key: str,
) -> None:
    house = RecoveryHouse()
    plan = "" if key == "plan" else await house.planned()
    path = PLANS if key == "plan" else f"/api/v1/plans/{plan}/apply"
    body = WANTED if key == "plan" else {"confirm": "studio"}

    first = await house.post(path, body, key="k")
    house.clock.pass_time(60)
    again = await house.post(path, body, key="k")

    assert first.json() == again.json()
    assert first.status_code == again.status_code
    assert first.headers["location"] == again.headers["location"]
    assert again.headers["idempotent-replayed"] == "true"
    assert len(house.desk.asked) == 1
    assert len(house.desk.kept) == (1 if key == "apply" else 0)


@pytest.mark.parametrize(
    ("path", "body", "by"),
    [
        ("plans/p1/approve", None, "bob"),
        ("plans/p1/deny", {"reason": "not now"}, "bob"),
        ("plans/p1/attest", {"done": "by hand"}, "oncall-ann"),
        ("changes/c1/cancel", None, "oncall-ann"),
    ],
)
async def test_a_word_with_the_same_key_counts_once(
    path: str, body: dict[str, Any] | None, by: str
) -> None:
    house = RecoveryHouse()
    await (house.applied() if "changes" in path else house.planned())

    first = await house.post(f"/api/v1/{path}", body, by=by, key="k")
    noted = len(house.desk.chain)
    again = await house.post(f"/api/v1/{path}", body, by=by, key="k")

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert len(house.desk.chain) == noted


async def test_another_monitor_on_the_same_state_gives_the_same_answer() -> (
    None
):
    house, other = RecoveryHouse(), RecoveryHouse()
    other.store.answers = house.store.answers

    first = await house.post(PLANS, WANTED, key="k")
    again = await other.post(PLANS, WANTED, key="k")

    assert first.json() == again.json()
    assert first.headers["location"] == again.headers["location"]
    assert other.desk.asked == []


async def test_a_refusal_may_be_asked_again_with_its_key() -> None:
    house = RecoveryHouse()
    house.desk.gates = (COOLDOWN,)

    refused = await house.post(PLANS, WANTED, key="k")
    house.desk.gates = WELL
    made = await house.post(PLANS, WANTED, key="k")

    assert (refused.status_code, made.status_code) == (409, 201)
