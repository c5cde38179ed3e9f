"""A service on its machine: unit, process, port, log and jobs."""

from collections.abc import Iterator

from monitor.domain.joblog.reading import JobsReading, LogReading
from monitor.domain.machine.clocks import stamp
from monitor.domain.machine.words import size
from monitor.domain.quote import quote
from monitor.domain.service.reading import Process, ServiceReading, Unit

_LISTENERS = 4
_EVENTS = 5
_LINES = 5
_LONGEST = 160


def service_facts(reading: ServiceReading) -> Iterator[str]:
    """Yield the unit, the process that serves and who has the port."""
    if reading.unit is not None:
        yield _unit(reading.unit)
    if reading.server is not None:
        yield _process(reading.server, reading)
    for one in reading.listeners[:_LISTENERS]:
        whose = "" if one.pid is None else f" by pid {one.pid}"
        inside = " in its container" if one.in_container else ""
        yield f"listens on {one.address}:{one.port}{whose}{inside}"
    holder = reading.port_holder
    if holder is not None:
        who = quote(holder.name) or "somebody whom we may not see"
        pid = "" if holder.pid is None else f" (pid {holder.pid})"
        yield f"port {reading.port} is held by {who}{pid}"


def log_facts(reading: LogReading) -> Iterator[str]:
    """Yield the lines that mean something, and the last ones."""
    for event in reading.recent[-_EVENTS:]:
        when = "undated" if event.undated else stamp(event.at)
        yield f'{event.kind}, {when}: "{quote(event.evidence, _LONGEST)}"'
    for line in reading.last_lines[-_LINES:]:
        yield f"| {quote(line, _LONGEST)}"


def jobs_facts(reading: JobsReading) -> Iterator[str]:
    """Yield what is in work."""
    for job in reading.started:
        since = (
            ""
            if job.updated_at is None
            else f", changed last {stamp(job.updated_at)}"
        )
        yield f"in work: {quote(job.id)}{since}"


def _unit(unit: Unit) -> str:
    states = (unit.active_state or unit.state, unit.sub_state)
    state = ", ".join(one for one in states if one) or "unknown"
    since = "" if unit.since is None else f" since {stamp(unit.since)}"
    return f"{unit.name}: {state}{since}"


def _process(server: Process, reading: ServiceReading) -> str:
    told = [f"started {stamp(server.started_at)}"]
    if server.user:
        told.append(f"as {quote(server.user)}")
    if server.resident_bytes is not None:
        told.append(f"{size(server.resident_bytes)} resident")
    if reading.cpu_ratio is not None:
        told.append(f"{reading.cpu_ratio:.0%} CPU")
    return f"pid {server.pid}: {', '.join(told)}"
