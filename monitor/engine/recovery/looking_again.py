"""Looking again: what became of an effect whose answer was lost.

The machine's gate is asked until it knows; nothing is ever sent again.
"""

import asyncio
from dataclasses import dataclass
from typing import Literal

from monitor.domain.errors import CannotReach, HandRefused
from monitor.domain.recovery.plan import Aim
from monitor.engine.recovery.runner_kit import Kit, reached
from monitor.ports.recovery import Errand, Hand, HandAnswer

ASKED_FOR = 600.0
"""Seconds that a gate is asked for: a machine that boots is back by then."""
ASKED_WITHIN = 20.0
"""Seconds for one answer."""
NONCE_IS_DEAD = 40.0
"""Seconds after which what was sent cannot begin any more: a nonce opens an
effect for 30 s (monitor/gate/README.md, act), and some for clocks that
differ in speed."""
_AGAIN_AFTER = 2.0
_AT_MOST_AFTER = 30.0
Word = Literal["done", "failed", "none", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Became:
    """What became of it; `unknown`: nobody could tell in all that time."""

    word: Word
    because: str


async def look_again(
    kit: Kit, hand: Hand | None, aim: Aim, errand: Errand
) -> Became:
    """Return what became of an effect that may have been sent just now.

    That nothing was begun is believed once nothing can begin any more.
    """
    if hand is None:
        return Became(word="unknown", because=f"no way to act on {aim.host}")
    begun, wait = kit.clock.monotonic(), _AGAIN_AFTER
    while True:
        found = await _asked(hand, aim, errand)
        age = kit.clock.monotonic() - begun
        if (word := _word(found.state, age)) is not None:
            return Became(word=word, because=_words(found))
        await asyncio.sleep(wait)
        wait = min(wait * 2, _AT_MOST_AFTER)


def _word(state: str, age: float) -> Word | None:
    """Return what an answer after so many seconds means, None for nothing."""
    match state:
        case "done" | "failed":
            return state
        case "none" if age >= NONCE_IS_DEAD:
            return "none"
        case _:
            return "unknown" if age >= ASKED_FOR else None


async def _asked(hand: Hand, aim: Aim, errand: Errand) -> HandAnswer:
    """Return an answer; one without a state where there was none."""
    try:
        return await reached(
            hand.became(aim, errand, within=ASKED_WITHIN),
            within=ASKED_WITHIN,
        )
    except (CannotReach, HandRefused) as error:
        return HandAnswer(state="", because=str(error))


def _words(answer: HandAnswer) -> str:
    said = answer.because or f"its gate says: {answer.state or 'nothing'}"
    return "; ".join((said, *answer.steps[-1:]))
