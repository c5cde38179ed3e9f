"""Who uses a machine is told in phrases that anybody can read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.machine.answered import Answered
from monitor.domain.machine.reader import Through, read_machine
from monitor.domain.machine.reading import MachineReading
from tests.domain.any_json import JSON
from tests.domain.machine_parts import answer, machine

AT = 1_795_410_600.0
"""2026-11-23 05:10:00 UTC."""
ANN = {"user": "ann", "terminal": "pts/0", "since": AT, "from": "10.0.0.5"}


def read(**fields: object) -> MachineReading:
    body = answer(machine=machine(**fields))
    return read_machine(Answered(body), Through(at=AT, way="stdin"))


@pytest.mark.parametrize(
    ("told", "phrase"),
    [
        (ANN, "ann on pts/0 since 2026-11-23 05:10 UTC, from 10.0.0.5"),
        ({**ANN, "from": None}, "ann on pts/0 since 2026-11-23 05:10 UTC"),
        ({"user": "ann", "terminal": None}, "ann on no terminal"),
        ({"user": "", "terminal": ":0", "since": None}, "somebody on :0"),
        (
            {"user": "a\x1b[31m\nb", "terminal": "token=hunter2"},
            "a [31m b on token=***",
        ),
        (
            {"user": "a" * 99, "terminal": "b" * 99, "from": "c" * 99},
            f"{'a' * 64} on {'b' * 64}, from {'c' * 64}",
        ),
    ],
    ids=["whole", "near", "without", "nameless", "hostile", "long"],
)
def test_who_is_logged_in_is_a_phrase(
    told: dict[str, object], phrase: str
) -> None:
    reading = read(people=[told])

    assert reading.people == (phrase,)
    assert reading.gaps == ()


@pytest.mark.parametrize(
    ("told", "phrase"),
    [
        ({"pid": 4711, "name": "apt-get"}, "apt-get (pid 4711)"),
        ({"pid": None, "name": "pacman"}, "pacman"),
        ({"pid": 7}, "a package manager (pid 7)"),
        ({"pid": 7, "name": "a\nb" + "c" * 99}, f"a b{'c' * 61} (pid 7)"),
    ],
    ids=["whole", "without", "nameless", "hostile"],
)
def test_what_installs_is_a_phrase(
    told: dict[str, object], phrase: str
) -> None:
    reading = read(packages=[told])

    assert reading.packages == (phrase,)
    assert reading.gaps == ()


@pytest.mark.parametrize(
    ("told", "phrase"),
    [
        ({"who": "fwupd", "why": "Update"}, "fwupd (Update)"),
        ({"who": "fwupd", "why": None}, "fwupd"),
        ({}, "a program"),
        ({"who": "a\nb", "why": "c" * 99}, f"a b ({'c' * 64})"),
    ],
    ids=["whole", "without", "nameless", "hostile"],
)
def test_who_blocks_a_shutdown_is_a_phrase(
    told: dict[str, object], phrase: str
) -> None:
    reading = read(inhibitors=[told])

    assert reading.inhibitors == (phrase,)
    assert reading.gaps == ()


def test_an_older_gate_does_not_tell_and_nobody_there_is_something_else() -> (
    None
):
    older, nobody = read(), read(people=[], packages=[], inhibitors=[])

    assert (older.people, older.packages, older.inhibitors) == (None,) * 3
    assert (nobody.people, nobody.packages, nobody.inhibitors) == ((),) * 3
    assert older.gaps == nobody.gaps == ()


@pytest.mark.parametrize("key", ["people", "packages", "inhibitors"])
@pytest.mark.parametrize(
    "bad",
    [
        7,
        {"pid": 0, "user": 7, "who": 7},
        {"since": 2.0**34, "pid": "x", "why": []},
    ],
)
def test_one_that_cannot_be_read_leaves_all_unknown(
    key: str, bad: object
) -> None:
    reading = read(**{key: [{**ANN, "pid": 5}, bad]})

    assert getattr(reading, key) is None
    assert len(reading.gaps) == 1
    assert reading.gaps[0].because.startswith(f"cannot read machine.{key}[1]")


def test_a_crowd_is_kept_in_part() -> None:
    assert len(read(people=[ANN] * 65).people or ()) == 64


@given(
    people=JSON,
    packages=JSON | st.lists(st.just(ANN) | JSON),
    inhibitors=JSON | st.lists(JSON),
)
def test_anything_is_phrases_of_one_line_or_unknown(
    people: object, packages: object, inhibitors: object
) -> None:
    reading = read(people=people, packages=packages, inhibitors=inhibitors)

    told = (reading.people, reading.packages, reading.inhibitors)
    for phrase in (one for some in told for one in some or ()):
        assert phrase.isprintable()
        assert len(phrase) < 260
