"""Gate `maintenance`: whether somebody works on the server already."""

from monitor.domain.recovery.gates.said import (
    Said,
    allowed,
    by_automation,
    refused,
)
from monitor.domain.recovery.situation import Situation


def maintenance(situation: Situation) -> Said:
    """Hold automation back during planned work, and tell people of it.

    As Patroni's pause does: what people do by hand stays possible.
    """
    if not situation.maintenance:
        return allowed("no planned work is under way")
    told = f"planned work is under way: {situation.maintenance}"
    if by_automation(situation):
        return refused(told)
    return allowed(f"{told}; make sure that nobody is in the way")
