"""`/api/v1/pages`: who was woken, or would have been, and why."""

from dataclasses import replace
from typing import Any

import pytest

from monitor.domain.diagnosis.cause import Remedy, Severity
from monitor.domain.diagnosis.paging import WITHHELD
from monitor.domain.diagnosis.record import PageRecord
from monitor.schemas.page import Withheld
from tests.web.api_house import ANN, PROMETHEUS, ApiHouse

PAGES = "/api/v1/pages"
TOLD = PageRecord(
    target="studio",
    at=999_900.0,
    host="gpu1",
    cause="process_down",
    severity=Severity.CRITICAL,
    because="no process",
    remedies=(Remedy.RESTART,),
)


async def body(house: ApiHouse, query: str = "") -> dict[str, Any]:
    async with house.client() as client:
        answer = await client.get(f"{PAGES}{query}")
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def test_a_page_says_who_was_woken_and_why() -> None:
    house = ApiHouse()
    now = house.clock.now()
    await house.store.keep_page(replace(TOLD, at=now - 100, ended_at=now - 40))

    said = await body(house)

    assert said == {
        "at": "1970-01-12T13:46:40Z",
        "pages": [
            {
                "target": "studio",
                "host": "gpu1",
                "cause": "process_down",
                "severity": "critical",
                "because": "no process",
                "remedies": ["restart"],
                "began_at": "1970-01-12T13:45:00Z",
                "age_seconds": 100.0,
                "woken": "now",
                "withheld": None,
                "withheld_because": "",
                "id": 1,
                "ended_at": "1970-01-12T13:46:00Z",
                "duration_seconds": 60.0,
            }
        ],
        "next_before": None,
    }


@pytest.mark.parametrize("withheld", WITHHELD)
async def test_a_withheld_page_wakes_nobody_and_says_why(
    withheld: str,
) -> None:
    house = ApiHouse()
    await house.store.keep_page(
        replace(TOLD, withheld=withheld, withheld_because="a driver", host="")
    )

    [page] = (await body(house))["pages"]

    assert (page["woken"], page["withheld"]) == ("nobody", withheld)
    assert (page["withheld_because"], page["host"]) == ("a driver", None)


def test_every_reason_to_withhold_is_a_word_of_the_wire() -> None:
    assert tuple(Withheld) == WITHHELD


async def test_a_warning_waits_for_the_morning() -> None:
    house = ApiHouse()
    await house.store.keep_page(replace(TOLD, severity=Severity.WARNING))

    [page] = (await body(house))["pages"]

    assert page["woken"] == "morning"


async def test_a_page_that_holds_lasts_until_now() -> None:
    house = ApiHouse()
    await house.store.keep_page(replace(TOLD, at=house.clock.now()))
    house.clock.pass_time(7)

    [page] = (await body(house))["pages"]

    assert (page["ended_at"], page["duration_seconds"]) == (None, 7.0)


async def test_after_the_clock_was_set_back_nobody_knows_how_long() -> None:
    house = ApiHouse()
    await house.store.keep_page(replace(TOLD, at=house.clock.now()))
    house.clock.pass_time(-7)

    [page] = (await body(house))["pages"]

    assert (page["age_seconds"], page["duration_seconds"]) == (None, None)


async def test_pages_are_read_backwards_as_far_as_they_are_kept() -> None:
    house = ApiHouse()
    for n in range(5):
        await house.store.keep_page(replace(TOLD, at=float(n)))

    first = await body(house, "?limit=2")
    second = await body(house, f"?limit=2&before={first['next_before']}")
    last = await body(house, f"?limit=2&before={second['next_before']}")

    assert [page["id"] for page in first["pages"]] == [5, 4]
    assert [page["id"] for page in second["pages"]] == [3, 2]
    assert [page["id"] for page in last["pages"]] == [1]
    assert last["next_before"] is None


async def test_after_the_last_page_there_is_no_more_to_ask_for() -> None:
    house = ApiHouse()
    for n in range(2):
        await house.store.keep_page(replace(TOLD, at=float(n)))

    said = await body(house, "?limit=2")

    assert (len(said["pages"]), said["next_before"]) == (2, None)


async def test_only_what_held_since_and_is_about_a_target_when_asked() -> None:
    house = ApiHouse()
    await house.store.keep_page(replace(TOLD, at=1.0, ended_at=5.0))
    await house.store.keep_page(replace(TOLD, at=6.0, ended_at=9.0))
    await house.store.keep_page(replace(TOLD, target="attic", at=7.0))

    late = await body(house, "?since=5")
    attic = await body(house, "?since=5&target=attic")

    assert [page["id"] for page in late["pages"]] == [3, 2]
    assert [page["id"] for page in attic["pages"]] == [3]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("?target=nobody", 404),
        ("?limit=0", 422),
        ("?limit=1001", 422),
        ("?since=-1", 422),
        ("?since=nan", 422),
        ("?before=-1", 422),
        ("?until=7", 422),
    ],
)
async def test_what_makes_no_sense_is_a_problem(query: str, code: int) -> None:
    async with ApiHouse().client() as client:
        answer = await client.get(f"{PAGES}{query}")

    assert answer.status_code == code
    assert answer.headers["content-type"].startswith(
        "application/problem+json"
    )
    assert answer.json()["detail"].startswith("cannot ")


async def test_a_state_that_cannot_be_read_is_a_problem() -> None:
    house = ApiHouse()
    house.store.full = True

    async with house.client() as client:
        answer = await client.get(PAGES)

    assert answer.status_code == 503


@pytest.mark.parametrize(
    ("who", "code"), [("", 401), ("prometheus", 403), ("oncall-ann", 200)]
)
async def test_who_may_read_may_read_pages(who: str, code: int) -> None:
    house = ApiHouse(ANN, PROMETHEUS)

    async with house.client(who) as client:
        answer = await client.get(PAGES)

    assert answer.status_code == code
