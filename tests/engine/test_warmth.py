"""Which canaries have not run since their server started."""

from dataclasses import replace

import pytest

from monitor.domain.canary.reading import CanaryReading, Operation, Result
from monitor.domain.health import Health
from monitor.domain.judgement import Track
from monitor.domain.observation import CheckKey, Kind
from monitor.domain.status import StatusReading
from monitor.engine.events import Event, Looked, Rewired, Skipped
from monitor.engine.warmth import Warmth
from tests.fakes.clock import FakeClock
from tests.fakes.probe import STUDIO, FakeProbe, check_of, seen

FACE = CheckKey(kind=Kind.TARGET, subject="studio", check="canary.face")
AGE = CheckKey(kind=Kind.TARGET, subject="studio", check="canary.age")
OTHER = CheckKey(kind=Kind.TARGET, subject="lab", check="canary.face")
CHECK = check_of(FakeProbe(FakeClock()))


def ran(key: CheckKey = FACE, result: Result = Result.OK) -> Event:
    reading = CanaryReading(
        canary="face", operation=Operation.ENHANCE, model="", result=result
    )
    look = seen(key=key, reading=reading, probe="canary")
    return Looked(check=CHECK, seen=look, track=Track(), changed=None)


def status(
    health: Health = Health.HEALTHY,
    *,
    version: str = "",
    opinion: Health = Health.HEALTHY,
    reason: str = "",
) -> Event:
    reading = StatusReading(dialect="rest", version=version)
    look = seen(health, key=STUDIO, reading=reading)
    look = replace(look, reason=reason or look.reason)
    track = Track(health=opinion)
    return Looked(check=CHECK, seen=look, track=track, changed=None)


def warm() -> Warmth:
    known = Warmth()
    for key in (FACE, AGE, OTHER):
        known.heard(ran(key))
    return known


def test_the_first_run_ever_is_cold_and_the_second_is_not() -> None:
    known = Warmth()
    assert known.is_cold(FACE)

    known.heard(ran())

    assert not known.is_cold(FACE)


def test_every_canary_has_its_own_model_to_load() -> None:
    known = Warmth()

    known.heard(ran(FACE))

    assert known.is_cold(AGE)


def test_a_single_look_without_a_daemon_is_not_cold() -> None:
    assert not Warmth(at_first=False).is_cold(FACE)


@pytest.mark.parametrize("result", list(Result))
def test_only_a_job_that_was_done_has_loaded_its_model(
    result: Result,
) -> None:
    known = Warmth()

    known.heard(ran(FACE, result))

    lost = {Result.DECLINED, Result.ERROR, Result.TIMEOUT}
    assert known.is_cold(FACE) == (result in lost)


def test_a_server_that_was_down_and_is_up_again_is_cold() -> None:
    known = warm()
    known.heard(status(Health.UNHEALTHY))  # connection refused
    assert not known.is_cold(FACE)

    known.heard(status())

    assert known.is_cold(FACE)
    assert known.is_cold(AGE)
    assert not known.is_cold(OTHER)


def test_it_is_cold_once_for_each_time_it_was_down() -> None:
    known = warm()
    known.heard(status(Health.UNHEALTHY))
    known.heard(status())
    known.heard(ran())

    known.heard(status())

    assert not known.is_cold(FACE)


def test_a_lost_answer_is_no_restart() -> None:
    known = warm()

    known.heard(status(Health.UNHEALTHY, reason="timeout"))
    known.heard(status())

    assert not known.is_cold(FACE)


def test_a_server_that_was_unhealthy_for_any_reason_may_be_another() -> None:
    known = warm()
    bad = Health.UNHEALTHY

    known.heard(status(bad, reason="timeout", opinion=bad))
    known.heard(status())

    assert known.is_cold(FACE)


def test_another_version_is_another_server() -> None:
    known = warm()
    known.heard(status(version="3.5.0"))
    known.heard(status(version=""))
    known.heard(status(version="3.5.0"))
    assert not known.is_cold(FACE)

    known.heard(status(version="3.6.0"))

    assert known.is_cold(FACE)


def test_a_start_time_that_changed_is_a_restart() -> None:
    started: dict[str, float] = {}
    known = Warmth(started.get)
    started["studio"] = 1000.0
    known.heard(ran())

    started["studio"] = 1002.0  # the same one, read less exactly
    assert not known.is_cold(FACE)
    started["studio"] = 1002.1
    assert known.is_cold(FACE)


def test_a_start_time_that_gets_known_or_lost_is_none() -> None:
    started: dict[str, float] = {}
    known = Warmth(started.get)
    known.heard(ran(FACE))
    started["studio"] = 1000.0
    known.heard(ran(AGE))
    assert not known.is_cold(FACE)

    del started["studio"]

    assert not known.is_cold(AGE)


def test_a_single_look_after_a_restart_that_was_seen_is_cold() -> None:
    known = Warmth(at_first=False)

    known.heard(status(Health.UNHEALTHY))
    known.heard(status())

    assert known.is_cold(FACE)


def test_what_is_gone_is_forgotten() -> None:
    known = warm()
    known.heard(status(version="3.5.0"))

    known.heard(Rewired(checks=(FACE,)))
    assert (known.is_cold(FACE), known.is_cold(AGE)) == (True, False)
    known.heard(Rewired(targets=("studio",)))

    assert known.is_cold(AGE)
    assert not known.is_cold(OTHER)
    known.heard(status(version="3.6.0"))  # of a new server with that name
    known.heard(ran(AGE))
    assert not known.is_cold(AGE)


def test_every_restart_makes_it_cold_again() -> None:
    known = warm()
    for _ in range(3):
        known.heard(status(Health.UNHEALTHY))
        known.heard(status())
        assert known.is_cold(FACE)
        known.heard(ran())
        assert not known.is_cold(FACE)


def test_a_new_server_of_a_known_name_starts_with_nothing() -> None:
    known = Warmth(at_first=False)
    known.heard(status(version="3.5.0"))
    known.heard(status(version="3.6.0"))
    known.heard(status(Health.UNHEALTHY))
    assert known.is_cold(FACE)

    known.heard(Rewired(checks=(FACE,), targets=("studio",)))
    known.heard(status(version="3.7.0"))

    assert not known.is_cold(FACE)


def test_other_events_say_nothing() -> None:
    known = warm()

    known.heard(Skipped(check=CHECK, reason="busy"))
    known.heard(Looked(check=CHECK, seen=seen(), track=Track(), changed=None))

    assert not known.is_cold(FACE)
