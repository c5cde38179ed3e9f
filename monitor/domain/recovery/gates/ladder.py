"""Gate `ladder`: whether the milder rungs were climbed before a reboot."""

from collections.abc import Sequence
from dataclasses import replace

from monitor.domain.recovery.applicable import not_applicable
from monitor.domain.recovery.counting import CLIMBED, deeds_on
from monitor.domain.recovery.gates.said import Said, allowed, refused
from monitor.domain.recovery.past import Deed
from monitor.domain.recovery.situation import Situation
from monitor.domain.recovery.words import RUNGS, Action, Outcome


def ladder(situation: Situation) -> Said:
    """Refuse a reboot before all milder rungs of this incident.

    A rung is climbed when it was done in this incident and did not help, or
    when it does not apply. Other actions have no rung before them that they
    need.
    """
    if situation.action is not Action.REBOOT:
        return allowed("no other rung has to come before it")
    told: list[str] = []
    for rung in RUNGS[: RUNGS.index(Action.REBOOT)]:
        how = _climbed(situation, rung)
        if not how:
            return refused(
                f"{rung.value} comes first: it was not done in this incident"
                " without helping, and it applies"
            )
        told.append(how)
    return allowed("; ".join(told))


def _climbed(situation: Situation, rung: Action) -> str:
    """Return how a rung is behind us, empty where it is not."""
    for deed in _in_this_incident(situation):
        is_it = deed.action is rung and deed.done
        if is_it and deed.outcome in CLIMBED:
            return f"{rung.value} did not help (change {deed.change})"
    because = not_applicable(replace(situation, action=rung))
    return f"{rung.value} does not apply: {because}" if because else ""


def _in_this_incident(situation: Situation) -> Sequence[Deed]:
    """Return what was done since it is sick, or by the same `recover`.

    What succeeded ended the incident before it. A deed whose time is ahead
    of our clock, or no number, is of nobody knows when.
    """
    found: list[Deed] = []
    since, now = situation.sick_since, situation.now
    for deed in sorted(deeds_on(situation), key=lambda one: one.intent_at):
        is_ours = bool(situation.parent) and deed.parent == situation.parent
        is_of_now = since is not None and since <= deed.intent_at <= now
        if deed.outcome is Outcome.SUCCEEDED:
            found = []
        elif is_ours or is_of_now:
            found.append(deed)
    return found
