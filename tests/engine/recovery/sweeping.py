"""Where a monitor may die, and what must hold whatever happened."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import get_args

from monitor.domain.recovery.change import ONLY_BEFORE_INTENT
from monitor.domain.recovery.words import Outcome
from tests.engine.recovery.theatre import Theatre
from tests.fakes.crashing import Moment

AGAIN_AND_AGAIN = frozenset({"beat", "say", "became"})
MOMENTS: tuple[Moment, ...] = get_args(Moment)


def points(calls: Sequence[str]) -> Iterator[tuple[int, Moment]]:
    """Yield every call; of those that are made again and again a few."""
    seen: Counter[str] = Counter()
    for at, name in enumerate(calls, start=1):
        seen[name] += 1
        if name not in AGAIN_AND_AGAIN or seen[name] <= 2:
            for moment in MOMENTS:
                yield at, moment


def check(there: Theatre) -> None:
    """Everything that must hold, whatever happened."""
    change = there.change()
    outcome = change.outcome
    assert outcome is not None
    assert there.outcomes() == [outcome.value], there.steps()
    record = there.journal.records["p1"]
    assert record.outcome is outcome
    effects = len(there.hand.effects)
    assert effects <= 1
    assert there.hand.asked.count("act") <= 1
    if effects:
        assert outcome not in ONLY_BEFORE_INTENT, change.because
        assert "nothing was" not in change.because, change.because
        assert "no effect" not in change.because, change.because
    if outcome is Outcome.SUCCEEDED:
        assert effects == 1
    assert not there.flaws()
    assert not there.journal.all_locks
    assert not there.held
