"""What is wrong is said once, and so is who is told."""

import json
from collections.abc import Iterator

import pytest
import structlog

from monitor.domain.diagnosis.cause import NONE
from monitor.domain.observation import CheckKey, Kind
from monitor.engine.events import Broke, Diagnosed, Event, Paged, PageEnded
from monitor.outputs import log
from tests.fakes.ward import diagnosed, paged

DOWN = diagnosed("process_down", because="no process")
WELL = diagnosed(NONE, because="nothing is wrong")


@pytest.fixture(autouse=True)
def _own_settings() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def said(
    capsys: pytest.CaptureFixture[str], event: Event
) -> dict[str, object]:
    log.set_up("info", "json")
    log.heard(event)
    (line,) = capsys.readouterr().err.splitlines()
    words: dict[str, object] = json.loads(line)
    del words["timestamp"]
    return words


def test_a_changed_diagnosis_is_one_warning_with_its_reason(
    capsys: pytest.CaptureFixture[str],
) -> None:
    event = Diagnosed(target="studio", before=WELL, after=DOWN)

    assert said(capsys, event) == {
        "event": "studio: process_down",
        "level": "warning",
        "target": "studio",
        "cause": "process_down",
        "was": "none",
        "health": "unhealthy",
        "severity": "critical",
        "because": "no process",
    }


@pytest.mark.parametrize(
    ("cause", "words"),
    [(NONE, "studio: nothing is wrong"), ("busy", "studio: busy")],
)
def test_healing_and_what_needs_nobody_are_no_warning(
    capsys: pytest.CaptureFixture[str], cause: str, words: str
) -> None:
    event = Diagnosed(target="studio", before=DOWN, after=diagnosed(cause))

    line = said(capsys, event)

    assert (line["event"], line["level"]) == (words, "info")


def test_a_page_that_begins_is_a_warning(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert said(capsys, Paged(page=paged())) == {
        "event": "page began",
        "level": "warning",
        "target": "studio",
        "cause": "process_down",
        "severity": "critical",
        "because": "nothing runs there",
    }


def test_a_page_that_is_withheld_says_why(
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = said(capsys, Paged(page=paged(withheld="maintenance")))

    assert (line["event"], line["level"], line["because"]) == (
        "page withheld",
        "info",
        "it is maintenance",
    )


def test_a_page_that_ends_is_told(
    capsys: pytest.CaptureFixture[str],
) -> None:
    line = said(capsys, PageEnded(page=paged(), at=7.0))

    assert line == {
        "event": "page ended",
        "level": "info",
        "target": "studio",
        "cause": "process_down",
    }


@pytest.mark.parametrize(
    ("check", "words"),
    [
        ("diagnosis", "a diagnosis broke; please report this"),
        ("status", "a probe broke; please report this"),
    ],
)
def test_a_fault_of_ours_says_what_of_us_it_is(
    capsys: pytest.CaptureFixture[str], check: str, words: str
) -> None:
    key = CheckKey(kind=Kind.TARGET, subject="studio", check=check)

    told = said(capsys, Broke(key=key, error=ValueError("no such rule")))

    assert told["event"] == words
    assert "no such rule" in str(told["exception"])
