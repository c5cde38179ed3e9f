"""Gate `cooldown`: whether the last deed had time to show its effect."""

from monitor.domain.recovery.counting import (
    deeds_on,
    has_been_since,
    is_rung_below,
    quiet_since,
)
from monitor.domain.recovery.gates.said import Said, ago, allowed, refused
from monitor.domain.recovery.gates.said import lasting as words
from monitor.domain.recovery.situation import Situation


def cooldown(situation: Situation) -> Said:
    """Refuse within `recovery.cooldown` of any deed on the server.

    It runs from the newest intent or end. A deed exactly that long ago, and
    one ahead of a clock that was set back, is within it. The rungs of one
    `recover` follow each other at once.
    """
    since, waits = quiet_since(situation), words(situation.policy.cooldown)
    recent = [
        (at, deed)
        for deed in deeds_on(situation)
        if not is_rung_below(situation, deed)
        for at in (deed.ended_at, deed.intent_at)
        if at is not None and has_been_since(at, since)
    ]
    if not recent:
        return allowed(f"nothing was done to it in the last {waits}")
    at, deed = max(recent, key=lambda one: one[0])
    return refused(
        f"{deed.action.value} was done {ago(situation.now, at)} (change"
        f" {deed.change}), within the cooldown of {waits}"
    )
