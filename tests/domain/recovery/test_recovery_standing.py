"""What may still be done is counted as the gates count."""

import pytest

from monitor.domain.recovery.past import Deed
from monitor.domain.recovery.standing import is_breaker_open, left
from monitor.domain.recovery.weighing import weigh
from monitor.domain.recovery.words import Action, Outcome, Word
from tests.domain.recovery.situations import NOW, situation


def deeds(*ages: float, outcome: Outcome = Outcome.FAILED) -> tuple[Deed, ...]:
    return tuple(
        Deed(
            change=f"c{number}",
            action=Action.RESTART,
            target="studio",
            intent_at=NOW - age,
            outcome=outcome,
            ended_at=NOW - age + 60,
        )
        for number, age in enumerate(ages)
    )


@pytest.mark.parametrize(
    ("ages", "remaining"),
    [
        ((), 3),
        ((700.0,), 2),
        ((3600.0, 700.0), 1),
        ((3601.0, 700.0), 2),
        ((900.0, 800.0, 700.0), 0),
        ((1000.0, 900.0, 800.0, 700.0), 0),
        ((-50.0,), 2),
    ],
)
def test_each_intent_in_the_window_is_one_less(
    ages: tuple[float, ...], remaining: int
) -> None:
    assert left(situation(past=deeds(*ages))) == remaining


def test_other_actions_have_a_budget_of_their_own() -> None:
    past = deeds(900.0, 800.0)

    assert left(situation(past=past, action=Action.REBOOT)) == 1


@pytest.mark.parametrize("count", range(5))
def test_the_breaker_is_open_when_its_gate_refuses(count: int) -> None:
    now = situation(past=deeds(*(4000.0 + i for i in range(count))))
    gate = next(one for one in weigh(now) if one.gate == "breaker")

    assert is_breaker_open(now) is (gate.word is Word.REFUSED)
    assert is_breaker_open(now) is (count >= 3)
