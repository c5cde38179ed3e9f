"""Gate `healthy`: whether there is anything to heal, still."""

from monitor.domain.diagnosis.diagnosis import Diagnosis
from monitor.domain.recovery.gates.said import (
    Said,
    allowed,
    by_automation,
    refused,
)
from monitor.domain.recovery.situation import Situation

_NO_DATA = "no_data"


def healthy(situation: Situation) -> Said:
    """Refuse to touch a server that is well.

    Where nothing is known of it a person may go on, if a look just now
    found it sick; automation may not.
    """
    found, name = situation.diagnosis, situation.target.name
    if found is None or found.cause == _NO_DATA:
        return _unknown(situation, found)
    if found.is_well:
        return refused(f"{name} is well: there is nothing to heal")
    return allowed(f"{name} is sick ({found.cause}): {found.because}")


def _unknown(situation: Situation, found: Diagnosis | None) -> Said:
    told = f"nothing fresh is known of {situation.target.name}"
    if found is not None:
        told = f"{told} ({found.because})"
    second = situation.second
    if second.agrees is True and not by_automation(situation):
        return allowed(f"{told}, but a look just now says: {second.because}")
    return refused(f"{told}: look at it first")
