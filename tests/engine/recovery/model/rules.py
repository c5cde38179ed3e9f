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
from monitor.domain.recovery.plan import PLAN_LASTS, PlanRecord
from monitor.domain.recovery.words import Outcome, State, Trigger
from tests.engine.recovery.model.machine import Effect
from tests.engine.recovery.model.places import (
    COOLDOWN,
    MOST,
    WINDOW,
    Place,
)
from tests.engine.recovery.model.slow import Intended

EFFECT_WITHIN = 30.0
LOOK_LASTS = 0.35
"""Seconds from the look of the last weighing to the intent, at most, in the
model: what changed within it nobody could see."""


def at_intent(place: Place, one: Intended) -> Iterator[str]:
    """Yield what did not hold as an intent became durable (I7, I1, I4)."""
    record = place.journal.records[one.change.plan]
    old = one.at - LOOK_LASTS
    is_alone = one.change.by.trigger is Trigger.AUTOMATION
    worked_on = is_alone and place.book.windows
    if worked_on and place.changed_at["maintenance"] < old:
        yield "I7: it was in planned maintenance"
    if place.users and place.changed_at["users"] < old:
        yield "I7: users' work was not waited for"
    since = place.machine.passes_since()
    if since is not None and since < old:
        yield "I7: it was well"
    aim, machine = record.plan.aim, place.machine
    served = {p for p in aim.processes if p.is_server}
    is_same = served == machine.serving() and aim.boot_id == machine.boot_id
    if not is_same and machine.touched_at < old:
        yield "I3: other processes than planned ran"
    yield from _agreed(place, record)
    yield from _often(place, record, one)
    held = place.journal.all_locks.get(one.change.host)
    if held is None or held.change != one.change.id:
        yield "I1: the machine's lock was somebody else's"


def _agreed(place: Place, record: PlanRecord) -> Iterator[str]:
    plan, now = record.plan, place.clock.now()
    people = {
        o.by.person
        for o in record.approvals
        if o.digest == plan.digest and now - o.at <= PLAN_LASTS
    } - {plan.by.person, ""}
    if len(people) < plan.approvals:
        yield f"I4: {sorted(people)} are not {plan.approvals} others"


def _often(place: Place, record: PlanRecord, one: Intended) -> Iterator[str]:
    before = [o.at for o in place.intents[:-1]]
    if sum(one.at - at < WINDOW for at in before) >= MOST:
        yield f"I2: more than {MOST} intents in {WINDOW:g} s"
    glass = record.plan.aim.break_glass
    skips = glass is not None and glass.gate == "cooldown"
    if not skips and any(one.at - at < COOLDOWN for at in before):
        yield "I2: within the cooldown of another"


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
        began = effect.at - WINDOW
        if sum(one.at > began for one in done[: number + 1]) > MOST:
            yield f"I2: more than {MOST} effects in {WINDOW:g} s"
        yield from _of_effect(place, effect)


def _of_effect(place: Place, effect: Effect) -> Iterator[str]:
    intents = [o for o in place.intents if o.change.id == effect.change]
    if not intents or intents[0].at > effect.at:
        yield f"I8: change {effect.change} was done before its intent"
    elif effect.at - intents[0].at > EFFECT_WITHIN:
        yield f"I7: change {effect.change} was done late"
    change = place.journal.all_changes[effect.change]
    plan = place.journal.records[change.plan].plan
    planned = {p for p in plan.aim.processes if p.is_server}
    if not effect.ended <= planned:
        yield f"I3: change {effect.change} ended what nobody planned"
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
    done = {one.change for one in place.machine.done}
    for one in changes:
        yield from _of_change(one, is_done=one.id in done)
        if one.created_at >= place.journal.records[one.plan].plan.expires_at:
            yield f"I7: {one.id} was applied after its plan's time"


def _of_change(one: Change, *, is_done: bool) -> Iterator[str]:
    if (one.outcome is None) is one.is_over:
        yield f"I5: {one.id} is {one.state.value} with {one.outcome}"
    if one.outcome in ONLY_BEFORE_INTENT and one.intent_at is not None:
        yield f"I13: {one.id} is {one.outcome} after its intent"
    if one.outcome is Outcome.SUCCEEDED and not is_done:
        yield f"I5: {one.id} succeeded and was never done"


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
