"""Series about the FaceFusion servers: up, health, what they say."""

from dataclasses import dataclass

from monitor.domain.diagnosis.cause import CAUSES, DEPTH
from monitor.domain.fleet import Target
from monitor.domain.health import Health
from monitor.domain.observation import Observation
from monitor.domain.status import StatusReading
from monitor.outputs.metrics.sheet import Sheet
from monitor.outputs.metrics.text import Labels, labels


@dataclass(frozen=True, slots=True)
class State:
    """How a server does: its health, and whether work on it is planned.

    `cause` is its diagnosis, empty where nobody makes one. `pages` holds
    the cause and severity of the page that is told, if there is one.
    """

    health: Health
    planned: bool
    cause: str = ""
    pages: tuple[tuple[str, str], ...] = ()


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


def causes(sheet: Sheet) -> None:
    """Write every cause, whoever it is about."""
    for word in DEPTH:
        row = CAUSES[word]
        said = labels(
            cause=word, severity=row.severity.value, runbook=row.runbook
        )
        sheet.put("facefusion_cause_info", 1, said)


def state(sheet: Sheet, target: Labels, now: State) -> None:
    """Write how a server does, and whether anybody is to be told."""
    for one in Health:
        which = target.also(state=one.value)
        sheet.put("facefusion_health", one is now.health, which)
    if now.cause:
        which = target.also(cause=now.cause)
        sheet.put("facefusion_diagnosis", 1, which)
    for cause, severity in now.pages:
        which = target.also(cause=cause, severity=severity)
        sheet.put("facefusion_page", 1, which)
    sheet.put("facefusion_maintenance", now.planned, target)


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
