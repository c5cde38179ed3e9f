"""Which planned work makes sense, and whom it is for."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.fleet import Target
from monitor.domain.maintenance import (
    FARTHEST,
    LONGEST,
    ROUNDING,
    CannotPlan,
    Selector,
    Window,
    check_window,
    has_dates,
)

NOW = 1_000_000.0
STUDIO = Target(
    name="studio",
    url="http://studio:9002",
    dialect="rest",
    host="gpu1",
    labels=(("site", "north"), ("floor", "2")),
)
ATTIC = Target(name="attic", url="http://attic:9002", dialect="rest")
TARGETS = {"studio": STUDIO, "attic": ATTIC}
HOSTS = {"gpu1", "spare"}
WINDOW = Window(
    id="w1",
    starts_at=NOW,
    ends_at=NOW + 3600,
    selector=Selector(targets=("studio",)),
    reason="new driver",
    by="ann",
    created_at=NOW,
)


def refusal(window: Window) -> str:
    with pytest.raises(CannotPlan) as caught:
        check_window(window, NOW, TARGETS, HOSTS)
    said = str(caught.value)
    assert said.startswith("cannot start maintenance: ")
    return said


@pytest.mark.parametrize(
    ("selector", "meant"),
    [
        (Selector(), []),
        (Selector(targets=("studio", "attic")), ["studio", "attic"]),
        (Selector(hosts=("gpu1",)), ["studio"]),
        (Selector(labels=(("floor", "2"),)), ["studio"]),
        (Selector(labels=(("floor", "2"), ("site", "north"))), ["studio"]),
        (Selector(labels=(("floor", "2"), ("site", "south"))), []),
        (
            Selector(targets=("attic",), labels=(("floor", "2"),)),
            ["studio", "attic"],
        ),
    ],
)
def test_the_three_ways_to_select_add_up(
    selector: Selector, meant: list[str]
) -> None:
    found = [name for name, t in TARGETS.items() if selector.matches(t)]

    assert found == meant


def test_a_window_holds_from_its_start_until_before_its_end() -> None:
    times = (NOW - 1, NOW, NOW + 3599, NOW + 3600)

    assert [WINDOW.holds(at) for at in times] == [False, True, True, False]


def test_a_window_that_was_ended_early_holds_no_longer() -> None:
    ended = replace(WINDOW, ended_at=NOW + 10)

    assert ended.holds(NOW + 9)
    assert not ended.holds(NOW + 10)


def test_a_window_cannot_be_ended_later_than_planned() -> None:
    ended = replace(WINDOW, ended_at=NOW + 9999)

    assert ended.end == NOW + 3600


def test_a_window_taken_back_before_its_start_never_holds() -> None:
    ended = replace(WINDOW, starts_at=NOW + 100, ended_at=NOW)

    assert not any(ended.holds(NOW + at) for at in range(0, 4000, 50))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"ends_at": NOW}, "its end is in the past"),
        ({"ends_at": NOW - 9, "starts_at": NOW - 99}, "is in the past"),
        ({"starts_at": NOW + 3600}, "it ends before it starts"),
        ({"ends_at": NOW + LONGEST + 2}, "it lasts longer than 30 days"),
        (
            {"starts_at": NOW + FARTHEST + 1, "ends_at": NOW + FARTHEST + 2},
            "it starts more than 366 days ahead",
        ),
        ({"starts_at": NOW - LONGEST - 2}, "started more than 30 days ago"),
        ({"starts_at": -62_135_683_140.0}, "started more than 30 days ago"),
        ({"ends_at": float("nan")}, "its times are no times"),
        ({"starts_at": float("-inf")}, "its times are no times"),
        ({"selector": Selector()}, "its selector matches nothing"),
        (
            {"selector": Selector(labels=(("site", "moon"),))},
            "its selector matches nothing",
        ),
        (
            {"selector": Selector(targets=("studio", "celar"))},
            "no target is named 'celar'; see the list of targets",
        ),
        (
            {"selector": Selector(hosts=("gpu1", "gpu9", "gpu8"))},
            "no host is named 'gpu8', 'gpu9'; see the list of hosts",
        ),
        (
            {"selector": Selector(targets=tuple("abcdefgh"))},
            "no target is named 'a', 'b', 'c', 'd', 'e' and 3 more",
        ),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(
    change: dict[str, Any], says: str
) -> None:
    assert says in refusal(replace(WINDOW, **change))


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"ends_at": NOW + LONGEST},
        {"starts_at": NOW - LONGEST},
        {"starts_at": NOW + FARTHEST, "ends_at": NOW + FARTHEST + 1},
        {"selector": Selector(hosts=("spare",))},
        {"selector": Selector(labels=(("site", "north"),))},
    ],
)
def test_a_window_that_makes_sense_is_taken(change: dict[str, Any]) -> None:
    check_window(replace(WINDOW, **change), NOW, TARGETS, HOSTS)


@pytest.mark.parametrize(
    "at", [-62_135_683_140.0, 253_402_300_800.0, float("nan"), float("inf")]
)
@pytest.mark.parametrize(
    "name", ["starts_at", "ends_at", "created_at", "ended_at"]
)
def test_a_window_with_a_time_that_is_no_date_is_told_apart(
    name: str, at: float
) -> None:
    change: dict[str, Any] = {name: at}

    assert not has_dates(replace(WINDOW, **change))


@pytest.mark.parametrize("at", [-62_135_596_800.0, 0.0, 253_402_300_799.0])
def test_a_window_with_dates_has_them(at: float) -> None:
    assert has_dates(WINDOW)
    assert has_dates(replace(WINDOW, starts_at=at, ended_at=at))


@given(st.floats(), st.floats())
def test_what_is_taken_ends_and_within_the_longest(
    start: float, end: float
) -> None:
    window = replace(WINDOW, starts_at=start, ends_at=end)
    try:
        check_window(window, NOW, TARGETS, HOSTS)
    except CannotPlan:
        return

    assert NOW - LONGEST - ROUNDING <= start < end
    assert NOW < end <= max(start, NOW) + LONGEST + ROUNDING
