"""How busy a process was between two looks at it."""

from monitor.domain.service.reading import Process, ServiceReading

_LEAST = 0.5
"""Seconds between two looks: /proc counts in steps of 0.01 s."""
_SLACK = 1.0
_SLACK_SHARE = 0.2
"""How far the host's clock and ours may differ over the time between two
looks. Above it one of them was set, and a ratio would be wrong."""


def cpu_ratio(
    before: ServiceReading | None, after: ServiceReading, passed: float
) -> float | None:
    """Return CPU seconds a second, 1 for one busy CPU, by the host's clock.

    `passed` is how many seconds our own clock measured between the looks.
    None for another process than before, one whose counter went back, and
    where the time between the looks is not certain.
    """
    if before is None or before.boot_id != after.boot_id:
        return None
    one, other = before.server, after.server
    if one is None or other is None or not _are_one(one, other):
        return None
    elapsed = _elapsed(before, after, passed)
    if elapsed is None or one.cpu_seconds is None or other.cpu_seconds is None:
        return None
    used = other.cpu_seconds - one.cpu_seconds
    return used / elapsed if used >= 0 else None


def _are_one(one: Process, other: Process) -> bool:
    return (one.pid, one.start_ticks) == (other.pid, other.start_ticks)


def _elapsed(
    before: ServiceReading, after: ServiceReading, passed: float
) -> float | None:
    if before.now is None or after.now is None:
        return None
    there = after.now - before.now
    if there < _LEAST:
        return None
    slack = max(_SLACK, _SLACK_SHARE * passed)
    return there if abs(there - passed) <= slack else None
