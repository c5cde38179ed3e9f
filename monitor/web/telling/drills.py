"""Drills on the wire."""

from monitor.domain.recovery.drill import Drill, Exercise, Rehearsed, Would
from monitor.schemas import drill as wire
from monitor.schemas.wire import utc
from monitor.web.telling.recovery import shown, tell_gates


def tell_drill(drill: Drill) -> wire.Drill:
    """Return what a drill found."""
    return wire.Drill(
        at=utc(drill.at),
        target=drill.target,
        cause=drill.cause,
        ready=_is_ready(drill),
        exercises=tuple(map(_exercise, drill.exercises)),
        rungs=tuple(map(_rung, drill.rungs)),
    )


def _is_ready(drill: Drill) -> bool:
    """Tell whether all would go. What could not be tried proves nothing."""
    could = all(one.would is not Would.REFUSE for one in drill.rungs)
    return could and all(one.passed is not False for one in drill.exercises)


def _exercise(one: Exercise) -> wire.Exercise:
    return wire.Exercise(
        what=shown(one.what), passed=one.passed, because=shown(one.because)
    )


def _rung(one: Rehearsed) -> wire.RehearsedRung:
    return wire.RehearsedRung(
        action=one.action,
        would=one.would,
        because=shown(one.because),
        gates=tell_gates(one.gates),
        steps=tuple(map(shown, one.steps)),
        notes=tuple(map(shown, one.notes)),
        by_hand=tuple(map(shown, one.by_hand)),
    )
