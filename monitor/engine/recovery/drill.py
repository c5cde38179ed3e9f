"""The drill: a `recover` rehearsed on one server, with nothing done to it.

The gates weigh, the machine is prepared by the acting keys, one status and
one canary are taken: whatever would fail in an incident fails now. No nonce
is ever spent.
"""

import asyncio
from dataclasses import dataclass, field

from monitor.domain.recovery.applicable import not_applicable
from monitor.domain.recovery.audit import Entry
from monitor.domain.recovery.drill import Drill, Exercise, Rehearsed, Would
from monitor.domain.recovery.plan import Aim
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.verdict import Verdict
from monitor.domain.recovery.words import RUNGS, Action, Word
from monitor.engine.recovery.asked import Asked
from monitor.engine.recovery.desk_room import Room
from monitor.engine.recovery.drill_exercises import (
    Exercising,
    Grounds,
    names_of,
)
from monitor.engine.recovery.planning import draft

DRILLS_WITHIN = 120.0
"""Seconds of a drill altogether: somebody waits for its answer."""
EXCUSED = frozenset({"healthy", "diagnosis", "second_vantage", "ladder"})
"""Gates that refuse because nothing is wrong: that is how a drill is."""
_REASON = "a drill"
_LATE = "no time was left for it"


async def drill(room: Room, target: str, by: Principal) -> Drill:
    """Rehearse, and audit that it was. Raises `NotConfigured`, `CannotStore`.

    What there was no time for is told as not tried.
    """
    known = room.scene.target(target)
    rehearsal = _Rehearsal(room=room, target=target, by=by)
    exercising = Exercising(
        grounds=_grounds(room), target=known, change=f"drill-{room.new_id()}"
    )
    try:
        async with asyncio.timeout(DRILLS_WITHIN):
            await rehearsal.run()
            await exercising.run(rehearsal.aims, busy=rehearsal.busy)
    except TimeoutError:
        pass  # what was found by then is told
    found = Drill(
        target=target,
        at=room.clock.now(),
        cause=rehearsal.cause,
        exercises=_whole(exercising),
        rungs=rehearsal.told(),
    )
    await room.journal.note(_entry(found, exercising.change, known.host, by))
    await room.herald.written()
    return found


@dataclass(kw_only=True, eq=False)
class _Rehearsal:
    """The rungs of one drill, as far as there was time to weigh them."""

    room: Room
    target: str
    by: Principal
    cause: str = ""
    busy: str = ""
    rungs: dict[Action, Rehearsed] = field(default_factory=dict)
    aims: dict[Action, Aim] = field(default_factory=dict)

    async def run(self) -> None:
        for action in RUNGS:
            await self._rung(action)

    def told(self) -> tuple[Rehearsed, ...]:
        return tuple(
            self.rungs.get(one)
            or Rehearsed(action=one, would=Would.REFUSE, because=_LATE)
            for one in RUNGS
        )

    async def _rung(self, action: Action) -> None:
        scene, target = self.room.scene, self.target
        seen = await scene.observe(target, action)
        asked = Asked(action=action, target=target, reason=_REASON)
        made = await draft(scene, asked, seen, self.by)
        situation = await scene.situation(target, action, seen, by=self.by)
        would, because = would_be(not_applicable(situation), made.gates)
        self.cause, self.aims[action] = made.cause, made.aim
        self.busy = "; ".join(situation.work.jobs)
        self.rungs[action] = Rehearsed(
            action=action,
            would=would,
            because=because,
            gates=made.gates,
            steps=made.aim.steps,
            notes=made.notes,
            by_hand=made.by_hand,
        )


def _grounds(room: Room) -> Grounds:
    return Grounds(
        clock=room.clock,
        journal=room.journal,
        scene=room.scene,
        canaries=room.canaries,
        owner=room.owner,
    )


def _whole(exercising: Exercising) -> tuple[Exercise, ...]:
    """Return every exercise, those that there was no time for last."""
    tried = {one.what for one in exercising.done}
    late = (
        Exercise(what=what, passed=None, because=_LATE)
        for what in names_of(exercising.target)
        if what not in tried
    )
    return (*exercising.done, *late)


def would_be(
    inapplicable: str, gates: tuple[Verdict, ...]
) -> tuple[Would, str]:
    """Return what would become of a rung, were this server sick now."""
    if inapplicable:
        return Would.NOT_APPLICABLE, inapplicable
    said = [one for one in gates if one.gate not in EXCUSED]
    excused = _words([o for o in gates if o.gate in EXCUSED], Word.REFUSED)
    told = f" (nothing is wrong now: {excused})" if excused else ""
    if because := _words(said, Word.REFUSED):
        return Would.REFUSE, because
    if because := _words(said, Word.WAITING):
        return Would.WAIT, f"{because}{told}"
    return Would.RUN, f"every gate would allow it{told}"


def _words(gates: list[Verdict], word: Word) -> str:
    said = (one for one in gates if one.word is word)
    return "; ".join(f"{one.gate}: {one.because}" for one in said)


def _entry(found: Drill, id_: str, host: str, by: Principal) -> Entry:
    """Return the one thing that is kept of it."""
    passed = [one.passed for one in found.exercises]
    because = (
        f"{passed.count(True)} of {len(passed)} exercises passed,"
        f" {passed.count(False)} failed; nothing was done"
    )
    words = {True: "passed", False: "failed", None: "not tried"}
    tried = (
        (one.what, f"{words[one.passed]}: {one.because}")
        for one in found.exercises
    )
    would = (
        (one.action.value, f"{one.would.value}: {one.because}")
        for one in found.rungs
    )
    return Entry(
        at=found.at,
        what="drilled",
        plan=id_,
        who=by.who,
        action=Action.RECOVER.value,
        target=found.target,
        host=host,
        trigger=by.trigger.value,
        because=because,
        detail=(("token", by.name), *tried, *would),
    )
