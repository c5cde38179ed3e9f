"""What is known, as the API says it."""

from dataclasses import replace
from typing import Any

import pytest

from monitor.domain.canary.reading import Result
from monitor.domain.health import Health
from monitor.domain.history import Moment
from monitor.domain.maintenance import Selector, Window
from monitor.engine.events import Skipped
from monitor.schemas.target import TargetInFull
from tests.web.api_house import CANARY, GPU, STATUS, ApiHouse

NOW = "1970-01-12T13:46:40Z"


async def body(house: ApiHouse, path: str) -> dict[str, Any]:
    async with house.client() as client:
        answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def test_a_target_says_how_it_is_since_when_and_why() -> None:
    house = ApiHouse()
    house.see()
    house.clock.pass_time(12)

    said = await body(house, "/api/v1/targets")

    assert said["at"] == "1970-01-12T13:46:52Z"
    assert said["targets"][0] == {
        "name": "studio",
        "url": "http://192.0.2.1:9002",
        "dialect": "rest",
        "host": "gpu1",
        "labels": {"site": "studio"},
        "health": "healthy",
        "since": NOW,
        "because": "status: it is healthy",
        "diagnosis": {
            "cause": "none",
            "severity": "info",
            "since": "1970-01-01T00:00:00Z",
            "because": "nothing runs there",
            "remedies": [],
            "page": "none",
        },
        "seen_at": NOW,
        "age_seconds": 12.0,
        "maintenance": None,
    }


async def test_a_check_shows_its_last_look_with_its_age() -> None:
    house = ApiHouse()
    house.see()
    house.clock.pass_time(12)

    said = await body(house, "/api/v1/targets/studio")

    assert said["checks"][0] == {
        "name": "status",
        "probe": "status",
        "health": "healthy",
        "since": NOW,
        "because": "it is healthy",
        "flapping": False,
        "interval_seconds": 30.0,
        "timeout_seconds": 5.0,
        "last_success_at": NOW,
        "last": {
            "at": NOW,
            "age_seconds": 12.0,
            "duration_seconds": 0.012,
            "fresh": True,
            "succeeded": True,
            "health": "healthy",
            "reason": "",
            "because": "it is healthy",
            "reading": {
                "code": 200,
                "version": "3.5.0",
                "connect_seconds": 0.001,
                "processing_seconds": 0.004,
            },
        },
        "last_skipped": None,
    }


async def test_what_nobody_saw_is_unknown_and_has_no_age() -> None:
    said = await body(ApiHouse(), "/api/v1/targets/studio")

    assert (said["health"], said["since"]) == ("unknown", None)
    assert (said["seen_at"], said["age_seconds"]) == (None, None)
    assert said["because"] == "status: not looked at yet"
    assert said["checks"][0]["last"] is None


async def test_one_bad_look_is_told_before_it_is_believed() -> None:
    house = ApiHouse()
    house.see(health=Health.UNHEALTHY, reason="refused")

    said = await body(house, "/api/v1/targets/studio")

    assert said["health"] == "unknown"
    assert said["because"] == "status: not decided yet: it is unhealthy"


async def test_a_reading_that_is_too_old_is_no_fact_any_more() -> None:
    house = ApiHouse()
    house.see()
    house.clock.pass_time(3600)

    said = await body(house, "/api/v1/targets/studio")

    check = said["checks"][0]
    assert (said["health"], check["health"]) == ("unknown", "unknown")
    assert check["because"] == "nothing was seen for too long to know"
    assert (check["last"]["fresh"], check["last"]["age_seconds"]) == (
        False,
        3600.0,
    )


async def test_a_look_from_the_future_has_no_age() -> None:
    house = ApiHouse()
    house.see()
    house.clock.pass_time(-3600)

    said = await body(house, "/api/v1/targets/studio")

    assert said["age_seconds"] is None
    assert said["health"] == "unknown"


async def test_the_worst_check_decides_and_says_why() -> None:
    house = ApiHouse()
    house.see()
    for _ in range(3):
        house.clock.pass_time(1)
        house.see(CANARY, Health.UNHEALTHY, None, reason="error")

    said = await body(house, "/api/v1/targets/studio")

    assert said["health"] == "unhealthy"
    assert said["because"] == "canary.swap: it is unhealthy"
    assert said["since"] == "1970-01-12T13:46:43Z"


async def test_a_skipped_run_is_shown_with_its_reason() -> None:
    house = ApiHouse()
    house.board.skip(
        Skipped(
            check=house.checks[CANARY],
            reason="budget",
            because="5 % of GPU time are spent",
            at=house.clock.now(),
        )
    )
    house.clock.pass_time(3)

    said = await body(house, "/api/v1/targets/studio")

    assert said["checks"][1]["last_skipped"] == {
        "at": NOW,
        "age_seconds": 3.0,
        "reason": "budget",
        "because": "5 % of GPU time are spent",
    }


async def test_planned_work_shows_on_its_target() -> None:
    house = ApiHouse()
    await house.book.start(window(house))

    said = await body(house, "/api/v1/targets")

    studio, attic = said["targets"]
    assert studio["maintenance"]["reason"] == "a driver"
    assert attic["maintenance"] is None


def window(house: ApiHouse) -> Window:
    now = house.clock.now()
    return Window(
        id="w1",
        starts_at=now,
        ends_at=now + 60,
        selector=Selector(hosts=("gpu1",)),
        reason="a driver",
        by="ann",
        created_at=now,
    )


async def test_a_host_knows_its_targets() -> None:
    house = ApiHouse()
    house.see(GPU, reading=None)

    listed = await body(house, "/api/v1/hosts")
    said = await body(house, "/api/v1/hosts/gpu1")

    assert listed["hosts"][0]["targets"] == ["studio"]
    assert (said["health"], said["checks"][0]["name"]) == ("healthy", "gpu")


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/targets/nobody",
        "/api/v1/targets/nobody/history",
        "/api/v1/targets/http%3A%2F%2F192.0.2.1",
        "/api/v1/hosts/nobody",
        "/api/v1/events?target=nobody",
    ],
)
async def test_an_unknown_name_is_a_problem_that_says_what_helps(
    path: str,
) -> None:
    async with ApiHouse().client() as client:
        answer = await client.get(path)

    assert answer.status_code == 404
    assert answer.json()["detail"].startswith("cannot ")


HISTORY = "/api/v1/targets/studio/history"


async def test_a_history_is_read_page_by_page() -> None:
    house = ApiHouse()
    house.store.moments = [moment(number) for number in range(1, 6)]

    first = await body(house, "/api/v1/targets/studio/history?limit=2")
    second = await body(
        house, "/api/v1/targets/studio/history?limit=2&before=4"
    )
    last = await body(house, "/api/v1/targets/studio/history?limit=2&before=2")

    assert [e["id"] for e in first["entries"]] == [5, 4]
    assert first["next_before"] == 4
    assert [e["id"] for e in second["entries"]] == [3, 2]
    assert ([e["id"] for e in last["entries"]], last["next_before"]) == (
        [1],
        None,
    )


async def test_a_history_goes_on_as_far_as_it_is_kept() -> None:
    house = ApiHouse()
    house.store.moments = [moment(number) for number in range(1, 10_011)]

    first = await body(house, f"{HISTORY}?limit=2&before=11")
    last = await body(house, f"{HISTORY}?limit=2&before=3")

    assert [e["id"] for e in first["entries"]] == [10, 9]
    assert first["next_before"] == 9
    assert [e["id"] for e in last["entries"]] == [2, 1]
    assert last["next_before"] is None


async def test_a_history_tells_its_three_kinds_apart() -> None:
    house = ApiHouse()
    house.store.moments = [
        replace(moment(1), before=Health.HEALTHY),
        replace(moment(2), result=Result.SLOW, seconds=4.5),
        replace(moment(3), reason="timeout"),
    ]

    said = await body(house, "/api/v1/targets/studio/history")

    kinds = [entry["kind"] for entry in said["entries"]]
    assert kinds == ["failed_look", "canary", "transition"]


def moment(number: int) -> Moment:
    return Moment(
        id=number,
        key=STATUS,
        at=999_000.0 + number,
        health=Health.UNHEALTHY,
        because="refused",
    )


@pytest.mark.parametrize(
    "asked",
    ["limit=0", "limit=1001", "limit=x", "before=-1", "since=nan", "limt=3"],
)
async def test_a_history_is_asked_for_in_its_own_words(asked: str) -> None:
    async with ApiHouse().client() as client:
        answer = await client.get(f"/api/v1/targets/studio/history?{asked}")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["at"].startswith("query.")


async def test_a_store_that_cannot_be_read_is_said(  # not a 500
) -> None:
    house = ApiHouse()
    house.store.full = True

    async with house.client() as client:
        answer = await client.get("/api/v1/targets/studio/history")

    assert answer.status_code == 503
    assert "disk full" in answer.json()["detail"]


async def test_a_client_reads_back_what_was_written() -> None:
    house = ApiHouse()
    house.see()

    async with house.client() as client:
        answer = await client.get("/api/v1/targets/studio")
    read = TargetInFull.model_validate_json(answer.content)

    assert read.checks[0].last is not None
    assert read.model_dump_json().encode() == answer.content
