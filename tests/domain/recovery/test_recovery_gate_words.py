"""What each gate says to people: one sentence for each of its words."""

import pytest

from monitor.domain.recovery.situation import Situation
from monitor.domain.recovery.verdict import Verdict
from monitor.domain.recovery.weighing import GATES
from monitor.domain.recovery.words import Word
from tests.domain.recovery import says_first, says_later, says_rungs
from tests.domain.recovery.situations import verdict

SAYS = (*says_first.SAYS, *says_later.SAYS, *says_rungs.SAYS)


@pytest.mark.parametrize(("gate", "word", "given", "because"), SAYS)
def test_a_gate_says_why(
    gate: str, word: Word, given: Situation, because: str
) -> None:
    assert verdict(gate, given) == Verdict(
        gate=gate, word=word, because=because
    )


def test_every_gate_is_in_the_table_with_what_it_allows_and_does_not() -> None:
    said = {
        gate: {word for of, word, *_ in SAYS if of == gate} for gate in GATES
    }

    assert all(Word.ALLOWED in words for words in said.values())
    assert all(len(words) > 1 for words in said.values())
