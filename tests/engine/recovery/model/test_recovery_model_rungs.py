"""Every short script with all rungs: freed memory, and machines that boot.

A ladder is never skipped and never climbed twice, whatever happens on it.
"""

from collections.abc import Iterator

import pytest

from monitor.domain.recovery.words import Action, Outcome
from tests.engine.recovery.model.operations import UPSETS
from tests.engine.recovery.model.operations_rungs import OF_RUNGS
from tests.engine.recovery.model.scripts import (
    DOES,
    LOST,
    Script,
    comebacks,
    histories,
    ladders,
    of_a_reboot,
    play_all,
    playing,
    starved,
)
from tests.engine.recovery.model.world import World

ALL = tuple(DOES)
STEPS = 20
"""Calls from a change's beginning to its outcome, and some more."""
FREES = ("allow", "stray", "plan_free", "apply")
BOOTS = (*LOST, "plan_boot", "apply", "approve")
STUCK = ("allow", "stray", "stuck", "recover", "apply")
AGREED = ("until_boot", "apply_boot", "approve_boot")
CLIMBS_TO_FREE = ("allow", "stray", "recover", "apply", "until_free")
CLIMBS_TO_BOOT = (*LOST, "recover", "apply", *AGREED)
ON_A_RUNG = ("kill", "cancel_climb", "lost_after")


def _became(world: World) -> dict[Action, Outcome | None]:
    changes = world.journal.all_changes.values()
    return {one.action: one.outcome for one in changes}


def test_a_climb_goes_up_to_the_rung_that_heals() -> None:
    world = playing(("allow", "stray", "recover", "apply", "past_plan"))

    assert _became(world) == {
        Action.RECOVER: Outcome.SUCCEEDED,
        Action.RESTART: Outcome.FAILED,
        Action.FREE_GPU_MEMORY: Outcome.SUCCEEDED,
    }


def test_a_climb_reboots_last_and_once_somebody_else_agreed() -> None:
    world = playing((*STUCK, *AGREED, "past_plan"))

    assert _became(world) == {
        Action.RECOVER: Outcome.SUCCEEDED,
        Action.RESTART: Outcome.FAILED,
        Action.FREE_GPU_MEMORY: Outcome.FAILED,
        Action.REBOOT: Outcome.SUCCEEDED,
    }


def test_a_climb_that_nobody_agrees_with_gives_up_below_the_reboot() -> None:
    world = playing((*STUCK, "until_boot", "apply_boot", "past_plan"))

    outcomes = _became(world)
    assert outcomes[Action.RECOVER] is Outcome.GAVE_UP
    assert outcomes[Action.REBOOT] is Outcome.EXPIRED


def test_a_climb_passes_over_the_rung_that_does_not_apply() -> None:
    world = playing(("allow", "never_serves", "recover", "apply", *AGREED))

    assert _became(world) == {
        Action.RECOVER: Outcome.GAVE_UP,
        Action.RESTART: Outcome.FAILED,
        Action.REBOOT: Outcome.FAILED,
    }


@pytest.mark.parametrize("way", ["stays_away", "same_boot", "never_serves"])
def test_a_reboot_that_does_not_help_has_failed(way: str) -> None:
    world = playing((*LOST, way, "plan_boot", "apply", "approve"))

    assert _became(world) == {Action.REBOOT: Outcome.FAILED}


def test_nobody_says_that_a_lost_reboot_was_not_made() -> None:
    world = playing((*LOST, "diskless", "lost_after", *BOOTS[2:]))

    assert _became(world) == {Action.REBOOT: Outcome.INTERRUPTED}
    assert len(world.machine.done) == 1


def test_what_its_gate_refused_is_no_rung_that_was_climbed() -> None:
    world = playing(("allow", "refuses", "recover", "apply", "past_lock"))

    assert _became(world) == {
        Action.RECOVER: Outcome.GAVE_UP,
        Action.RESTART: Outcome.FAILED,
    }


@pytest.mark.slow
def test_whatever_comes_in_between_as_memory_is_freed() -> None:
    names = (*UPSETS, "stray", "stuck", "users")
    assert play_all(ladders(FREES, 16, names, 1)) > 200


@pytest.mark.slow
def test_whatever_comes_in_between_as_a_machine_boots() -> None:
    names = (*UPSETS[:6], "health", "late", "login", "packages", "gpu_lost")
    assert play_all(ladders(BOOTS, 16, names, 1)) > 100


@pytest.mark.slow
def test_however_a_machine_comes_back() -> None:
    assert play_all(comebacks()) > 70


@pytest.mark.slow
def test_whoever_says_what_of_a_reboot() -> None:
    assert play_all(of_a_reboot(3)) > 400


@pytest.mark.slow
def test_whatever_was_done_before_a_reboot() -> None:
    assert play_all(histories(2)) > 60


@pytest.mark.slow
def test_whatever_upsets_a_climb_from_its_start() -> None:
    assert play_all(starved(2)) > 30


@pytest.mark.slow
@pytest.mark.parametrize("begin", [CLIMBS_TO_FREE, CLIMBS_TO_BOOT])
def test_whatever_happens_on_an_upper_rung(begin: Script) -> None:
    assert play_all(ladders(begin, STEPS, ON_A_RUNG, 1)) > 50


def test_the_scripts_reach_every_end_of_every_rung() -> None:
    """An invariant says nothing of what never happens."""
    found: set[tuple[Action, Outcome | None]] = set()
    for script in _samples():
        found |= {*_became(playing(script)).items()}

    ends = {Outcome.SUCCEEDED, Outcome.FAILED, Outcome.INTERRUPTED}
    rungs = (Action.FREE_GPU_MEMORY, Action.REBOOT)
    assert {(rung, end) for rung in rungs for end in ends} <= found
    assert {(Action.RECOVER, o) for o in (*ends, *_MORE)} <= found


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("begin", [FREES, BOOTS])
def test_whatever_happens_at_each_step_of_a_rung(begin: Script) -> None:
    assert play_all(ladders(begin, STEPS, ALL, 1)) > 900


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_whatever_happens_at_each_step_of_a_climb_to_the_top() -> None:
    names = (*UPSETS, *OF_RUNGS)
    assert play_all(ladders(CLIMBS_TO_BOOT, STEPS, names, 1)) > 600
    begin = (*STUCK, *AGREED)
    assert play_all(ladders(begin, STEPS, ON_A_RUNG, 1)) > 50


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_whatever_was_done_long_before_a_reboot() -> None:
    assert play_all(histories(3)) > 500


_MORE = (Outcome.GAVE_UP, Outcome.REFUSED, Outcome.CANCELLED)


def _samples() -> Iterator[Script]:
    """Yield scripts that end in every way there is."""
    for begin in (FREES, BOOTS):
        yield begin
        yield ("breaks", "never_serves", *begin)
        yield ("lost_before", *begin)
    yield (*STUCK, *AGREED)
    yield (*STUCK, "until_boot", "cancel_climb", "past_lock")
    yield ("allow", "refuses", "recover", "apply")
    yield ("allow", "recover", "apply", "cancel_climb", "past_lock")
    yield ("recover", "apply", "step", "step", "step", "kill", "past_lock")
    yield (*LOST, "recover", "apply", "past_lock", "health", "past_plan")
