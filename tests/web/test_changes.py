"""What may be changed over HTTP: looks, planned work, a reload; once each."""

import asyncio
from typing import Any

import pytest

from monitor.domain.errors import ConfigurationError
from monitor.domain.health import Health
from monitor.domain.maintenance import Window
from monitor.schemas.maintenance import Maintenance
from monitor.web.limits import Rate, Rates
from monitor.web.routes import maintenance
from tests.web.api_house import ANN, STATUS, ApiHouse, token

RUN = "/api/v1/targets/studio/checks/status/run"
PLANNED = "/api/v1/maintenance"
WORK = {"reason": "a driver", "duration_seconds": 60, "targets": ["studio"]}
BOB = token("bob", "operate", "maintain", person="bob")


async def test_a_look_now_answers_with_what_was_seen_and_changed() -> None:
    house = ApiHouse(ANN)
    house.see(health=Health.UNHEALTHY, reason="refused")

    async with house.client("oncall-ann") as client:
        answer = await client.post(RUN)

    said = answer.json()
    assert answer.status_code == 200
    assert house.ran == [STATUS]
    assert said["observation"]["reading"]["code"] == 200
    assert said["changed"]["after"] == "healthy"


async def test_a_look_that_is_held_back_is_a_conflict_with_the_reason() -> (
    None
):
    house = ApiHouse(ANN)
    house.held_back = "target_busy"

    async with house.client("oncall-ann") as client:
        answer = await client.post(RUN)

    assert answer.status_code == 409
    assert answer.json()["detail"] == (
        "cannot look at studio/status now: held back: target_busy"
    )


@pytest.mark.parametrize(
    "path", ["studio/checks/nothing", "nobody/checks/status"]
)
async def test_what_is_not_there_cannot_be_looked_at(path: str) -> None:
    house = ApiHouse(ANN)

    async with house.client("oncall-ann") as client:
        answer = await client.post(f"/api/v1/targets/{path}/run")

    assert answer.status_code == 404
    assert house.ran == []


async def test_a_check_is_looked_at_only_so_often() -> None:
    house = ApiHouse(ANN, rates=Rates(looks=Rate(per_second=0.1, burst=1)))

    async with house.client("oncall-ann") as client:
        codes = [(await client.post(RUN)).status_code for _ in "ab"]
        refused = await client.post(RUN)
        house.clock.pass_time(10)
        later = await client.post(RUN)

    assert codes == [200, 429]
    assert refused.headers["retry-after"] == "10"
    assert later.status_code == 200


async def test_planned_work_is_started_listed_and_ended() -> None:
    house = ApiHouse(ANN)

    async with house.client("oncall-ann") as client:
        started = await client.post(PLANNED, json=WORK)
        listed = await client.get(PLANNED)
        house.clock.pass_time(10)
        ended = await client.delete(f"{PLANNED}/{started.json()['id']}")
        left = await client.get(PLANNED)
        again = await client.delete(f"{PLANNED}/{started.json()['id']}")

    assert (started.status_code, started.json()["by"]) == (201, "ann")
    assert listed.json()["maintenance"] == [started.json()]
    assert ended.json()["ended_at"] == "1970-01-12T13:46:50Z"
    assert left.json()["maintenance"] == []
    assert again.status_code == 404


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        ({"duration_seconds": None}, 422, "an end is needed"),
        ({"ends_at": "1970-01-12T14:00:00Z"}, 422, "an end is needed"),
        ({"targets": []}, 422, "nothing is selected"),
        ({"targets": ["Not a name"]}, 422, "pattern"),
        ({"reason": "  "}, 422, "reason"),
        ({"duration_seconds": 1e9}, 422, "duration_seconds"),
        ({"duration_seconds": 0}, 422, "duration_seconds"),
        ({"starts_at": "1970-01-12T14:00:00"}, 422, "timezone"),
        ({"end_at": "1970-01-12T14:00:00Z"}, 422, "end_at"),
        ({"targets": ["studoi"]}, 409, "no target is named 'studoi'"),
        ({"targets": [], "labels": {"site": "no"}}, 409, "matches nothing"),
        ({"starts_at": "1960-01-01T00:00:00Z"}, 409, "in the past"),
        (
            {
                "duration_seconds": None,
                "starts_at": "0001-01-01T00:00:00+23:59",
                "ends_at": "1970-01-12T14:00:00Z",
            },
            409,
            "started more than 30 days ago",
        ),
        (
            {"starts_at": "9999-12-31T23:59:59-23:59"},
            409,
            "it starts more than 366 days ahead",
        ),
    ],
)
async def test_planned_work_that_makes_no_sense_is_refused(
    change: dict[str, Any], code: int, says: str
) -> None:
    house = ApiHouse(ANN)

    async with house.client("oncall-ann") as client:
        answer = await client.post(PLANNED, json={**WORK, **change})

    assert answer.status_code == code, answer.text
    assert says in answer.json()["detail"]
    assert list(house.book.windows()) == []


async def test_planned_work_that_cannot_be_told_is_not_in_force(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unspeakable(window: Window, now: float) -> Maintenance:
        raise ValueError(window.id, now)

    monkeypatch.setattr(maintenance, "tell_window", unspeakable)
    house = ApiHouse(ANN)

    async with house.client("oncall-ann") as client:
        answer = await client.post(PLANNED, json=WORK)

    assert answer.status_code == 500
    assert list(house.book.windows()) == []
    assert house.store.all_windows == {}
    assert house.hub.last == 0


async def test_planned_work_that_cannot_be_written_is_not_in_force() -> None:
    house = ApiHouse(ANN)
    house.store.full = True

    async with house.client("oncall-ann") as client:
        answer = await client.post(PLANNED, json=WORK)

    assert answer.status_code == 503
    assert house.book.planned("studio") is None


async def test_a_reload_says_what_changed() -> None:
    house = ApiHouse(ANN)

    async with house.client("oncall-ann") as client:
        answer = await client.post("/-/reload")

    assert answer.json()["changed"] == ["studio"]


async def test_a_refused_reload_lists_every_error() -> None:
    house = ApiHouse(ANN)
    house.fails = ConfigurationError("a.yml:3: one\n\na.yml:9: two\n")

    async with house.client("oncall-ann") as client:
        answer = await client.post("/-/reload")

    said = answer.json()
    assert answer.status_code == 400
    assert [e["because"] for e in said["errors"]] == [
        "a.yml:3: one",
        "a.yml:9: two",
    ]


async def test_two_reloads_at_once_are_one_and_a_conflict() -> None:
    house = ApiHouse(ANN)
    house.gate.clear()

    async with house.client("oncall-ann") as client:
        first = asyncio.create_task(client.post("/-/reload"))
        second = asyncio.create_task(client.post("/-/reload"))
        await asyncio.wait(
            {first, second}, return_when=asyncio.FIRST_COMPLETED
        )
        house.gate.set()
        codes = sorted([(await first).status_code, (await second).status_code])

    assert (codes, house.reloads) == ([200, 409], 1)


async def test_the_same_key_does_the_work_once() -> None:
    house = ApiHouse(ANN)

    async with house.client("oncall-ann", **{"Idempotency-Key": "k"}) as c:
        first = await c.post(PLANNED, json=WORK)
        second = await c.post(PLANNED, json=WORK)

    assert first.json() == second.json()
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.headers["idempotent-replayed"] == "true"
    assert len(house.book.windows()) == 1


async def test_the_same_key_with_another_request_is_refused() -> None:
    house = ApiHouse(ANN)

    async with house.client("oncall-ann", **{"Idempotency-Key": "k"}) as c:
        await c.post(PLANNED, json=WORK)
        other = await c.post(PLANNED, json={**WORK, "reason": "another"})

    assert other.status_code == 422
    assert len(house.book.windows()) == 1


async def test_the_same_key_of_another_person_is_another_key() -> None:
    house = ApiHouse(ANN, BOB)

    async with house.client("oncall-ann", **{"Idempotency-Key": "k"}) as c:
        first = await c.post(PLANNED, json=WORK)
    async with house.client("bob", **{"Idempotency-Key": "k"}) as c:
        second = await c.post(PLANNED, json=WORK)

    assert first.json()["id"] != second.json()["id"]


async def test_the_same_key_at_the_same_time_is_a_conflict() -> None:
    house = ApiHouse(ANN)
    house.gate.clear()

    async with house.client("oncall-ann", **{"Idempotency-Key": "k"}) as c:
        first = asyncio.create_task(c.post(RUN))
        second = asyncio.create_task(c.post(RUN))
        done, _ = await asyncio.wait(
            {first, second}, return_when=asyncio.FIRST_COMPLETED
        )
        house.gate.set()
        await asyncio.gather(first, second)

    assert done.pop().result().status_code == 409
    assert house.ran == [STATUS]


async def test_what_was_refused_may_be_tried_again_with_its_key() -> None:
    house = ApiHouse(ANN)
    house.held_back = "overlap"

    async with house.client("oncall-ann", **{"Idempotency-Key": "k"}) as c:
        refused = await c.post(RUN)
        house.held_back = ""
        done = await c.post(RUN)

    assert (refused.status_code, done.status_code) == (409, 200)


async def test_without_a_store_no_key_is_honoured_and_nothing_is_done() -> (
    None
):
    house = ApiHouse(ANN)
    house.store.full = True

    async with house.client("oncall-ann", **{"Idempotency-Key": "k"}) as c:
        answer = await c.post(RUN)

    assert answer.status_code == 503
    assert house.ran == []


async def test_an_answer_that_cannot_be_kept_is_given_all_the_same() -> None:
    house = ApiHouse(ANN)
    house.gate.clear()

    async with house.client("oncall-ann", **{"Idempotency-Key": "k"}) as c:
        asked = asyncio.create_task(c.post("/-/reload"))
        done, _ = await asyncio.wait({asked}, timeout=0.1)
        house.store.full = True
        house.gate.set()
        answer = await asked

    assert not done
    assert (answer.status_code, house.reloads) == (200, 1)
    assert "disk full" in str(house.broken[0][1])


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\tin it"])
async def test_a_key_that_is_none_is_refused(key: str) -> None:
    house = ApiHouse(ANN)

    async with house.client("oncall-ann", **{"Idempotency-Key": key}) as c:
        answer = await c.post(RUN)

    assert answer.status_code == 422
