"""Since when a server is sick: over its causes, and no longer than that."""

from dataclasses import replace

from monitor.domain.observation import CheckKey, Kind
from monitor.engine.events import Diagnosed, Forgot, Rewired
from monitor.engine.recovery.scene_sickness import (
    WELL_FOR,
    Sickness,
    sick_since,
)
from tests.fakes.ward import diagnosed

SICK = 1_000.0
OTHER = Forgot(
    key=CheckKey(kind=Kind.TARGET, subject="studio", check="status"),
    because="cannot store it",
)


def after(*causes: tuple[str, float]) -> Sickness:
    sickness = Sickness()
    before = diagnosed("none", because="it is well", since=0.0)
    for cause, at in causes:
        now = replace(diagnosed(cause, because="so", since=at), at=at)
        sickness.heard(Diagnosed(target="studio", before=before, after=now))
        before = now
    return sickness


def test_another_cause_is_the_same_incident() -> None:
    found = after(("hung", SICK), ("gpu_lost", SICK + 50.0))

    assert found.since("studio") == SICK


def test_a_moment_of_health_is_the_same_incident() -> None:
    well = SICK + 50.0
    again = well + WELL_FOR - 1.0

    found = after(("hung", SICK), ("none", well), ("hung", again))

    assert found.since("studio") == SICK


def test_a_settled_spell_of_health_ends_an_incident() -> None:
    well = SICK + 50.0
    again = well + WELL_FOR

    found = after(("hung", SICK), ("none", well), ("hung", again))

    assert found.since("studio") == again


def test_a_server_that_is_well_is_not_sick() -> None:
    assert after(("none", SICK)).since("studio") is None
    assert after(("hung", SICK), ("none", SICK + 9)).since("studio") is None


def test_missing_data_begin_and_end_no_incident() -> None:
    assert after(("no_data", SICK)).since("studio") is None
    assert after(("hung", SICK), ("no_data", 1_900.0)).since("studio") == SICK


def test_other_events_say_nothing_of_health() -> None:
    found = after(("hung", SICK))

    found.heard(Rewired(moved=()))
    found.heard(OTHER)

    assert found.since("studio") == SICK


def test_a_server_at_another_address_is_another_one() -> None:
    found = after(("hung", SICK))

    found.heard(Rewired(moved=("studio",)))

    assert found.since("studio") is None


def test_the_diagnosis_in_force_knows_its_own_beginning() -> None:
    held = diagnosed("hung", because="so", since=SICK)

    assert sick_since(None, held) == SICK
    assert sick_since(SICK - 100.0, held) == SICK - 100.0
    assert sick_since(SICK - 100.0, None) == SICK - 100.0
    assert sick_since(None, None) is None
    assert sick_since(None, diagnosed("no_data", because="", since=1)) is None
