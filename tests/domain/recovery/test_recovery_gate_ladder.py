"""No reboot before the milder rungs of this incident: none is skipped."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given

from monitor.domain.recovery.applicable import not_applicable
from monitor.domain.recovery.past import Deed
from monitor.domain.recovery.situation import Situation
from monitor.domain.recovery.words import RUNGS, Action, Outcome, Word
from tests.domain.recovery.any_situation import situations
from tests.domain.recovery.situations import (
    NOW,
    TABLE,
    deed,
    diagnosis,
    rebooting,
    word,
)

FREE, RESTART = Action.FREE_GPU_MEMORY, Action.RESTART
A, R = Word.ALLOWED, Word.REFUSED
FREED = deed(5000.0, done=True, action=FREE)
BELOW = RUNGS[:2]


@pytest.mark.parametrize(
    ("outcome", "done"), list(product([None, *Outcome], [False, True]))
)
def test_a_rung_is_climbed_when_it_was_done_and_did_not_help(
    outcome: Outcome | None,
    done: bool,  # noqa: FBT001 - a table
) -> None:
    restarted = deed(7000.0, outcome, done=done)
    climbed = done and outcome in {Outcome.FAILED, Outcome.GAVE_UP}

    found = word("ladder", rebooting(past=(restarted, FREED)))

    assert found is (A if climbed else R)


@pytest.mark.parametrize("missing", BELOW)
def test_no_rung_is_left_out(missing: Action) -> None:
    past = tuple(
        deed(5000.0, done=True, action=one)
        for one in BELOW
        if one is not missing
    )

    assert word("ladder", rebooting(past=past)) is R


@pytest.mark.parametrize(
    ("ago", "expected"),
    [(7200.0, A), (7200.1, R), (0.0, A), (-1.0, R), (float("nan"), R)],
)
def test_only_what_was_done_since_it_is_sick_counts(
    ago: float, expected: Word
) -> None:
    past = tuple(deed(ago, done=True, action=one) for one in BELOW)

    assert word("ladder", rebooting(past=past)) is expected


@pytest.mark.parametrize(
    ("parent", "of", "expected"),
    [("r1", "r1", A), ("r1", "r2", R), ("r1", "", R), ("", "", R)],
)
def test_the_rungs_of_the_same_recover_count_whenever_it_was(
    parent: str, of: str, expected: Word
) -> None:
    past = tuple(
        deed(9000.0, done=True, action=one, parent=of) for one in BELOW
    )
    climb = rebooting(past=past, parent=parent, sick_since=None)

    assert word("ladder", climb) is expected


def test_without_a_beginning_nothing_is_of_this_incident() -> None:
    assert word("ladder", rebooting(sick_since=None)) is R


@pytest.mark.parametrize("healed_by", RUNGS)
def test_what_helped_ended_the_incident_before_it(healed_by: Action) -> None:
    healed = deed(3000.0, Outcome.SUCCEEDED, done=True, action=healed_by)
    tried = (deed(7000.0, done=True), FREED)

    assert word("ladder", rebooting(past=(*tried, healed))) is R
    assert word("ladder", rebooting(past=(healed, *tried))) is R


def test_what_helped_before_is_of_no_matter() -> None:
    healed = deed(7100.0, Outcome.SUCCEEDED, done=True)
    tried = (deed(7000.0, done=True), FREED)

    assert word("ladder", rebooting(past=(healed, *tried))) is A


def test_what_was_done_elsewhere_does_not_count() -> None:
    elsewhere = tuple(
        deed(5000.0, done=True, action=one, target="annex") for one in BELOW
    )

    assert word("ladder", rebooting(past=elsewhere)) is R


def test_a_rung_that_does_not_apply_is_passed_over() -> None:
    holds_nothing = replace(TABLE, uses=())
    restarted = (deed(7000.0, done=True),)

    assert word("ladder", rebooting(past=restarted)) is R
    assert word("ladder", rebooting(past=restarted, gpu=holds_nothing)) is A
    assert (
        word("ladder", rebooting(past=(), diagnosis=diagnosis("gpu_lost")))
        is A
    )


@pytest.mark.parametrize(
    "action", [one for one in Action if one is not Action.REBOOT]
)
def test_it_stands_before_a_reboot_only(action: Action) -> None:
    given_ = rebooting(action=action, past=(), sick_since=None)

    assert word("ladder", given_) is A


def is_climbed(given_: Situation, rung: Action) -> bool:
    def counts(one: Deed) -> bool:
        of_climb = given_.parent != "" and one.parent == given_.parent
        since = given_.sick_since
        of_now = since is not None and since <= one.intent_at <= given_.now
        return (
            one.target == given_.target.name
            and one.action is rung
            and one.done
            and one.outcome in {Outcome.FAILED, Outcome.GAVE_UP}
            and (of_climb or of_now)
        )

    tried = any(counts(one) for one in given_.past)
    return tried or not_applicable(replace(given_, action=rung)) != ""


@given(situations)
def test_whatever_happened_no_reboot_skips_a_rung(any_: Situation) -> None:
    given_ = replace(any_, action=Action.REBOOT, break_glass=None)

    if word("ladder", given_) is A:
        assert all(is_climbed(given_, rung) for rung in BELOW)


def test_a_clock_set_back_makes_nothing_of_an_old_deed() -> None:
    past = tuple(
        deed(-86_400.0, done=True, action=one, lasted=None) for one in BELOW
    )

    assert word("ladder", rebooting(past=past, now=NOW)) is R
