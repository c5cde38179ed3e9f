"""What has to be so of every `recover` and its rungs (I1, I4, I5)."""

from collections.abc import Iterator, Sequence

from monitor.domain.recovery.change import Change
from monitor.domain.recovery.words import RUNGS, Action, Outcome, State
from tests.engine.recovery.model.limits import HELPED_NOBODY
from tests.engine.recovery.model.places import Place


def of_climbs(place: Place) -> Iterator[str]:
    """Yield what is wrong with `recover` and its rungs."""
    every = list(place.journal.all_changes.values())
    climbing = [one.id for one in every if one.state is State.CLIMBING]
    if len(climbing) > 1:
        yield f"I1: {climbing} climb at once"
    for one in (o for o in every if o.action is Action.RECOVER):
        rungs = [o for o in every if o.parent == one.id]
        yield from _of_climb(one, rungs)
        yield from _of_ladder(place, one, rungs)


def _of_climb(one: Change, rungs: Sequence[Change]) -> Iterator[str]:
    well = any(o.outcome is Outcome.SUCCEEDED for o in rungs)
    if one.outcome is Outcome.SUCCEEDED and not well:
        yield f"I5: {one.id} succeeded and none of its rungs did"
    if one.outcome is Outcome.FAILED and not one.cancel_asked_by:
        yield f"I5: {one.id} failed, and nobody cancelled it"
    if one.intent_at is not None or one.token:
        yield f"I1: {one.id} acts itself"


def _of_ladder(
    place: Place, one: Change, rungs: Sequence[Change]
) -> Iterator[str]:
    """Yield where it skips a rung, climbs one twice, or goes down again.

    What was merely tried counts, too: the next gate may refuse it.
    """
    plans = (o.plan for o in place.journal.records.values())
    planned = [RUNGS.index(p.aim.action) for p in plans if p.parent == one.id]
    if planned != sorted(set(planned)):
        yield f"I4: {one.id} climbs {[RUNGS[o].value for o in planned]}"
    told = _told(place, one.id)
    passed = {r.action for r in rungs if _was_in_vain(place, r)}
    passed |= {rung for rung, word in told if word == "not_applicable"}
    top = max((RUNGS.index(rung) for rung, _ in told), default=0)
    for rung in RUNGS[:top]:
        if rung not in passed:
            yield f"I4: {one.id} skips {rung.value}"


def _was_in_vain(place: Place, rung: Change) -> bool:
    effects = {effect.change for effect in place.machine.done}
    return rung.outcome in HELPED_NOBODY and rung.id in effects


def _told(place: Place, climb: str) -> set[tuple[Action, str]]:
    """Return the rungs that the audit has of a climb, with their word."""
    entries = (one.entry for one in place.journal.chain)
    details = (dict(e.detail) for e in entries if e.change == climb)
    return {
        (Action(one["rung"]), one.get("word", ""))
        for one in details
        if "rung" in one
    }
