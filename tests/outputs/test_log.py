"""Said once when it breaks, once when it heals."""

import json
from collections.abc import Iterator

import pytest
import structlog

from monitor.domain.health import Health
from monitor.domain.judgement import Track, Transition
from monitor.engine.events import (
    Broke,
    Event,
    Forgot,
    Looked,
    Skipped,
    Started,
)
from monitor.outputs import log
from tests.fakes.clock import FakeClock
from tests.fakes.probe import STUDIO, FakeProbe, check_of, seen

CHECK = check_of(FakeProbe(FakeClock()))


@pytest.fixture(autouse=True)
def _own_settings() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def looked(
    health: Health = Health.UNHEALTHY, *, changed: bool = False
) -> Looked:
    transition = Transition(
        key=STUDIO,
        at=1.0,
        before=Health.HEALTHY,
        after=health,
        because="connection refused",
    )
    return Looked(
        check=CHECK,
        seen=seen(health),
        track=Track(),
        changed=transition if changed else None,
    )


def said(
    capsys: pytest.CaptureFixture[str], level: log.Level, event: Event
) -> list[dict[str, object]]:
    log.set_up(level, "json")
    log.heard(event)
    lines = capsys.readouterr().err.splitlines()
    return [json.loads(line) for line in lines]


def test_a_changed_opinion_is_one_warning_with_its_reason(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (line,) = said(capsys, "info", looked(changed=True))

    assert line["event"] == "studio/status is unhealthy"
    assert line["level"] == "warning"
    assert line["because"] == "connection refused"
    assert line["was"] == "healthy"


def test_healing_is_news_and_no_warning(
    capsys: pytest.CaptureFixture[str],
) -> None:
    (line,) = said(capsys, "info", looked(Health.HEALTHY, changed=True))

    assert (line["event"], line["level"]) == (
        "studio/status is healthy",
        "info",
    )


def test_a_look_that_changes_nothing_is_silent(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert said(capsys, "info", looked()) == []


def test_debug_says_every_look(capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = said(capsys, "debug", looked())

    assert (line["event"], line["seconds"]) == ("looked", 0.25)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (Skipped(check=CHECK, reason="overlap"), ["skipped", "overlap"]),
        (Started(check=CHECK, lag=9, missed=2), ["missed runs", "2"]),
        (Forgot(key=STUDIO, because="disk full"), ["disk full"]),
        (
            Broke(key=STUDIO, error=ZeroDivisionError("by zero")),
            ["ZeroDivisionError", "report"],
        ),
    ],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_trouble_is_named(
    capsys: pytest.CaptureFixture[str],
    event: Event,
    words: list[str],
    form: str,
) -> None:
    log.set_up("info", "json" if form == "json" else "text")

    log.heard(event)

    err = capsys.readouterr().err
    assert "studio/status" in err
    assert [w for w in words if w not in err] == []


def test_a_run_on_time_is_silent(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert said(capsys, "debug", Started(check=CHECK, lag=0, missed=0)) == []
