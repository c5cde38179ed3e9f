"""Listeners hear what is wrong, and who is told."""

from monitor.domain.diagnosis.cause import NONE
from monitor.engine.events import Diagnosed, Paged, PageEnded
from tests.fakes.ward import diagnosed, paged
from tests.web.api_house import ApiHouse
from tests.web.test_event_stream import listening

NOW = "1970-01-12T13:46:40Z"
ABOUT = {"at": NOW, "kind": "target", "subject": "studio"}


async def test_a_changed_diagnosis_is_told_with_what_it_was() -> None:
    house = ApiHouse()
    down = diagnosed("process_down", since=house.clock.now())
    house.hub.heard(
        Diagnosed(
            target="studio",
            before=diagnosed(NONE),
            after=down,
            maintenance=True,
        )
    )

    ear = await listening(house, last_id="run1-0")
    (heard,) = await ear.heard()

    assert heard.event == "diagnosis"
    assert heard.data == ABOUT | {
        "check": "diagnosis",
        "before": "none",
        "before_health": "healthy",
        "diagnosis": {
            "cause": "process_down",
            "severity": "critical",
            "since": NOW,
            "because": "nothing runs there",
            "remedies": ["restart"],
            "health": "unhealthy",
            "evidence": [],
            "unknown": [],
            "also": [],
            "advice": down.advice,
            "runbook": "deploy/runbooks/process_down.md",
        },
        "maintenance": True,
    }
    await ear.close()


async def test_a_page_is_told_when_it_begins_and_when_it_ends() -> None:
    house = ApiHouse()
    page = paged(at=house.clock.now())
    house.hub.heard(Paged(page=page))
    house.hub.heard(PageEnded(page=page, at=house.clock.now()))

    ear = await listening(house, last_id="run1-0")
    began, ended = await ear.heard()

    assert (began.event, ended.event) == ("page", "page")
    assert (began.data["change"], ended.data["change"]) == ("began", "ended")
    assert began.data == ABOUT | {
        "check": "page",
        "change": "began",
        "page": {
            "target": "studio",
            "host": "gpu1",
            "cause": "process_down",
            "severity": "critical",
            "because": "nothing runs there",
            "remedies": ["restart"],
            "began_at": NOW,
            "age_seconds": 0.0,
            "woken": "now",
            "withheld": None,
            "withheld_because": "",
        },
    }
    await ear.close()


async def test_a_withheld_page_says_why() -> None:
    house = ApiHouse()
    house.hub.heard(Paged(page=paged(withheld="flapping")))

    ear = await listening(house, last_id="run1-0")
    (heard,) = await ear.heard()

    page = heard.data["page"]
    assert (page["woken"], page["withheld"]) == ("nobody", "flapping")
    assert page["withheld_because"] == "it is flapping"
    await ear.close()


async def test_who_listens_for_one_target_hears_of_no_other() -> None:
    house = ApiHouse()
    for name in ("attic", "studio"):
        house.hub.heard(
            Diagnosed(
                target=name, before=diagnosed(NONE), after=diagnosed("hung")
            )
        )
        house.hub.heard(Paged(page=paged(target=name)))

    ear = await listening(house, last_id="run1-0", target="studio")
    heard = await ear.heard()

    assert [(one.event, one.data["subject"]) for one in heard] == [
        ("diagnosis", "studio"),
        ("page", "studio"),
    ]
    assert house.broken == []
    await ear.close()
