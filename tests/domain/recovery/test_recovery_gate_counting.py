"""Gates that count: cooldown, budget, breaker."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.recovery.past import Deed
from monitor.domain.recovery.policy import Policy
from monitor.domain.recovery.situation import Situation
from monitor.domain.recovery.words import RUNGS, Action, Outcome, Word
from tests.domain.recovery.any_situation import deeds, situations
from tests.domain.recovery.situations import (
    NOW,
    deed,
    policy,
    situation,
    word,
)

HOUR, DAY = 3600.0, 86400.0
FAILED, SUCCEEDED = Outcome.FAILED, Outcome.SUCCEEDED
A, R = Word.ALLOWED, Word.REFUSED


@pytest.mark.parametrize(
    ("past", "expected"),
    [
        ((), A),
        ((deed(600.0, lasted=None),), R),
        ((deed(600.1, lasted=None),), A),
        ((deed(660.0, lasted=60.0),), R),
        ((deed(660.1, lasted=60.0),), A),
        ((deed(9000.0, lasted=8500.0),), R),
        ((deed(-9e6, lasted=None),), R),
        ((deed(100.0, SUCCEEDED),), R),
        ((deed(100.0, action=Action.REBOOT),), R),
        ((deed(100.0, target="annex"),), A),
        ((deed(100.0, None),), R),
        ((deed(9000.0), deed(8000.0), deed(100.0)), R),
        ((deed(100.0), deed(8000.0)), R),
    ],
)
def test_a_server_has_peace_after_any_deed_on_it(
    past: tuple[Deed, ...], expected: Word
) -> None:
    assert word("cooldown", situation(past=past)) is expected


@pytest.mark.parametrize(
    ("parent", "before", "expected"),
    [
        ("r1", deed(100.0, done=True, parent="r1"), A),
        ("r1", deed(100.0, Outcome.GAVE_UP, done=True, parent="r1"), A),
        ("r1", deed(100.0, done=False, parent="r1"), R),
        ("r1", deed(100.0, SUCCEEDED, done=True, parent="r1"), R),
        ("r1", deed(100.0, Outcome.INTERRUPTED, done=True, parent="r1"), R),
        ("r1", deed(100.0, None, done=True, parent="r1"), R),
        ("r1", deed(100.0, done=True, parent="r2"), R),
        ("r1", deed(100.0, done=True), R),
        ("", deed(100.0, done=True), R),
        ("", deed(100.0, done=True, parent="r1"), R),
    ],
)
def test_only_the_rung_below_that_failed_needs_no_peace_after_it(
    parent: str, before: Deed, expected: Word
) -> None:
    rung = situation(
        action=Action.FREE_GPU_MEMORY, parent=parent, past=(before,)
    )

    assert word("cooldown", rung) is expected


def test_the_rungs_of_a_recover_still_use_the_budget_up() -> None:
    past = tuple(deed(900.0 + n, done=True, parent="r1") for n in range(3))

    assert word("budget", situation(parent="r1", past=past)) is R


def test_without_a_cooldown_only_this_very_moment_counts() -> None:
    still = policy(cooldown=0.0)

    for ago, expected in ((0.0, R), (0.1, A), (-1.0, R)):
        past = (deed(ago, None),)
        assert word("cooldown", situation(policy=still, past=past)) is expected


@pytest.mark.parametrize(
    ("past", "expected"),
    [
        ((deed(3e3), deed(2e3)), A),
        ((deed(3e3), deed(2e3), deed(1e3)), R),
        ((deed(3600.0), deed(2e3), deed(1e3)), R),
        ((deed(3600.1), deed(2e3), deed(1e3)), A),
        ((deed(3601.0, lasted=3000.0), deed(2e3), deed(1e3)), A),
        ((deed(3e3, SUCCEEDED), deed(2e3, SUCCEEDED), deed(1e3, None)), R),
        ((deed(3e3, action=Action.REBOOT), deed(2e3), deed(1e3)), A),
        ((deed(3e3, target="annex"), deed(2e3), deed(1e3)), A),
        ((deed(-3e3), deed(-2e3), deed(-1e3)), R),
    ],
)
def test_intents_of_this_action_within_the_window_use_the_budget_up(
    past: tuple[Deed, ...], expected: Word
) -> None:
    assert word("budget", situation(past=past)) is expected


@given(
    past=st.lists(deeds, max_size=6).map(tuple),
    back=st.floats(0.0, 1e7),
)
def test_a_clock_that_is_set_back_opens_nothing(
    past: tuple[Deed, ...], back: float
) -> None:
    now = situation(past=past)
    then = situation(past=past, now=NOW - back)

    for gate in ("cooldown", "budget", "breaker"):
        if word(gate, now) is R:
            assert word(gate, then) is R


@given(situations, deeds)
def test_a_deed_more_opens_no_cooldown_and_no_budget(
    any_: Situation, more: Deed
) -> None:
    after = replace(any_, break_glass=None, past=(*any_.past, more))

    for gate in ("cooldown", "budget"):
        if word(gate, replace(any_, break_glass=None)) is R:
            assert word(gate, after) is R


@pytest.mark.parametrize(
    ("action", "most"),
    [
        (Action.RESTART, 3),
        (Action.FREE_GPU_MEMORY, 3),
        (Action.REBOOT, 1),
    ],
)
def test_where_no_budget_is_set_the_usual_one_counts(
    action: Action, most: int
) -> None:
    bare = Policy(mode="auto", allow=frozenset(Action))
    past = tuple(deed(1000.0 + n, action=action) for n in range(most))

    for done, expected in ((past[1:], A), (past, R)):
        given_ = situation(action=action, policy=bare, past=done)
        assert word("budget", given_) is expected


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ((), A),
        ((FAILED, FAILED), A),
        ((FAILED, FAILED, FAILED), R),
        ((SUCCEEDED, FAILED, FAILED, FAILED), R),
        ((FAILED, FAILED, FAILED, SUCCEEDED), A),
        ((FAILED, SUCCEEDED, FAILED, FAILED), A),
        ((FAILED, FAILED, SUCCEEDED, FAILED), A),
        ((FAILED, Outcome.INTERRUPTED, Outcome.GAVE_UP), R),
        ((FAILED, FAILED, None), R),
        ((FAILED, FAILED, FAILED, FAILED, FAILED), R),
    ],
)
def test_three_deeds_in_a_row_without_success_open_the_breaker(
    outcomes: tuple[Outcome | None, ...], expected: Word
) -> None:
    count = len(outcomes)
    past = tuple(
        deed(HOUR * (count - place + 1), outcome)
        for place, outcome in enumerate(outcomes)
    )

    assert word("breaker", situation(past=past)) is expected
    assert word("breaker", situation(past=past[::-1])) is expected


def test_deeds_on_other_servers_open_no_breaker_here() -> None:
    past = tuple(deed(HOUR * n, target="annex") for n in (4, 3, 2))

    assert word("breaker", situation(past=past)) is A


def test_deeds_of_all_kinds_count_together() -> None:
    past = tuple(
        deed(HOUR * (n + 2), action=action) for n, action in enumerate(RUNGS)
    )

    assert word("breaker", situation(past=past)) is R


@pytest.mark.parametrize(
    ("newest", "lasted", "expected"),
    [
        (DAY, None, R),
        (DAY + 0.1, None, A),
        (DAY + 60.0, 60.0, R),
        (DAY + 60.1, 60.0, A),
        (-HOUR, None, R),
    ],
)
def test_the_breaker_closes_a_day_after_the_newest_of_them(
    newest: float, lasted: float | None, expected: Word
) -> None:
    past = (
        deed(9 * DAY),
        deed(8 * DAY),
        deed(newest, lasted=lasted),
    )

    assert word("breaker", situation(past=past)) is expected
