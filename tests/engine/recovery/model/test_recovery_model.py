"""Every short script of what may happen: no invariant is ever broken.

A world of one server and two monitors; the real desk, runners, sweepers and
gates (facts/recovery.md §5).
"""

from collections.abc import Iterator

import pytest

from monitor.domain.recovery.words import Action, Outcome, State
from tests.engine.recovery.model.operations import NAMES, UPSETS
from tests.engine.recovery.model.scripts import (
    Script,
    between,
    deaths,
    ladders,
    play_all,
    playing,
    rounds,
    two_at_once,
    up_to,
    words,
)

ALL = tuple(NAMES)
STEPS = 16
"""Calls from a change's beginning to its outcome, and some more."""
BEGUN = ("plan", "apply")
CLIMBED = ("recover", "apply")
CLIMBS = 24
"""As STEPS, of a climb with one rung."""
AGREED = ("glass", "apply", "approve")


def test_what_nobody_disturbs_is_done_once_and_succeeds() -> None:
    world = playing((*BEGUN, "past_lock"))

    change = world.journal.all_changes[world.change_id]
    assert change.outcome is Outcome.SUCCEEDED
    assert [one.change for one in world.machine.done] == [change.id]


def test_what_takes_another_person_waits_for_one() -> None:
    world = playing(("glass", "apply", "approve_self", "past_plan"))

    change = world.journal.all_changes[world.change_id]
    assert change.outcome is Outcome.EXPIRED
    assert not world.machine.done


def test_every_short_script() -> None:
    assert play_all(up_to(2, ALL)) > 400


def test_a_climb_that_nobody_disturbs_is_one_rung_that_heals() -> None:
    world = playing((*CLIMBED, "past_lock"))

    outcomes = {o.action: o for o in world.journal.all_changes.values()}
    assert [*outcomes] == [Action.RECOVER, Action.RESTART]
    assert {o.outcome for o in outcomes.values()} == {Outcome.SUCCEEDED}
    assert outcomes[Action.RECOVER].id == outcomes[Action.RESTART].parent


def test_a_climb_ends_where_a_rung_is_not_allowed() -> None:
    world = playing(("never_serves", *CLIMBED, "past_lock", "past_plan"))

    climb, rung = world.journal.all_changes.values()
    assert (climb.outcome, rung.outcome) == (Outcome.GAVE_UP, Outcome.FAILED)
    assert "recovery.allow of studio does not hold" in climb.because


@pytest.mark.slow
def test_whatever_happens_at_each_step() -> None:
    assert play_all(ladders(BEGUN, STEPS, ALL, 1)) > 400


def test_whatever_comes_in_between_at_each_step_of_what_was_agreed() -> None:
    names = ("cancel", "kill", "set_back", "health", "reboot", "deny")
    assert play_all(ladders(AGREED, STEPS, names, 1)) > 90


@pytest.mark.slow
def test_whatever_happens_while_users_work_is_waited_for() -> None:
    assert play_all(ladders(("users", *BEGUN), 3, UPSETS, 1)) > 30


def test_whatever_happens_to_what_waits_for_a_word() -> None:
    names = ("users", "approve", "approve_self", "deny", "past_plan")
    assert play_all(ladders(("glass", "apply"), 1, (*UPSETS, *names), 2)) > 300


def test_whoever_says_what_of_a_plan() -> None:
    assert play_all(words(3)) > 500


def test_whoever_dies_at_each_step() -> None:
    assert play_all(deaths(STEPS, 1)) > 300


@pytest.mark.slow
def test_whatever_happens_between_plan_and_apply() -> None:
    assert play_all(between((*UPSETS, "users", "past_plan"))) > 200


@pytest.mark.slow
def test_whatever_comes_in_between_at_each_step_of_a_climb() -> None:
    names = [one for one in UPSETS if one not in _AS_A_RUNG]
    assert play_all(ladders(CLIMBED, CLIMBS, names, 1)) > 200


def test_two_climbs_at_once() -> None:
    begin = ("recover", "apply", "recover_b", "apply_b", "apply_first")
    assert play_all(ladders(begin, STEPS, ("kill", "cancel", "wait"), 1)) > 40


def test_two_plans_at_once() -> None:
    assert play_all(two_at_once(6)) > 60


def test_one_restart_after_the_other() -> None:
    assert play_all(rounds(2)) > 40


def test_the_scripts_reach_every_state_and_outcome() -> None:
    """An invariant says nothing of what never happens."""
    found: set[object] = set()
    for script in _samples():
        world = playing(script)
        entries = [one.entry for one in world.journal.chain]
        found |= {State(e.what) for e in entries if e.what in set(State)}
        found |= {Outcome(e.outcome) for e in entries if e.outcome}

    states = set(State) - {State.WAITING, State.INTENT, State.ENDED}
    assert states <= found
    assert set(Outcome) - {Outcome.ATTACHED} <= found


@pytest.mark.slow
@pytest.mark.exhaustive
@pytest.mark.timeout(600)
def test_whatever_two_things_happen_at_each_step() -> None:
    assert play_all(ladders(BEGUN, STEPS, ALL, 2)) > 10_000


@pytest.mark.slow
@pytest.mark.exhaustive
@pytest.mark.timeout(600)
def test_every_script_of_three() -> None:
    assert play_all(up_to(3, ALL)) > 10_000
    assert play_all(between(ALL)) > 700


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_whatever_else_happens_at_each_step() -> None:
    assert play_all(ladders(CLIMBED, CLIMBS, ALL, 1)) > 600
    assert play_all(ladders(AGREED, STEPS, ALL, 1)) > 400
    assert play_all(ladders(("glass", "apply"), 1, ALL, 2)) > 700
    assert play_all(two_at_once(12)) > 200


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_whoever_dies_and_two_things_after() -> None:
    assert play_all(deaths(STEPS, 2)) > 3_000
    assert play_all(rounds(4)) > 1_000


_AS_A_RUNG = {"kill_before", "lost_before", "maintenance"}
"""What comes to the same in a climb as in its rung alone."""


def _samples() -> Iterator[Script]:
    """Yield scripts that end in every way there is."""
    yield from ladders(BEGUN, 3, ("cancel", "kill", "reboot"), 1)
    yield from ladders(("users", *BEGUN), 9, ("past_plan",), 1)
    yield from ladders((*BEGUN, "lost_after"), 1, ("past_lock",), 1)
    yield from words(1)
    yield from rounds(1)
    hour = ("past_plan",) * 4
    fails = (*BEGUN, "past_lock", "health", *hour)
    yield ("never_serves", *fails, *fails, *fails)
    yield (*CLIMBED, "past_lock")
    yield ("plan",)
    yield ("glass", "apply")
