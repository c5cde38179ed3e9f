"""The ladder as the desk shows it: what `recover` would climb, in words."""

from collections.abc import AsyncIterator
from dataclasses import replace

from monitor.domain.recovery.applicable import not_applicable
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.verdict import Verdict
from monitor.domain.recovery.weighing import weigh
from monitor.domain.recovery.words import RUNGS, Action, Word
from monitor.engine.recovery.asked import Asked
from monitor.engine.recovery.planning import Draft
from monitor.engine.recovery.planning_past import MOST_CHANGES
from monitor.engine.recovery.scene import Scene, Seen
from monitor.ports.recovery import Journal

_PERMITTED, _APPROVAL = "allowed", "approval"


async def laddered(
    scene: Scene, made: Draft, asked: Asked, seen: Seen, by: Principal
) -> Draft:
    """Return a draft whose steps are the rungs, where it is a `recover`.

    They are part of its digest, so that they say only what stays so while a
    plan lasts: no times and no counts. Raises `NotConfigured`, `CannotStore`.
    """
    if asked.action is not Action.RECOVER:
        return made
    steps = [one async for one in _steps(scene, asked.target, seen, by)]
    return replace(made, aim=replace(made.aim, steps=tuple(steps)))


def ladder_flaw(asked: Asked) -> str:
    """Return why a `recover` is refused before anything is looked at."""
    if asked.action is not Action.RECOVER or asked.break_glass is None:
        return ""
    return "it skips no gate: plan the rung itself that has to skip one"


async def recover_before(
    journal: Journal, target: str, change_id: str = ""
) -> str:
    """Return which open `recover` of a server was first, or nothing.

    `change_id` is the one that asks, whose followers do not count; empty
    where it has not begun. Raises `CannotStore`.
    """
    changes = await journal.changes(
        limit=MOST_CHANGES, target=target, only_open=True
    )
    ids = [one.id for one in changes]
    older = (
        changes[ids.index(change_id) + 1 :] if change_id in ids else changes
    )
    first = [one for one in older if one.action is Action.RECOVER]
    if not first:
        return ""
    return (
        f"change {first[0].id} climbs the ladder of {target} already; follow"
        f" it with `facefusion-monitor changes {first[0].id} --follow`"
    )


async def _steps(
    scene: Scene, target: str, seen: Seen, by: Principal
) -> AsyncIterator[str]:
    yield "keep what is known of the server"
    for rung in RUNGS:
        situation = await scene.situation(target, rung, seen, by=by)
        because = not_applicable(situation)
        if because:
            yield f"{rung.value}: not applicable, {because}"
        else:
            yield f"{rung.value}: {_now(weigh(situation))}"


def _now(verdicts: tuple[Verdict, ...]) -> str:
    """Return what a rung would come to, as far as that stays so."""
    said = {one.gate: one for one in verdicts}
    if said[_PERMITTED].word is Word.REFUSED:
        return f"not allowed, {said[_PERMITTED].because}"
    if said[_APPROVAL].word is not Word.ALLOWED:
        return (
            "needs approval: it waits until people have applied and approved"
            " it"
        )
    return "run, if those before it did not help"
