"""Break-glass opens the one gate that was named, and no other."""

from monitor.domain.recovery.weighing import GATES, weigh
from monitor.domain.recovery.words import Word
from tests.domain.recovery.situations import (
    BOB,
    approved,
    deed,
    glass,
    situation,
)


def test_one_gate_is_skipped_and_the_others_still_refuse() -> None:
    given = situation(
        past=(deed(500.0),),
        break_glass=glass("cooldown"),
        approvals=approved(BOB),
        lock="change c9 of monitor-2",
        blind="control addresses fail",
    )

    said = {one.gate: one.word for one in weigh(given)}

    assert {gate for gate in GATES if said[gate] is Word.SKIPPED} == {
        "cooldown"
    }
    assert {gate for gate in GATES if said[gate] is Word.REFUSED} == {
        "lock",
        "blind",
    }
