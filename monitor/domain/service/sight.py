"""What could not be seen: no evidence is not evidence."""

from monitor.domain.service.reading import ServiceReading

_WORDS = (
    *("cgroup", "cwd", "listener", "port"),
    *("process", "stray", "unit", "user"),
)
"""What gaps of a service are about, or a part of such a name."""


def cannot_see(reading: ServiceReading, what: str) -> bool:
    """Return whether a gap says that `what` could not all be seen.

    A gap about the whole part, which names nothing of it, hides everything.
    """
    return any(
        what in gap.what or not any(word in gap.what for word in _WORDS)
        for gap in reading.gaps
        if gap.part == "service"
    )


def may_be_hidden(reading: ServiceReading) -> bool:
    """Return whether processes may run that we did not see."""
    if reading.manager != "process" and reading.unit is None:
        return True
    return any(cannot_see(reading, what) for what in ("process", "cwd"))
