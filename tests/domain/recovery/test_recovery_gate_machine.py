"""A machine goes down only where that breaks neither it nor us."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given

from monitor.domain.recovery.bystanders import bystanders
from monitor.domain.recovery.machine_use import MachineUse
from monitor.domain.recovery.situation import Situation
from monitor.domain.recovery.words import Action, Word
from tests.domain.recovery.any_situation import machines, situations
from tests.domain.recovery.situations import MACHINE, rebooting, word

CROWDED = MachineUse(
    targets=("loft", "annex"),
    people=("bob on pts/1", "ann on pts/0", "ann on pts/0"),
    packages=(),
    inhibitors=(),
    strangers=("blender on GPU 0",),
    starts_at_boot=None,
    gpus=2,
)


@pytest.mark.parametrize(
    ("people", "packages", "inhibitors", "starts", "ours"),
    list(
        product(
            [None, (), ("ann",)],
            [None, (), ("dpkg",)],
            [None, (), ("fwupd (Update)",)],
            [None, True, False],
            [True, False],
        )
    ),
)
def test_what_is_at_stake_must_be_known_and_nothing_half_done(
    people: tuple[str, ...] | None,
    packages: tuple[str, ...] | None,
    inhibitors: tuple[str, ...] | None,
    starts: bool | None,  # noqa: FBT001 - a table
    ours: bool,  # noqa: FBT001 - a table
) -> None:
    use = MachineUse(
        people=people,
        packages=packages,
        inhibitors=inhibitors,
        starts_at_boot=starts,
        is_ours=ours,
    )
    may = (
        people is not None
        and packages == ()
        and inhibitors == ()
        and starts is not False
        and not ours
    )

    found = word("machine", rebooting(machine=use))

    assert found is (Word.ALLOWED if may else Word.REFUSED)


@pytest.mark.parametrize(
    "action", [one for one in Action if one is not Action.REBOOT]
)
def test_what_leaves_the_machine_up_needs_to_know_nothing_of_it(
    action: Action,
) -> None:
    given_ = rebooting(action=action, machine=None)

    assert word("machine", given_) is Word.ALLOWED


@given(situations)
def test_an_unseen_machine_never_goes_down(any_: Situation) -> None:
    given_ = replace(
        any_, action=Action.REBOOT, machine=None, break_glass=None
    )

    assert word("machine", given_) is Word.REFUSED


def test_whoever_is_touched_is_named_in_an_order_that_stays() -> None:
    expected = (
        "the server annex is on the same machine and goes down with it",
        "the server loft is on the same machine and goes down with it",
        "somebody is logged in and will be cut off: ann on pts/0",
        "somebody is logged in and will be cut off: bob on pts/1",
        (
            "a process that is not ours has a GPU there and ends: blender on"
            " GPU 0"
        ),
        (
            "nothing is known to start the server when the machine boots:"
            " somebody has to"
        ),
    )
    turned = replace(
        CROWDED,
        targets=CROWDED.targets[::-1],
        people=("ann on pts/0", "bob on pts/1"),
    )

    assert bystanders(Action.REBOOT, CROWDED) == expected
    assert bystanders(Action.REBOOT, turned) == expected


def test_a_machine_of_its_own_has_no_bystanders() -> None:
    assert bystanders(Action.REBOOT, MACHINE) == ()
    assert bystanders(Action.REBOOT, None) == ()
    assert bystanders(Action.REBOOT, replace(MACHINE, people=None)) == ()


@pytest.mark.parametrize(
    "action", [one for one in Action if one is not Action.REBOOT]
)
def test_only_a_reboot_touches_others(action: Action) -> None:
    assert bystanders(action, CROWDED) == ()


@given(machines)
def test_everybody_who_is_touched_is_named(any_: MachineUse) -> None:
    told = "\n".join(bystanders(Action.REBOOT, any_))

    for one in (*any_.targets, *(any_.people or ()), *any_.strangers):
        assert one in told
