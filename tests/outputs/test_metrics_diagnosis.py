"""What is wrong with a server, and who is to be told, in a scrape."""

from dataclasses import replace

from monitor.domain.diagnosis.cause import CAUSES, DEPTH
from monitor.domain.health import Health
from monitor.outputs.metrics import Metrics
from tests.fakes.ward import diagnosed, paged
from tests.outputs.house import ATTIC, ME, STATUS, House


def about(house: House, family: str) -> list[str]:
    text = house.metrics.render().decode()
    return [line for line in text.splitlines() if line.startswith(family)]


def test_every_server_has_exactly_one_diagnosis() -> None:
    house = House()
    first = about(house, "facefusion_diagnosis")

    house.ward.diagnoses["attic"] = diagnosed("hung")
    then = about(house, "facefusion_diagnosis")
    del house.ward.diagnoses["attic"]
    healed = about(house, "facefusion_diagnosis")

    assert first == healed
    assert sorted(first) == [
        'facefusion_diagnosis{cause="none",target="attic"} 1.0',
        'facefusion_diagnosis{cause="none",target="studio"} 1.0',
    ]
    assert sorted(then) == [
        'facefusion_diagnosis{cause="hung",target="attic"} 1.0',
        'facefusion_diagnosis{cause="none",target="studio"} 1.0',
    ]


def test_a_page_is_there_while_somebody_is_told_and_only_then() -> None:
    house = House()
    quiet = about(house, "facefusion_page")

    house.ward.pages["studio"] = paged("slow")
    told = about(house, "facefusion_page")
    house.ward.pages["studio"] = paged("slow", withheld="maintenance")
    withheld = about(house, "facefusion_page")

    assert (quiet, withheld) == ([], [])
    assert told == [
        'facefusion_page{cause="slow",severity="warning",target="studio"} 1.0'
    ]


def test_a_page_has_the_severity_of_this_diagnosis() -> None:
    house = House()
    page = replace(paged("slow"), severity=CAUSES["hung"].severity)

    house.ward.pages["studio"] = page

    (line,) = about(house, "facefusion_page")
    assert 'severity="critical"' in line


def test_health_is_that_of_the_diagnosis() -> None:
    house = House()
    house.saw(STATUS, Health.HEALTHY, None)
    house.saw(ATTIC, Health.UNHEALTHY, None)

    house.ward.diagnoses["studio"] = diagnosed("slow")
    house.ward.diagnoses["attic"] = diagnosed("monitor_blind")

    states = [one for one in about(house, "facefusion_health") if "1.0" in one]
    assert sorted(states) == [
        'facefusion_health{state="degraded",target="studio"} 1.0',
        'facefusion_health{state="unknown",target="attic"} 1.0',
    ]


def test_a_server_that_left_takes_its_diagnosis_and_page_along() -> None:
    house = House()
    house.fill()
    about(house, "facefusion_page")

    house.targets = house.targets[:1]
    house.checks = {
        key: check
        for key, check in house.checks.items()
        if key.subject != "attic"
    }
    house.rewire()

    assert about(house, "facefusion_page") == []
    assert about(house, "facefusion_diagnosis") == [
        'facefusion_diagnosis{cause="none",target="studio"} 1.0'
    ]


def test_every_cause_but_none_is_explained_without_a_target() -> None:
    house = House()

    lines = about(house, "facefusion_cause_info")

    assert len(lines) == len(set(lines)) == len(DEPTH)
    assert lines[0] == (
        'facefusion_cause_info{cause="monitor_blind",'
        'runbook="deploy/runbooks/monitor_blind.md",severity="critical"} 1.0'
    )
    assert [one for one in lines if 'cause="none"' in one] == []


def test_without_a_ward_nothing_is_said_of_diagnoses() -> None:
    house = House()
    house.metrics = Metrics(house.board, house.clock, ME)

    assert about(house, "facefusion_diagnosis") == []
    assert about(house, "facefusion_cause_info") == []
    assert about(house, "facefusion_page") == []
    assert 'facefusion_health{state="unknown",target="studio"} 1.0' in about(
        house, "facefusion_health"
    )
