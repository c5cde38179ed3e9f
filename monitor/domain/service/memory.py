"""What is kept of earlier looks at a service: what one look cannot show."""

from dataclasses import dataclass, replace

from monitor.domain.service.reading import ServiceReading

LOOP_WITHIN = 600.0
"""Seconds in which starts are counted (DESIGN §4.6, crash_loop)."""
_MOST_STARTS = 100
_STOPS = ("stop",)

_Server = tuple[int, int]
"""A process of one boot: its pid and the clock tick when it started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceMemory:
    """Times are ours and never jump (`Clock.monotonic`), in seconds.

    `reading` is the last one and `seen_at` when it was taken. `starts` are
    when we saw that the service had started again, the last 10 minutes.
    `waiting` counts the looks in a row at which the server waited in the
    kernel. `stop_seen`: a stop job was under way when it last ran.
    """

    reading: ServiceReading | None = None
    seen_at: float = 0.0
    boot_id: str = ""
    server: _Server | None = None
    restarts: int | None = None
    starts: tuple[float, ...] = ()
    waiting: int = 0
    stop_seen: bool = False


def remember(
    memory: ServiceMemory, reading: ServiceReading, at: float
) -> ServiceMemory:
    """Return the memory after a look.

    What belongs to an earlier boot is gone: that everything started anew
    then is no crash.
    """
    before = _of_this_boot(memory, reading.boot_id)
    server, restarts = _server(reading), _restarts(reading)
    recent = tuple(
        one for one in before.starts if 0 <= at - one <= LOOP_WITHIN
    )
    started = (at,) * min(_started(before, server, restarts), _MOST_STARTS)
    return replace(
        before,
        reading=reading,
        seen_at=at,
        server=before.server if server is None else server,
        restarts=before.restarts if restarts is None else restarts,
        starts=(*recent, *started)[-_MOST_STARTS:],
        waiting=_waiting(before, reading),
        stop_seen=_stop_seen(before, reading),
    )


def _of_this_boot(memory: ServiceMemory, boot_id: str) -> ServiceMemory:
    if not boot_id or boot_id == memory.boot_id:
        return memory
    if not memory.boot_id:
        return replace(memory, boot_id=boot_id)
    return ServiceMemory(boot_id=boot_id)


def _server(reading: ServiceReading) -> _Server | None:
    server = reading.server
    return None if server is None else (server.pid, server.start_ticks)


def _restarts(reading: ServiceReading) -> int | None:
    return None if reading.unit is None else reading.unit.restarts


def _started(
    before: ServiceMemory, server: _Server | None, restarts: int | None
) -> int:
    """Return how often it started since the look before.

    A manager that counts its own restarts knows all that nobody asked for,
    and begins anew when somebody restarts it. Without a count only another
    process shows that it ended.
    """
    if before.restarts is not None and restarts is not None:
        return max(0, restarts - before.restarts)
    known = before.server is not None and server is not None
    return int(known and before.server != server)


def _waiting(before: ServiceMemory, reading: ServiceReading) -> int:
    server = reading.server
    if server is None or server.state != "D":
        return 0
    is_same = (server.pid, server.start_ticks) == before.server
    return before.waiting + 1 if is_same else 1


def _stop_seen(before: ServiceMemory, reading: ServiceReading) -> bool:
    """Return whether the last thing that happened to a unit was a stop."""
    unit = reading.unit
    if unit is None:
        return before.stop_seen
    if unit.job in _STOPS:
        return True
    return before.stop_seen and unit.active_state in {
        "deactivating",
        "inactive",
        "failed",
    }
