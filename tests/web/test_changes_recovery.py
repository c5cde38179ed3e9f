"""Changes over HTTP: followed, looked up, and cancelled."""

from typing import Any

import pytest

from monitor.domain.errors import Superseded
from monitor.domain.recovery.words import Outcome, State
from tests.web.recovery_house import RecoveryHouse

CHANGES = "/api/v1/changes"


async def test_a_change_is_told_as_it_goes_on_with_its_ages() -> None:
    house = RecoveryHouse()
    change = await house.applied()
    house.clock.pass_time(5)
    house.desk.goes_on(change, State.INTENT, "it is about to be done")
    house.clock.pass_time(2)

    found = await house.get(f"{CHANGES}/{change}")

    assert (found["state"], found["outcome"]) == ("intent", None)
    assert found["progress"] == "it is about to be done"
    assert (found["age_seconds"], found["updated_age_seconds"]) == (7.0, 2.0)
    assert found["intent_at"] == "1970-01-12T13:46:45Z"
    assert found["at"] == "1970-01-12T13:46:47Z"


async def test_changes_are_read_backwards_as_far_as_they_are_kept() -> None:
    house = RecoveryHouse()
    for _ in range(5):
        await house.applied()

    first = await house.get(f"{CHANGES}?limit=2")
    second = await house.get(f"{CHANGES}?limit=2&before=c4")
    last = await house.get(f"{CHANGES}?limit=2&before=c2")

    assert _ids(first) == ["c5", "c4"]
    assert first["next_before"] == "c4"
    assert _ids(second) == ["c3", "c2"]
    assert (_ids(last), last["next_before"]) == (["c1"], None)


def _ids(said: dict[str, Any]) -> list[str]:
    return [change["id"] for change in said["changes"]]


async def test_changes_of_one_target_are_told_also_when_it_is_gone() -> None:
    house = RecoveryHouse()
    await house.applied()

    ours = await house.get(f"{CHANGES}?target=studio")
    gone = await house.get(f"{CHANGES}?target=long-gone")

    assert (_ids(ours), _ids(gone)) == (["c1"], [])


async def test_a_change_that_was_not_begun_is_cancelled() -> None:
    house = RecoveryHouse()
    change = await house.applied()

    said = await house.post(f"{CHANGES}/{change}/cancel")

    assert said.status_code == 200
    assert said.json()["outcome"] == "cancelled"


async def test_one_that_was_begun_says_only_who_wanted_it_stopped() -> None:
    house = RecoveryHouse()
    change = await house.applied()
    house.desk.goes_on(change, State.INTENT, "it is about to be done")

    said = (await house.post(f"{CHANGES}/{change}/cancel")).json()

    assert (said["state"], said["outcome"]) == ("intent", None)
    assert said["cancel_asked_by"] == "ann"


async def test_one_that_has_ended_cannot_be_cancelled() -> None:
    house = RecoveryHouse()
    change = await house.applied()
    house.desk.ends(change, Outcome.TIMED_OUT, "users' work did not end")

    said = await house.post(f"{CHANGES}/{change}/cancel")

    assert said.status_code == 409
    assert (await house.get(f"{CHANGES}/{change}"))["outcome"] == "timed_out"


async def test_who_was_slower_than_another_monitor_is_told() -> None:
    house = RecoveryHouse()
    change = await house.applied()
    house.desk.fails = Superseded("cannot cancel: it went on", reason="state")

    said = await house.post(f"{CHANGES}/{change}/cancel")

    assert said.status_code == 409
    assert said.json()["detail"] == "cannot cancel: it went on"


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=1001", "before=$(id)", "before=a%0ab", "since=7"],
)
async def test_a_part_that_makes_no_sense_is_refused(query: str) -> None:
    house = RecoveryHouse()

    async with house.client("reader") as client:
        answer = await client.get(f"{CHANGES}?{query}")

    assert answer.status_code == 422
