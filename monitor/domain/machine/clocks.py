"""A host's clock and ours, never mixed in one value.

All are Unix times in seconds, by whichever clock their name says.
"""

from datetime import UTC, datetime

_DRIFT = 2.0
"""Seconds by which the same boot looks later or earlier between two looks:
an answer takes time to come, and clocks are slewed."""
_ANSWER_LIMIT = 60.0
"""Seconds that the gate gives a part at most (monitor/gate/README.md)."""


def clock_offset(theirs: float | None, ours: float) -> float | None:
    """Return how many seconds the host's clock is ahead of ours."""
    return None if theirs is None else theirs - ours


def boot_time(
    uptime: float | None,
    looked_at: float | None,
    answered_at: float | None,
    *,
    ours: float,
) -> float | None:
    """Return when the host booted, by our clock.

    `looked_at` is the host's clock when it read its uptime, `answered_at`
    when it answered, `ours` our clock when the answer was there.
    """
    if uptime is None:
        return None
    return ours - uptime - _waited(looked_at, answered_at)


def _waited(looked_at: float | None, answered_at: float | None) -> float:
    """Return the seconds that a reading waited for its answer to leave.

    Nothing where the host's clock was set meanwhile.
    """
    if looked_at is None or answered_at is None:
        return 0.0
    waited = answered_at - looked_at
    return waited if 0 <= waited <= _ANSWER_LIMIT else 0.0


def steady(boot: float | None, before: float | None) -> float | None:
    """Return the boot time as it was told before where it is the same.

    A series that trembles would look like a reboot to `changes()`.
    """
    if boot is None or before is None or abs(boot - before) > _DRIFT:
        return boot
    return before


def stamp(at: float) -> str:
    """Return a Unix time in words for people, in UTC.

    A time that no calendar has stays a number.
    """
    try:
        return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (OverflowError, ValueError, OSError):
        return f"{at:.0f}"
