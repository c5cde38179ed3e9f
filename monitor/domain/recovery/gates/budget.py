"""Gate `budget`: how often this may be done to a server."""

from monitor.domain.recovery.counting import (
    budget_of,
    deeds_on,
    has_been_since,
    since,
)
from monitor.domain.recovery.gates.said import (
    Said,
    allowed,
    lasting,
    refused,
)
from monitor.domain.recovery.situation import Situation


def budget(situation: Situation) -> Said:
    """Refuse once it was tried as often as the window allows.

    Intents count, not successes. One exactly at the window's edge, and one
    ahead of a clock that was set back, is in the window.
    """
    action = situation.action
    most = budget_of(situation)
    began = since(situation)
    done = sum(
        deed.action is action and has_been_since(deed.intent_at, began)
        for deed in deeds_on(situation)
    )
    told = (
        f"{action.value} was begun {done} of {most.most} times in the last"
        f" {lasting(most.window)}"
    )
    if done >= most.most:
        return refused(f"{told}: it does not help, or something else is wrong")
    return allowed(told)
