"""How often anything may be done, as the world has it (I2)."""

from collections.abc import Iterator

from monitor.domain.recovery.plan import Plan
from monitor.domain.recovery.words import Action, Outcome
from tests.engine.recovery.model.places import BUDGETS, COOLDOWN, Place
from tests.engine.recovery.model.slow import Intended

HELPED_NOBODY = frozenset({Outcome.FAILED, Outcome.GAVE_UP})
_SLACK = 0.05
"""Seconds between an outcome's own time and its being durable."""


def of_plan(place: Place, plan: Plan) -> Iterator[str]:
    """Yield what stood against a plan that somebody was given."""
    now = place.clock.monotonic()
    if plan.aim.action is not Action.RECOVER:
        for id_ in disturbs(place, plan, now, place.intents):
            yield f"I2: {plan.id} was planned within the cooldown of {id_}"


def of_intent(place: Place, plan: Plan, one: Intended) -> Iterator[str]:
    """Yield which limits an intent breaks."""
    action, before = one.change.action, place.intents[:-1]
    most, window = BUDGETS[action].most, BUDGETS[action].window
    same = [o.at for o in before if o.change.action is action]
    if sum(one.at - at < window for at in same) >= most:
        yield f"I2: more than {most} {action.value} in {window:g} s"
    for id_ in disturbs(place, plan, one.at, before):
        yield f"I2: {one.change.id} is within the cooldown of {id_}"


def was_done_in_vain(place: Place, one: Intended) -> bool:
    """Return whether a deed was really done, and did not help."""
    kept = place.journal.all_changes[one.change.id]
    effects = {effect.change for effect in place.machine.done}
    return kept.outcome in HELPED_NOBODY and kept.id in effects


def disturbs(
    place: Place, plan: Plan, now: float, before: list[Intended]
) -> Iterator[str]:
    """Yield the deeds whose effect nobody could have seen yet.

    The rungs of one climb follow each other at once.
    """
    glass = plan.aim.break_glass
    if glass is not None and glass.gate == "cooldown":
        return
    for one in before:
        id_, parent = one.change.id, one.change.parent
        ended_at = place.journal.ended_at.get(id_, one.at)
        is_below = bool(parent) and parent == plan.parent
        if is_below and was_done_in_vain(place, one):
            continue
        if now - max(one.at, ended_at) < COOLDOWN - _SLACK:
            yield id_
