"""Series about the FaceFusion servers: up, health, what they say."""

from monitor.domain.fleet import Target
from monitor.domain.health import Health
from monitor.domain.observation import Observation
from monitor.domain.status import StatusReading
from monitor.outputs.metrics.sheet import Sheet
from monitor.outputs.metrics.text import Labels, labels


def info(sheet: Sheet, target: Target) -> None:
    """Write who a server is, with its configured labels."""
    said = {
        "target": target.name,
        "host": target.host,
        "url": target.url,
        "dialect": target.dialect,
        **dict(target.labels),
    }
    sheet.put("facefusion_target_info", 1, labels(**said))


def state(
    sheet: Sheet, target: Labels, health: Health, *, planned: bool
) -> None:
    """Write a server's health, and whether work on it is planned."""
    for one in Health:
        which = target.also(state=one.value)
        sheet.put("facefusion_health", one is health, which)
    sheet.put("facefusion_maintenance", planned, target)


def status(sheet: Sheet, seen: Observation, target: Labels) -> None:
    """Write what the status look showed."""
    if seen.health is not Health.UNKNOWN:  # our own trouble is not theirs
        sheet.put("facefusion_up", seen.succeeded, target)
    if isinstance(seen.reading, StatusReading):
        sheet.put("facefusion_status_code", seen.reading.code, target)
        sheet.put("facefusion_queue_size", seen.reading.queue_size, target)


def identity(sheet: Sheet, said: StatusReading | None, target: Labels) -> None:
    """Write what a server last said it is, if it ever said."""
    if said is None:
        return
    who = target.also(version=said.version, dialect=said.dialect)
    sheet.put("facefusion_server_info", 1, who)
