"""What is wrong with a target, as the API says it."""

from dataclasses import replace
from typing import Any

import pytest

from monitor.domain.diagnosis.cause import NONE, Severity
from monitor.domain.diagnosis.diagnosis import Diagnosis
from monitor.domain.diagnosis.finding import Fact
from monitor.domain.diagnosis.record import DiagnosisRecord
from monitor.domain.health import Health
from monitor.schemas.target import TargetInFull, Targets
from tests.fakes.ward import diagnosed, paged
from tests.web.api_house import GPU, STATUS, ApiHouse

STUDIO = "/api/v1/targets/studio"
NOW = "1970-01-12T13:46:40Z"
LATER = "1970-01-12T13:46:52Z"


def sick(house: ApiHouse) -> Diagnosis:
    """Let a card get lost under a server, and the server go down."""
    now = house.clock.now()
    house.ward.diagnoses["studio"] = replace(
        diagnosed("gpu_lost", because="GPU 1 is gone", since=now),
        facts=(
            Fact(key=GPU, because="GPU 1 is gone", at=now),
            Fact(key=STATUS, because="refused", at=now - 3),
        ),
        unknown=("logs: permission denied",),
        also=("process_down",),
    )
    house.clock.pass_time(12)
    return house.ward.diagnoses["studio"]


async def body(house: ApiHouse, path: str) -> dict[str, Any]:
    async with house.client() as client:
        answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


async def test_a_target_has_its_diagnosis_in_short_in_the_list() -> None:
    house = ApiHouse()
    house.see()
    sick(house)
    house.ward.pages["studio"] = paged("gpu_lost")

    said = await body(house, "/api/v1/targets")

    studio = Targets.model_validate(said).targets[0]
    assert (studio.health, studio.because) == ("unhealthy", "GPU 1 is gone")
    assert said["targets"][0]["since"] == NOW
    assert said["targets"][0]["diagnosis"] == {
        "cause": "gpu_lost",
        "severity": "critical",
        "since": NOW,
        "because": "GPU 1 is gone",
        "remedies": ["reboot"],
        "page": "told",
    }


async def test_one_target_has_its_diagnosis_with_the_evidence() -> None:
    house = ApiHouse()
    sick(house)
    house.ward.pages["studio"] = paged("gpu_lost", withheld="maintenance")

    said = await body(house, STUDIO)

    TargetInFull.model_validate(said)
    assert said["at"] == LATER
    assert said["diagnosis"] == {
        "cause": "gpu_lost",
        "severity": "critical",
        "since": NOW,
        "because": "GPU 1 is gone",
        "remedies": ["reboot"],
        "health": "unhealthy",
        "evidence": [
            {
                "kind": "host",
                "subject": "gpu1",
                "check": "gpu",
                "because": "GPU 1 is gone",
                "at": NOW,
                "age_seconds": 12.0,
            },
            {
                "kind": "target",
                "subject": "studio",
                "check": "status",
                "because": "refused",
                "at": "1970-01-12T13:46:37Z",
                "age_seconds": 15.0,
            },
        ],
        "unknown": ["logs: permission denied"],
        "also": ["process_down"],
        "advice": said["diagnosis"]["advice"],
        "runbook": "deploy/runbooks/gpu_lost.md",
        "page": "withheld",
        "withheld_because": "it is maintenance",
    }
    assert said["diagnosis"]["advice"].startswith("reboot the machine")


async def test_where_nothing_is_wrong_the_checks_say_how_it_is() -> None:
    house = ApiHouse()
    house.see()
    house.ward.diagnoses["studio"] = diagnosed(NONE, since=house.clock.now())

    said = await body(house, STUDIO)

    assert (said["health"], said["because"]) == (
        "healthy",
        "status: it is healthy",
    )
    assert said["diagnosis"]["cause"] == "none"
    assert said["diagnosis"]["page"] == "none"
    assert (said["diagnosis"]["advice"], said["diagnosis"]["runbook"]) == (
        "",
        "",
    )


async def test_while_a_change_is_not_believed_yet_the_checks_speak() -> None:
    house = ApiHouse()
    for _ in range(3):
        house.see(health=Health.UNHEALTHY, reason="refused")
    house.ward.diagnoses["studio"] = diagnosed("slow")
    house.ward.healths["studio"] = Health.UNHEALTHY

    said = await body(house, STUDIO)

    assert (said["health"], said["because"]) == (
        "unhealthy",
        "status: it is unhealthy",
    )
    assert said["diagnosis"]["cause"] == "slow"


@pytest.mark.parametrize("cause", ["no_data", "wrong_dialect"])
async def test_an_unknown_health_has_no_since_but_its_diagnosis_has(
    cause: str,
) -> None:
    house = ApiHouse()
    house.ward.diagnoses["studio"] = diagnosed(cause, because="a 404")

    said = await body(house, STUDIO)

    assert (said["health"], said["since"], said["because"]) == (
        "unknown",
        None,
        "a 404",
    )
    assert said["diagnosis"]["since"] == "1970-01-01T00:00:00Z"


async def test_evidence_from_the_future_has_no_age() -> None:
    house = ApiHouse()
    sick(house)
    house.clock.pass_time(-3600)

    said = await body(house, STUDIO)

    ages = [one["age_seconds"] for one in said["diagnosis"]["evidence"]]
    assert ages == [None, None]


async def test_the_history_tells_of_changed_diagnoses() -> None:
    house = ApiHouse()
    await house.store.keep_diagnosis(
        DiagnosisRecord(
            target="studio",
            at=house.clock.now(),
            cause="process_down",
            health=Health.UNHEALTHY,
            severity=Severity.CRITICAL,
            because="no process",
            before=NONE,
            before_health=Health.HEALTHY,
            maintenance=True,
        )
    )
    house.clock.pass_time(2)

    said = await body(house, f"{STUDIO}/history")

    assert said["entries"] == [
        {
            "id": 1,
            "kind": "diagnosis",
            "check": "diagnosis",
            "at": NOW,
            "age_seconds": 2.0,
            "health": "unhealthy",
            "before": "healthy",
            "result": None,
            "duration_seconds": None,
            "diagnosis": {
                "cause": "process_down",
                "severity": "critical",
                "before": "none",
            },
            "reason": "process_down",
            "because": "no process",
            "maintenance": True,
        }
    ]
