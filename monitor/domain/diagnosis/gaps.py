"""What a diagnosis cannot know, in sentences for people."""

from collections.abc import Iterator

from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.health import Health
from monitor.domain.machine.reading import MachineReading
from monitor.domain.machine.words import gap_notes, length
from monitor.domain.network import NetworkReading
from monitor.domain.observation import Observation
from monitor.domain.service.reading import ServiceReading

_SAME_WAY = frozenset({"browser", "canary"})
"""Checks that go to the same door as the status."""


def unknowns(case: Case) -> tuple[str, ...]:
    """Return what could not be looked at, or is too old, and why."""
    return tuple(_unknowns(case))


def _unknowns(case: Case) -> Iterator[str]:
    yield from _not_configured(case)
    looks = {**case.host, **case.looks}
    for name in sorted(looks):
        seen = looks[name].seen
        if seen is None:
            yield f"{name}: nothing fresh was seen{_before(case, looks[name])}"
        elif seen.health is Health.UNKNOWN:
            if not _is_explained(case, looks[name]):
                yield f"{name}: {seen.because}"
        else:
            yield from (f"{name}: {what}" for what in _missing(seen))


def _not_configured(case: Case) -> Iterator[str]:
    if not case.target.host:
        yield (
            "process, log and GPU: no host is configured for it"
            " (targets[].host)"
        )
    elif case.process is None:
        yield (
            "process and log: no service is configured for it"
            " (targets[].service)"
        )


def _is_explained(case: Case, look: Look) -> bool:
    """Return whether a look met what the status is bad for."""
    status = case.status
    if status is None or not status.is_bad or look.probe not in _SAME_WAY:
        return False
    return look.last_reason == status.reason


def _before(case: Case, look: Look) -> str:
    if look.grounds is None or look.grounds.at > case.now:
        return ""
    ago = length(case.now - look.grounds.at)
    return f"; {ago} ago it was {look.grounds.health.value}"


def _missing(seen: Observation) -> tuple[str, ...]:
    """Return what a look that succeeded could not see all the same."""
    match seen.reading:
        case NetworkReading(ping_loss=None):
            return ("whether its address answers pings could not be seen",)
        case MachineReading() | ServiceReading() as reading:
            return gap_notes(reading.gaps)
        case _:
            return ()
