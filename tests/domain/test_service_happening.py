"""What a host's gate reports without being asked."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.service.happening import Happening, read_happening


def test_an_exit_names_the_process() -> None:
    said = {"v": 1, "event": "exit", "name": "studio", "pid": 7, "at": 5}

    assert read_happening(said) == Happening(
        kind="exit",
        name="studio",
        because="process 7 of studio has ended",
        at=5.0,
    )


def test_a_lost_listener_names_its_port() -> None:
    said = {"event": "listener_lost", "name": "studio", "port": 9002}

    seen = read_happening(said)

    assert seen is not None
    assert seen.because == "nobody listens on port 9002 of studio any more"
    assert seen.at is None


@pytest.mark.parametrize(
    "said",
    [
        {"event": "alive", "at": 5.0},
        {"event": "exploded", "name": "studio"},
        {"event": "exit"},
        {"event": "exit", "name": ""},
        {"event": "exit", "name": "x" * 200},
        {"event": ["exit"], "name": "studio"},
        {},
    ],
)
def test_what_says_nothing_to_us_is_left_out(said: dict[str, object]) -> None:
    assert read_happening(said) is None


def test_numbers_that_are_none_are_not_made_up() -> None:
    said = {"event": "exit", "name": "studio", "pid": True, "at": float("nan")}

    seen = read_happening(said)

    assert seen is not None
    assert seen.because == "process ? of studio has ended"
    assert seen.at is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(["event", "name", "pid", "at"]), JSON))
def test_any_event_is_read_or_left_out(event: dict[str, object]) -> None:
    read_happening(event | {"event": "exit"})
