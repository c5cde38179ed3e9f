"""Looking again: what became of an effect whose answer was lost.

The machine's gate is asked until it knows; nothing is ever sent again.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from monitor.domain.errors import CannotReach, HandRefused
from monitor.domain.recovery.plan import Aim
from monitor.domain.recovery.proof_reboot import BACK_WITHIN
from monitor.domain.recovery.words import Action
from monitor.engine.recovery.runner_kit import Kit, reached
from monitor.ports.recovery import Errand, Hand, HandAnswer

ASKED_FOR: Mapping[Action, float] = {
    Action.RESTART: 600.0,
    Action.FREE_GPU_MEMORY: 600.0,
    Action.REBOOT: BACK_WITHIN + 300.0,
}
"""Seconds that a gate is asked for: one that boots meanwhile is back by then
as a rule, and one that was to boot has its whole time, and 300 s in which its
gate calls a reboot running (monitor/gate/README.md, act)."""
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

    That nothing was begun is believed once nothing can begin any more, and
    only of the boot that it was meant for.
    """
    if hand is None:
        return Became(word="unknown", because=f"no way to act on {aim.host}")
    begun, wait = kit.clock.monotonic(), _AGAIN_AFTER
    while True:
        found = await _asked(hand, aim, errand)
        age = kit.clock.monotonic() - begun
        if (word := _word(found, aim, age)) is not None:
            return Became(word=word, because=_words(found))
        await asyncio.sleep(wait)
        wait = min(wait * 2, _AT_MOST_AFTER)


def _word(found: HandAnswer, aim: Aim, age: float) -> Word | None:
    """Return what an answer after so many seconds means, None for nothing."""
    match found.state:
        case "done" | "failed":
            return found.state
        case "none" if age >= NONCE_IS_DEAD and _is_same_boot(found, aim):
            return "none"
        case _:
            return "unknown" if age >= ASKED_FOR[aim.action] else None


def _is_same_boot(found: HandAnswer, aim: Aim) -> bool:
    """Return whether the boot that it was meant for answers.

    Of another boot a reboot may be the reason, whatever its book says; what
    else was not begun is not begun on any.
    """
    if aim.action is Action.REBOOT:
        return found.boot_id == aim.boot_id
    return found.boot_id in {"", aim.boot_id}


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
