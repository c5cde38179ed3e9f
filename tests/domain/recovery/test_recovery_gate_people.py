"""Who may do what: mode, approval, and what only people may decide."""

from itertools import product

import pytest

from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.weighing import needed_approvals
from monitor.domain.recovery.words import Action, Trigger, Word
from tests.domain.recovery.situations import (
    ANN,
    ANN_AGAIN,
    BOB,
    CAT,
    ROBOT,
    approved,
    glass,
    policy,
    situation,
    verdict,
    word,
)

NOBODY = Principal(name="ci")
ROBOT_BOB = Principal(name="rule", person="bob", trigger=Trigger.AUTOMATION)


@pytest.mark.parametrize("mode", ["off", "", "Auto", "on"])
@pytest.mark.parametrize("by", [ANN, ROBOT])
def test_in_any_mode_but_suggest_and_auto_nothing_is_done(
    mode: str, by: Principal
) -> None:
    given = situation(by=by, policy=policy(mode=mode))

    assert word("mode", given) is Word.REFUSED


@pytest.mark.parametrize(
    ("mode", "action"), list(product(["suggest", "auto"], Action))
)
def test_people_may_ask_in_both_modes_for_anything(
    mode: str, action: Action
) -> None:
    given = situation(
        action=action, policy=policy(mode=mode, auto=frozenset())
    )

    assert word("mode", given) is Word.ALLOWED


def test_automation_acts_alone_only_in_auto_and_never_reboots() -> None:
    everything = frozenset(Action)
    passed = {
        (mode, action)
        for mode, action in product(["off", "suggest", "auto"], Action)
        if word(
            "mode",
            situation(
                by=ROBOT,
                action=action,
                policy=policy(mode=mode, auto=everything),
            ),
        )
        is Word.ALLOWED
    }

    assert passed == {
        ("auto", Action.RESTART),
        ("auto", Action.FREE_GPU_MEMORY),
        ("auto", Action.RECOVER),
    }


@pytest.mark.parametrize(
    ("action", "by", "breaks", "needed"),
    [
        (Action.RESTART, ANN, False, 0),
        (Action.RESTART, ROBOT, False, 0),
        (Action.FREE_GPU_MEMORY, ANN, False, 0),
        (Action.RECOVER, ANN, False, 0),
        (Action.RECOVER, ROBOT, False, 0),
        (Action.RECOVER, ANN, True, 1),
        (Action.REBOOT, ANN, False, 1),
        (Action.REBOOT, ROBOT, False, 2),
        (Action.RESTART, ANN, True, 1),
        (Action.REBOOT, ANN, True, 1),
        (Action.RESTART, ROBOT, True, 2),
        (Action.REBOOT, ROBOT, True, 2),
    ],
)
def test_how_many_other_people_must_agree(
    action: Action,
    by: Principal,
    breaks: bool,  # noqa: FBT001 - a table
    needed: int,
) -> None:
    skips = glass("cooldown") if breaks else None

    assert needed_approvals(action, by, skips) == needed


@pytest.mark.parametrize(
    ("by", "agree", "enough"),
    [
        (ANN, (), False),
        (ANN, (ANN,), False),
        (ANN, (ANN_AGAIN,), False),
        (ANN, (NOBODY,), False),
        (ANN, (ROBOT,), False),
        (ANN, (ROBOT_BOB,), False),
        (ANN, (BOB,), True),
        (ANN, (ANN, BOB), True),
        (ROBOT, (ANN,), False),
        (ROBOT, (ANN, ANN_AGAIN), False),
        (ROBOT, (ANN, NOBODY), False),
        (ROBOT, (ANN, BOB), True),
        (ROBOT, (CAT, BOB, ANN), True),
    ],
)
def test_a_reboot_waits_for_people_and_counts_each_once(
    by: Principal,
    agree: tuple[Principal, ...],
    enough: bool,  # noqa: FBT001 - a table
) -> None:
    given = situation(action=Action.REBOOT, by=by, approvals=approved(*agree))

    expected = Word.ALLOWED if enough else Word.WAITING

    assert word("approval", given) is expected


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        (900.0, Word.ALLOWED),
        (900.1, Word.WAITING),
        (-60.0, Word.ALLOWED),
        (-60.1, Word.WAITING),
    ],
)
def test_an_approval_holds_as_long_as_a_plan(
    ago: float, expected: Word
) -> None:
    given = situation(action=Action.REBOOT, approvals=approved(BOB, ago=ago))

    assert word("approval", given) is expected


def test_who_agreed_is_told_by_name() -> None:
    given = situation(
        action=Action.REBOOT, by=ROBOT, approvals=approved(CAT, BOB)
    )

    assert verdict("approval", given).because == (
        "2 of 2 other people agreed (bob, cat)"
    )
