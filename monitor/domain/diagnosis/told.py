"""What the log and the kernel told of the server that runs now.

Their times are by the host's clock; here they are by ours, so that they can
be compared with our own looks.
"""

from dataclasses import dataclass, replace
from typing import TypeVar

from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.finding import Fact
from monitor.domain.health import Health
from monitor.domain.joblog.reading import LogEvent, LogReading
from monitor.domain.machine.clocks import stamp
from monitor.domain.machine.reading import MachineReading
from monitor.domain.observation import CheckKey, Observation
from monitor.domain.quote import quote
from monitor.domain.service.reading import Process, ServiceReading

START_SLACK = 2.0
"""Seconds by which a server's start may be told too late: it is worked out
from clock ticks since boot."""
SHOWN = 200
"""Characters of a line that are quoted."""
_WORKED = "job_succeeded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something that was told once; `at` is a Unix time by our clock.

    `undated`: it may be older than that. `outlived`: a job of anybody went
    well after it.
    """

    because: str
    at: float
    fact: Fact
    undated: bool = False
    outlived: bool = False


def logged(case: Case, kind: str) -> Told | None:
    """Return the last line of a kind since the server was started."""
    read = _read(case.logs, LogReading)
    if read is None:
        return None
    seen, log = read
    kinds = [event.kind for event in log.recent]
    if kind not in kinds:
        return None
    place = kinds.index(kind)
    event = log.recent[place]
    started = started_at(case)
    if started is not None and event.at < started - START_SLACK:
        return None
    said = _told(case, seen.key, event)
    return replace(said, outlived=_WORKED in kinds[place + 1 :])


def said_before(case: Case, kind: str, within: float) -> Told | None:
    """Return what a former start said last, at most so many seconds ago."""
    event = case.memory.last_words.of(kind)
    if event is None or case.logs is None:
        return None
    told = _told(case, case.logs.key, event)
    return told if case.now - told.at <= within else None


def clock_ahead(case: Case) -> float:
    """Return how many seconds the host's clock is ahead of ours.

    0 where nobody told its time: most clocks are kept by NTP.
    """
    machine = machine_reading(case)
    if machine is not None and machine.clock_offset is not None:
        return machine.clock_offset
    service = _read(case.process, ServiceReading)
    if service and service[1].now is not None:
        seen, reading = service
        return (reading.now or 0.0) - (seen.at + seen.duration)
    return 0.0


def machine_reading(case: Case) -> MachineReading | None:
    """Return what the last look that could read the machine read."""
    read = _read(case.machine, MachineReading)
    return read[1] if read else None


def processes(case: Case) -> tuple[Process, ...]:
    """Return the service's processes, empty where none is known."""
    read = _read(case.process, ServiceReading)
    return read[1].processes if read else ()


def started_at(case: Case) -> float | None:
    """Return when the server was started, by the host's clock."""
    read = _read(case.process, ServiceReading)
    server = read[1].server if read else None
    return server.started_at if server else None


_T = TypeVar("_T")


def _read(look: Look | None, kind: type[_T]) -> tuple[Observation, _T] | None:
    """Return the last look that could read anything.

    One that could not does not make untrue what was read before.
    """
    if look is None or look.seen is None:
        return None
    for seen in (look.seen, look.grounds):
        if seen is None or seen.health is Health.UNKNOWN:
            continue
        if isinstance(seen.reading, kind):
            return seen, seen.reading
    return None


def _told(case: Case, key: CheckKey, event: LogEvent) -> Told:
    at = event.at - clock_ahead(case)
    because = _words(event, at)
    return Told(
        because=because,
        at=at,
        fact=Fact(key=key, because=because, at=at),
        undated=event.undated,
    )


def _words(event: LogEvent, at: float) -> str:
    line = quote(event.evidence, SHOWN)
    if event.undated:
        return f'the log holds, from nobody knows when: "{line}"'
    return f'the log said at {stamp(at)}: "{line}"'
