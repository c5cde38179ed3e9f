"""The invariants of facts/recovery.md §5, each with its number.

What must hold is asked of the world: of what the machine did, and of what
the journal has.
"""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from monitor.domain.recovery.audit import flaws
from monitor.domain.recovery.change import (
    AFTER_INTENT,
    ONLY_BEFORE_INTENT,
    Change,
)
from monitor.domain.recovery.words import Action, Outcome, State
from tests.engine.recovery.model.intents import LOOK_LASTS
from tests.engine.recovery.model.machine import Effect
from tests.engine.recovery.model.places import BUDGETS, Place

EFFECT_WITHIN = 30.0


def of_effects(place: Place) -> Iterator[str]:
    """Yield what is wrong with what the machine did (I2, I3, I8 to I10)."""
    done, journal = place.machine.done, place.journal
    for of, many in Counter(o.change for o in done).items():
        if many > 1:
            yield f"I9: {many} effects of change {of}"
    plans = Counter(journal.all_changes[o.change].plan for o in done)
    for plan, many in plans.items():
        if many > 1:
            yield f"I9: {many} effects of plan {plan}"
    tokens = [one.token for one in done]
    if any(a >= b for a, b in pairwise(tokens)):
        yield f"I10: tokens went down: {tokens}"
    for number, effect in enumerate(done):
        action = effect.aim.action
        most, began = BUDGETS[action].most, effect.at - BUDGETS[action].window
        so_far = [o for o in done[: number + 1] if o.aim.action is action]
        if sum(one.at > began for one in so_far) > most:
            yield f"I2: more than {most} effects of {action.value}"
        yield from _of_effect(place, effect)


def _of_effect(place: Place, effect: Effect) -> Iterator[str]:
    intents = [o for o in place.intents if o.change.id == effect.change]
    if not intents or intents[0].at > effect.at:
        yield f"I8: change {effect.change} was done before its intent"
    elif effect.at - intents[0].at > EFFECT_WITHIN:
        yield f"I7: change {effect.change} was done late"
    change = place.journal.all_changes[effect.change]
    plan = place.journal.records[change.plan].plan
    is_boot = plan.aim.action is Action.REBOOT
    if not is_boot and not effect.ended <= {*plan.aim.processes}:
        yield f"I3: change {effect.change} ended what nobody planned"
    if effect.boot_id != plan.aim.boot_id:
        yield f"I3: change {effect.change} was planned on the boot before"
    if effect.aim.action is not plan.aim.action:
        yield f"I3: change {effect.change} did something else"
    if change.outcome in ONLY_BEFORE_INTENT:
        yield f"I13: {change.id} is {change.outcome} and was done"
    for words in ("nothing was sent", "nothing was done", "no effect"):
        if change.is_over and words in change.because:
            yield f"I13: {change.id} says {words!r} and was done"


def of_refusals(place: Place) -> Iterator[str]:
    """Yield what our own guards let through to the machine's (I1, I3)."""
    machine = place.machine
    for change, reason in machine.refusals:
        if reason in {"locked", "fenced"}:
            yield f"I1: change {change} was sent beside another ({reason})"
        is_told = machine.touched_at >= machine.prepared_at - LOOK_LASTS
        if reason in {"identity", "boot"} and not is_told:
            yield f"I3: change {change} was sent at others ({reason})"
    machine.refusals.clear()


def of_changes(place: Place) -> Iterator[str]:
    """Yield what is wrong with what the journal has now (I1, I13)."""
    changes = place.journal.all_changes.values()
    acting = [one.id for one in changes if one.state in AFTER_INTENT]
    if len(acting) > 1:
        yield f"I1: {acting} are between intent and end at once"
    for robbed in place.journal.robbed:
        yield f"I1: the lock of {robbed} was given to another"
    effects = {one.change for one in place.machine.done}
    parents = {o.parent for o in changes if o.id in effects and o.parent}
    done = effects | parents
    for one in changes:
        yield from _of_change(one, is_done=one.id in done)
        if one.created_at >= place.journal.records[one.plan].plan.expires_at:
            yield f"I7: {one.id} was applied after its plan's time"


def _of_change(one: Change, *, is_done: bool) -> Iterator[str]:
    if (one.outcome is None) is one.is_over:
        yield f"I5: {one.id} is {one.state.value} with {one.outcome}"
    if one.outcome in ONLY_BEFORE_INTENT and one.intent_at is not None:
        yield f"I13: {one.id} is {one.outcome} after its intent"
    if one.outcome in ONLY_BEFORE_INTENT and is_done:
        yield f"I13: {one.id} is {one.outcome} and was done"
    if one.outcome is Outcome.SUCCEEDED and not is_done:
        yield f"I5: {one.id} succeeded and was never done"
    if one.done and not is_done and one.action is not Action.RECOVER:
        yield f"I4: {one.id} is told as done and was never"


def when_quiet(place: Place) -> Iterator[str]:
    """Yield what must be over once all limits have passed (I5, I6, I11)."""
    journal = place.journal
    yield from _of_outcomes(place)
    for change in journal.all_changes.values():
        if change.state is not State.ENDED:
            yield f"I5: change {change.id} is {change.state.value}"
        elif journal.records[change.plan].outcome is not change.outcome:
            yield f"I5: change {change.id} and its plan differ"
    if journal.all_locks:
        yield f"I11: {sorted(journal.all_locks)} are locked"
    last = journal.chain[-1] if journal.chain else None
    yield from (f"I6: {flaw}" for flaw in flaws(journal.chain, last))


def _of_outcomes(place: Place) -> Iterator[str]:
    """Yield the requests without one outcome in the audit, theirs."""
    told: dict[str, list[str]] = {id_: [] for id_ in place.journal.records}
    for one in place.journal.chain:
        if one.entry.outcome:
            told.setdefault(one.entry.plan, []).append(one.entry.outcome)
    for id_, outcomes in told.items():
        if len(outcomes) != 1:
            yield f"I5: request {id_} has the outcomes {outcomes}"
    for id_, record in place.journal.records.items():
        if record.outcome is None or [record.outcome.value] != told[id_]:
            yield f"I5: plan {id_} has {record.outcome}, told {told[id_]}"
