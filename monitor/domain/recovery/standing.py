"""What may still be done to a server, as the gates would count it."""

from monitor.domain.recovery.counting import (
    budget_of,
    deeds_on,
    has_been_since,
    since,
)
from monitor.domain.recovery.gates.breaker import breaker
from monitor.domain.recovery.situation import Situation
from monitor.domain.recovery.words import Word


def left(situation: Situation) -> int:
    """Return how many times the action fits into its budget yet."""
    began = since(situation)
    done = sum(
        deed.action is situation.action
        and has_been_since(deed.intent_at, began)
        for deed in deeds_on(situation)
    )
    return max(0, budget_of(situation).most - done)


def is_breaker_open(situation: Situation) -> bool:
    """Return whether nothing more is done until a person looks."""
    word, _ = breaker(situation)
    return word is Word.REFUSED
