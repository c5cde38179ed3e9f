"""Which life of a server a canary was about: the one now, or one before.

A canary runs every few minutes. What it saw before the server was restarted,
or while nobody could reach it, says nothing of the server that runs now, and
would be a second fault, and page, after the cure of the first.
"""

from dataclasses import replace

from monitor.domain.diagnosis.case import Look
from monitor.domain.health import Health
from monitor.domain.observation import Observation
from monitor.domain.service.reading import ServiceReading


def began(status: Look | None, process: Look | None) -> float:
    """Return since when, by our clock, this life lasts; 0 if not known.

    That is when its status was believed to be well again, or when its
    process was started, whichever is later.
    """
    return max(_well_since(status), _started(process))


def in_this_life(look: Look, since: float) -> Look:
    """Return a look without what failed before a Unix time."""
    seen, grounds = look.seen, look.grounds
    if _failed_before(seen, since):
        look = replace(look, seen=None)
    if _failed_before(grounds, since):
        look = replace(look, health=Health.UNKNOWN, grounds=None)
    return look


def _failed_before(seen: Observation | None, since: float) -> bool:
    if seen is None or seen.health is Health.HEALTHY:
        return False
    return seen.at + seen.duration < since


def _well_since(status: Look | None) -> float:
    if status is None or not status.is_well:
        return 0.0
    return status.since or 0.0


def _started(process: Look | None) -> float:
    seen = process.seen if process else None
    reading = seen.reading if seen else None
    if seen is None or not isinstance(reading, ServiceReading):
        return 0.0
    if reading.server is None or reading.now is None:
        return 0.0
    age = max(0.0, reading.now - reading.server.started_at)
    return seen.at + seen.duration - age
