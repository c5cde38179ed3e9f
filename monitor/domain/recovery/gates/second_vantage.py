"""Gate `second_vantage`: whether it looks sick from elsewhere, too."""

from monitor.domain.recovery.gates.said import (
    Said,
    allowed,
    by_automation,
    refused,
    waiting,
)
from monitor.domain.recovery.situation import Situation


def second_vantage(situation: Situation) -> Said:
    """Refuse where a second look finds the server well.

    Where nobody could look from elsewhere only a person may go on. What was
    thought before a restart of ours waits for what it rested on.
    """
    second = situation.second
    if second.is_early and second.agrees is None:
        return waiting(f"it is too early to say: {second.because}")
    if second.agrees is True:
        return allowed(f"a second look agrees: {second.because}")
    if second.agrees is False:
        return refused(f"a second look does not agree: {second.because}")
    told = f"no second look was possible: {second.because}"
    if by_automation(situation):
        return refused(told)
    return allowed(f"{told}; {situation.by.who} decides")
