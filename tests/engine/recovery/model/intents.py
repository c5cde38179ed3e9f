"""What has to be so as an intent becomes durable (I1, I3, I4, I7)."""

from collections.abc import Iterator

from monitor.domain.recovery.plan import PLAN_LASTS, Aim, Plan, PlanRecord
from monitor.domain.recovery.words import (
    RUNGS,
    Action,
    Outcome,
    Trigger,
)
from tests.engine.recovery.model import limits
from tests.engine.recovery.model.places import Place
from tests.engine.recovery.model.slow import Intended

LOOK_LASTS = 0.35
"""Seconds from the look of the last weighing to the intent, at most, in the
model: what changed within it nobody could see."""


def at_intent(place: Place, one: Intended) -> Iterator[str]:
    """Yield what did not hold as an intent became durable."""
    record = place.journal.records[one.change.plan]
    yield from _weighed(place, one)
    yield from _aimed(place, record.plan.aim, one)
    yield from _agreed(place, record)
    yield from limits.of_intent(place, record.plan, one)
    if one.change.action is Action.REBOOT:
        yield from _of_reboot(place, record.plan, one)
    held = place.journal.all_locks.get(one.change.host)
    if held is None or held.change != one.change.id:
        yield "I1: the machine's lock was somebody else's"


def _weighed(place: Place, one: Intended) -> Iterator[str]:
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
    if one.change.action not in place.policies["studio"].allow:
        yield f"I7: {one.change.action.value} is not allowed"


def _aimed(place: Place, aim: Aim, one: Intended) -> Iterator[str]:
    """Yield what is other than planned: who would end, and on which boot."""
    machine = place.machine
    served = {p for p in aim.processes if p.is_server}
    is_same = served == machine.serving()
    if one.change.action is Action.FREE_GPU_MEMORY:
        is_same = {*aim.processes} == machine.holders()
    if one.change.action is Action.REBOOT:
        is_same = not aim.processes  # whoever runs there ends with it
    is_same = is_same and aim.boot_id == machine.boot_id
    if not is_same and machine.touched_at < one.at - LOOK_LASTS:
        yield "I3: other processes than planned ran"


def _agreed(place: Place, record: PlanRecord) -> Iterator[str]:
    plan, now = record.plan, place.clock.now()
    people = {
        o.by.person
        for o in record.approvals
        if o.digest == plan.digest and now - o.at <= PLAN_LASTS
    } - {plan.by.person, ""}
    needed = max(plan.approvals, int(plan.aim.action is Action.REBOOT))
    if len(people) < needed:
        yield f"I4: {sorted(people)} are not {needed} others"


def _of_reboot(place: Place, plan: Plan, one: Intended) -> Iterator[str]:
    old, machine = one.at - LOOK_LASTS, place.machine
    if plan.id not in place.typed:
        yield "I4: nobody typed the machine's name"
    for rung in RUNGS[: RUNGS.index(Action.REBOOT)]:
        if not _is_behind(place, rung, one):
            yield f"I4: a reboot before {rung.value}"
    if machine.packages and place.changed_at["packages"] < old:
        yield "I7: packages were being installed"
    told = " ".join(plan.aim.bystanders)
    is_new = place.changed_at["people"] >= old
    if not is_new and not all(who in told for who in machine.people):
        yield "I4: it cuts off whom nobody agreed to"


def _is_behind(place: Place, rung: Action, one: Intended) -> bool:
    """Return whether a rung was done in this incident and did not help.

    Or it does not apply, or did not when somebody looked.
    """
    before = place.intents[:-1]
    healed = [o.at for o in before if _outcome(place, o) is _HEALED]
    began = max(healed, default=-1.0)
    for was in before:
        parent = was.change.parent
        is_ours = bool(parent) and parent == one.change.parent
        is_ours |= place.ill_at is not None and was.at >= place.ill_at
        is_rung = was.change.action is rung and was.at > began
        if is_rung and is_ours and limits.was_done_in_vain(place, was):
            return True
    return _applies_not(place, rung, one.at - LOOK_LASTS)


_HEALED = Outcome.SUCCEEDED


def _outcome(place: Place, one: Intended) -> Outcome | None:
    return place.journal.all_changes[one.change.id].outcome


def _applies_not(place: Place, rung: Action, old: float) -> bool:
    if place.cause == "gpu_lost" or place.changed_at["cause"] >= old:
        return True
    machine = place.machine
    holds_none = not machine.holders() or machine.touched_at >= old
    return rung is Action.FREE_GPU_MEMORY and holds_none
