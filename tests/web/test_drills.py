"""Drills over HTTP: who may ask for one, and what is told of it."""

from dataclasses import replace

import pytest

from monitor.domain.errors import CannotStore
from monitor.domain.recovery.drill import Drill, Exercise, Would
from tests.fakes.recovery import REHEARSAL
from tests.web.recovery_house import RecoveryHouse

DRILLS = "/api/v1/targets/studio/drills"


async def test_a_drill_is_told_whole() -> None:
    house = RecoveryHouse()

    answer = await house.post(DRILLS)

    said = answer.json()
    assert answer.status_code == 200
    assert house.desk.drilled == [("studio", "ann")]
    assert (said["target"], said["cause"], said["ready"]) == (
        "studio",
        "none",
        True,
    )
    assert [one["passed"] for one in said["exercises"]] == [True, None]
    assert [(one["action"], one["would"]) for one in said["rungs"]] == [
        ("restart", "run"),
        ("free-gpu-memory", "not_applicable"),
        ("reboot", "wait"),
    ]
    assert said["rungs"][0]["gates"][0]["gate"] == "mode"
    assert said["rungs"][0]["notes"] == ["pid 7 is left alone"]
    assert said["rungs"][2]["by_hand"] == ["sudo systemctl reboot"]


def would(word: Would) -> Drill:
    first, *others = REHEARSAL.rungs
    return replace(REHEARSAL, rungs=(replace(first, would=word), *others))


def tried(passed: bool | None) -> Drill:  # noqa: FBT001 - a builder
    one = Exercise(what="a canary", passed=passed, because="it was tried")
    return replace(REHEARSAL, exercises=(one,))


@pytest.mark.parametrize(
    ("found", "ready"),
    [
        (would(Would.RUN), True),
        (would(Would.WAIT), True),
        (would(Would.NOT_APPLICABLE), True),
        (would(Would.REFUSE), False),
        (tried(passed=True), True),
        (tried(passed=None), True),
        (tried(passed=False), False),
    ],
)
async def test_it_is_ready_when_all_that_applies_could_go(
    found: Drill, *, ready: bool
) -> None:
    house = RecoveryHouse()
    house.desk.rehearsal = found

    said = (await house.post(DRILLS)).json()

    assert said["ready"] is ready


async def test_what_a_host_says_reaches_no_terminal_raw() -> None:
    house = RecoveryHouse()
    house.desk.rehearsal = replace(
        REHEARSAL,
        exercises=(Exercise(what="a\nb", passed=False, because="\x1b[2Jx"),),
    )

    said = (await house.post(DRILLS)).json()

    assert said["exercises"][0] == {
        "what": "a b",
        "passed": False,
        "because": " [2Jx",
    }


@pytest.mark.parametrize(
    ("by", "code"),
    [
        ("operator", 200),
        ("bob", 403),
        ("reader", 403),
        ("ci", 403),
        ("nobody", 403),
        ("", 401),
    ],
)
async def test_a_drill_needs_a_person_who_operates(by: str, code: int) -> None:
    house = RecoveryHouse()

    answer = await house.post(DRILLS, by=by)

    assert answer.status_code == code
    assert bool(house.desk.drilled) is (code == 200)


async def test_an_unknown_target_is_not_drilled() -> None:
    house = RecoveryHouse()

    answer = await house.post("/api/v1/targets/attic/drills")

    assert answer.status_code == 404
    assert house.desk.drilled == []


async def test_a_drill_asked_twice_by_one_key_is_held_once() -> None:
    house = RecoveryHouse()

    first = await house.post(DRILLS, key="k")
    second = await house.post(DRILLS, {}, key="k2")
    again = await house.post(DRILLS, key="k")

    assert again.json() == first.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    assert second.status_code == 200
    assert len(house.desk.drilled) == 2


async def test_a_drill_takes_no_words() -> None:
    answer = await RecoveryHouse().post(DRILLS, {"action": "reboot"})

    assert answer.status_code == 422


async def test_a_drill_that_cannot_be_noted_says_so() -> None:
    house = RecoveryHouse()
    house.desk.fails = CannotStore("cannot write: disk full")

    answer = await house.post(DRILLS)

    assert answer.status_code == 503
