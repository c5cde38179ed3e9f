"""What is kept of a status look, whatever it means."""

import json

import pytest

from monitor.domain.answer import Answer, NoAnswer, Phases
from monitor.domain.errors import CannotReach
from monitor.domain.health import Health
from monitor.domain.status import StatusReading, judge_answer, judge_silence

PHASES = Phases(resolve=0, connect=0.1, tls=0, processing=0.2, transfer=0)


def reading_of(fields: object, *, code: int = 200) -> StatusReading:
    answer = Answer(
        code=code,
        content_type="application/json",
        body=json.dumps(fields).encode(),
        duration=0.25,
        phases=PHASES,
    )
    return judge_answer("rest", answer).reading


@pytest.mark.parametrize(
    ("fields", "version"),
    [
        ({"version": "3.5.4"}, "3.5.4"),
        ({"version": "api-2", "facefusion_version": "3.6.0"}, "3.6.0"),
        ({"version": "3.6", "facefusion_version": 3}, "3.6"),
        ({"version": 3.5}, ""),
        ({"version": "\n"}, ""),
        ({"version": "3\x1b.5"}, "3 .5"),
        ({"version": "9" * 100}, "9" * 63 + "…"),
        ({}, ""),
        ([], ""),
    ],
)
def test_the_version_is_read_where_the_server_tells_it(
    fields: object, version: str
) -> None:
    assert reading_of(fields).version == version


@pytest.mark.parametrize(
    ("fields", "size"),
    [
        ({"queue_size": 3}, 3),
        ({"queue": 0}, 0),
        ({"queue_size": "3", "queue": 4}, 4),
        ({"queue_size": True}, None),
        ({"queue_size": -1}, None),
        ({"queue_size": 2**53}, 2**53),
        ({"queue_size": 2**53 + 1}, None),
        ({"queue_size": 1.5}, None),
        ({"queue": ["job"]}, None),
        ({}, None),
    ],
)
def test_the_queue_is_read_where_the_server_tells_it(
    fields: object, size: int | None
) -> None:
    assert reading_of(fields).queue_size == size


def test_a_failed_look_keeps_its_reading() -> None:
    reading = reading_of({"version": "3.5", "queue": 2}, code=500)

    assert (reading.dialect, reading.code) == ("rest", 500)
    assert (reading.version, reading.queue_size) == ("3.5", 2)
    assert reading.phases == PHASES


def test_silence_is_unhealthy_and_keeps_the_phases_reached() -> None:
    reached = Phases(resolve=0, connect=0.1, tls=0)
    error = NoAnswer("cannot reach x", reason="timeout", phases=reached)

    given = judge_silence("rest", error)

    assert given.health is Health.UNHEALTHY
    assert (given.reason, given.because) == ("timeout", "cannot reach x")
    assert given.reading.phases == reached
    assert given.reading.code is None


def test_silence_without_phases_has_a_reading_too() -> None:
    given = judge_silence("rest", CannotReach("cannot", reason="refused"))

    assert given.reading.phases == Phases()


def test_our_own_fault_tells_nothing_about_the_server() -> None:
    given = judge_silence("rest", CannotReach("cannot", reason="failed"))

    assert given.health is Health.UNKNOWN
    assert given.reason == "failed"
