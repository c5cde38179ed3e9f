"""Since when a server has not been well: where its incident began."""

from dataclasses import dataclass

from monitor.domain.diagnosis.diagnosis import Diagnosis
from monitor.engine.events import Diagnosed, Event, Rewired

WELL_FOR = 60.0
"""Seconds that a server has to be believed well before an incident is over.
Ours: a server that comes up and hangs again at once has one incident, and
less would end it with every look between two failures."""
_TELLS_NOTHING = frozenset({"no_data", "monitor_blind"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spell:
    """When it fell ill, and since when it is well again, None while not."""

    sick: float
    well: float | None = None


class Sickness:
    """Follows diagnoses; in memory only, from the start of this monitor.

    What was before is told by the diagnosis that was kept (`sick_since`).
    """

    def __init__(self) -> None:
        self._spells: dict[str, _Spell] = {}

    def heard(self, event: Event) -> None:
        """Take in what happened."""
        match event:
            case Diagnosed():
                self._diagnosed(event)
            case Rewired():
                for name in (*event.targets, *event.moved):
                    self._spells.pop(name, None)
            case _:
                pass

    def since(self, target: str) -> float | None:
        """Return the Unix time since which it is sick, None where not."""
        spell = self._spells.get(target)
        return spell.sick if spell and spell.well is None else None

    def _diagnosed(self, event: Diagnosed) -> None:
        name, now = event.target, event.after
        spell = self._spells.get(name)
        if now.is_well:
            if spell is not None and spell.well is None:
                self._spells[name] = _Spell(sick=spell.sick, well=now.at)
        elif _is_sick(now):
            self._spells[name] = _Spell(sick=_began(spell, now))


def sick_since(
    followed: float | None, diagnosis: Diagnosis | None
) -> float | None:
    """Return since when a server is sick, None where that is not known.

    `followed` is what `Sickness` says: over several causes. The diagnosis in
    force knows when its own began, also over a restart of ours.
    """
    known = [] if followed is None else [followed]
    if diagnosis is not None and _is_sick(diagnosis):
        known.append(diagnosis.since)
    return min(known, default=None)


def _is_sick(diagnosis: Diagnosis) -> bool:
    return not diagnosis.is_well and diagnosis.cause not in _TELLS_NOTHING


def _began(spell: _Spell | None, now: Diagnosis) -> float:
    """Return when the incident began of which this diagnosis is a part."""
    if spell is None:
        return now.since
    if spell.well is not None and now.at - spell.well >= WELL_FOR:
        return now.since
    return min(spell.sick, now.since)
