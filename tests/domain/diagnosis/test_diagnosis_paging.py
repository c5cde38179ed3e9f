"""Who is woken, and who would have been."""

from dataclasses import replace

import pytest

from monitor.domain.diagnosis.cause import CAUSES, Severity
from monitor.domain.diagnosis.diagnosis import Diagnosis, made_of
from monitor.domain.diagnosis.finding import Finding
from monitor.domain.diagnosis.paging import (
    OF_HOST,
    WITHHELD,
    Around,
    Page,
    page,
    speaks_for,
)
from monitor.domain.diagnosis.record import DiagnosisRecord, PageRecord
from monitor.domain.health import Health
from tests.domain.diagnosis.cases import NOW

NOTHING = Around()


def diagnosed(cause: str = "hung", at: float = NOW) -> Diagnosis:
    return made_of(Finding(cause=cause, because="it does nothing"), at)


def paged(
    around: Around = NOTHING,
    held: Page | None = None,
    diagnosis: Diagnosis | None = None,
) -> Page:
    found = page("studio", "gpu1", diagnosis or diagnosed(), around, held)
    assert found is not None
    return found


def test_a_critical_cause_wakes_somebody() -> None:
    sent = paged()

    assert (sent.target, sent.host, sent.cause) == ("studio", "gpu1", "hung")
    assert (sent.severity, sent.at) == (Severity.CRITICAL, NOW)
    assert sent.because == "it does nothing"
    assert sent.is_told
    assert sent.wakes


def test_a_warning_is_told_and_wakes_nobody() -> None:
    sent = paged(diagnosis=diagnosed("slow"))

    assert sent.is_told
    assert not sent.wakes


@pytest.mark.parametrize(
    "cause", ["none", "busy", "starting", "no_data", "monitor_blind"]
)
def test_some_causes_are_nobodys_page(cause: str) -> None:
    held = paged()

    assert page("studio", "gpu1", diagnosed(cause), NOTHING, held) is None


@pytest.mark.parametrize(
    ("around", "word", "because"),
    [
        (Around(maintenance="new disks"), "maintenance", "new disks"),
        (Around(own_change="restart 7"), "own_change", "restart 7"),
        (Around(flapping="status"), "flapping", "status"),
        (Around(parent="other"), "child", "the page of other speaks for"),
    ],
)
def test_a_page_is_withheld_and_says_why(
    around: Around, word: str, because: str
) -> None:
    withheld = paged(around)

    assert withheld.withheld == word
    assert withheld.withheld_because.startswith(because)
    assert not withheld.is_told
    assert not withheld.wakes


def test_of_several_reasons_the_first_counts() -> None:
    names = ("maintenance", "own_change", "flapping", "parent")
    given = dict.fromkeys(names, "yes")

    for word, name in zip(WITHHELD, names, strict=True):
        assert paged(Around(**given)).withheld == word
        given[name] = ""


def test_one_that_goes_on_keeps_its_beginning() -> None:
    held = paged()

    later = paged(held=held, diagnosis=diagnosed(at=NOW + 60))

    assert later.at == NOW


@pytest.mark.parametrize(
    "changed",
    [
        diagnosed("cuda_fault", NOW + 60),
        replace(diagnosed(at=NOW + 60), severity=Severity.WARNING),
    ],
)
def test_another_cause_or_severity_is_another_page(
    changed: Diagnosis,
) -> None:
    assert paged(held=paged(), diagnosis=changed).at == NOW + 60


def test_one_that_is_withheld_from_now_on_begins_anew() -> None:
    later = paged(
        Around(maintenance="new disks"), paged(), diagnosed(at=NOW + 60)
    )

    assert (later.at, later.withheld) == (NOW + 60, "maintenance")


def test_flapping_does_not_take_back_a_page_that_is_out() -> None:
    flaps = Around(flapping="status")

    assert paged(flaps, paged()).is_told
    assert not paged(flaps, paged(flaps)).is_told
    other = paged(flaps, paged(), diagnosed("cuda_fault"))
    assert not other.is_told


LOST = paged(diagnosis=diagnosed("gpu_lost"))


def test_one_page_speaks_for_a_machine() -> None:
    assert speaks_for([LOST], "other", "gpu1", "gpu_lost") == "studio"


@pytest.mark.parametrize(
    ("target", "host", "cause"),
    [
        ("studio", "gpu1", "gpu_lost"),
        ("other", "gpu2", "gpu_lost"),
        ("other", "gpu1", "disk_full"),
        ("other", "gpu1", "hung"),
        ("other", "", "gpu_lost"),
    ],
    ids=["itself", "another host", "cause", "its own", "no host"],
)
def test_for_everything_else_everybody_speaks_himself(
    target: str, host: str, cause: str
) -> None:
    own = replace(LOST, cause="hung")

    assert speaks_for([LOST, own], target, host, cause) == ""


def test_a_withheld_page_speaks_for_nobody() -> None:
    silent = replace(LOST, withheld="maintenance")

    assert speaks_for([silent], "other", "gpu1", "gpu_lost") == ""


def test_the_oldest_page_speaks_then_the_first_by_name() -> None:
    pages = [
        replace(LOST, target="b", at=NOW - 5),
        replace(LOST, target="a", at=NOW - 5),
        LOST,
    ]

    assert speaks_for(pages, "other", "gpu1", "gpu_lost") == "a"
    assert speaks_for(pages[::-1], "other", "gpu1", "gpu_lost") == "a"


def test_causes_of_a_machine_are_causes() -> None:
    assert set(CAUSES) > OF_HOST


def test_what_is_kept_has_a_beginning_and_maybe_an_end() -> None:
    told = DiagnosisRecord(
        target="studio",
        at=NOW,
        cause="hung",
        health=Health.UNHEALTHY,
        severity=Severity.CRITICAL,
        because="it does nothing",
        before="none",
        before_health=Health.HEALTHY,
    )
    kept = PageRecord(
        target=told.target,
        at=told.at,
        host="gpu1",
        cause=told.cause,
        severity=told.severity,
        because=told.because,
    )

    assert not told.maintenance
    assert (kept.ended_at, kept.id, kept.withheld) == (None, 0, "")
