"""Said once when it breaks, once when it heals."""

import io
import json
import sys
from collections.abc import Iterator

import pytest
import structlog
from typing_extensions import override

from monitor.domain.health import Health
from monitor.domain.judgement import Track, Transition
from monitor.engine.events import (
    Broke,
    Event,
    Forgot,
    Looked,
    Rewired,
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


def test_a_reload_is_told_by_who_reloads(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert said(capsys, "debug", Rewired(checks=(STUDIO,))) == []


def test_a_skipped_run_says_the_sentence_and_the_word(
    capsys: pytest.CaptureFixture[str],
) -> None:
    event = Skipped(check=CHECK, reason="busy", because="3 jobs are waiting")

    (line,) = said(capsys, "info", event)

    assert (line["reason"], line["because"]) == ("busy", "3 jobs are waiting")


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("coding", ["utf-8", "ascii"])
def test_a_text_that_no_encoding_holds_is_shown_escaped(
    monkeypatch: pytest.MonkeyPatch, form: str, coding: str
) -> None:
    file = io.BytesIO()
    strict = io.TextIOWrapper(file, encoding=coding, errors="strict")
    monkeypatch.setattr(sys, "stderr", strict)
    log.set_up("info", "json" if form == "json" else "text")

    log.heard(Forgot(key=STUDIO, because="a name \udcff \u00e9"))

    assert b"\\udcff" in file.getvalue()


class Gone(io.TextIOWrapper):
    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8")

    @override
    def write(self, text: str) -> int:
        raise BrokenPipeError(32, f"Broken pipe at {text[:3]}")


def closed() -> io.TextIOWrapper:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    stream.close()
    return stream


@pytest.mark.parametrize("stream", [Gone(), closed(), None])
@pytest.mark.parametrize("form", ["text", "json"])
def test_the_watch_goes_on_without_a_standard_error(
    monkeypatch: pytest.MonkeyPatch, form: str, stream: object
) -> None:
    log.set_up("debug", "json" if form == "json" else "text")
    monkeypatch.setattr(sys, "stderr", stream)

    log.heard(looked(changed=True))
    stderr = log.StandardError()
    stderr.write("text")
    stderr.flush()


def test_a_log_that_breaks_stops_nothing() -> None:
    def broken(*_: object) -> str:
        raise ZeroDivisionError

    structlog.configure(processors=[broken])

    log.heard(looked(changed=True))


class Mute(Exception):
    @override
    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_error_that_cannot_be_told_stops_nothing(form: str) -> None:
    log.set_up("info", "json" if form == "json" else "text")

    log.heard(Broke(key=STUDIO, error=Mute()))
