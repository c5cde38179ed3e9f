"""When a check is due, and when what it saw is too old."""

from hashlib import blake2b


def phase(name: str, interval: float) -> float:
    """Return a check's own offset within its interval, in seconds.

    It depends on the name alone, so a restart keeps it and a fleet is spread
    evenly instead of being looked at all at once.
    """
    digest = blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64 * interval


def first_run(name: str, interval: float, now: float) -> float:
    """Return the Unix time of the first regular run at or after `now`."""
    offset = phase(name, interval)
    turns = -((offset - now) // interval)
    return offset + turns * interval


def stale_after(interval: float, timeout: float) -> float:
    """Return the age in seconds at which a reading is no fact any more.

    Twice the interval plus the timeout (DESIGN §4.5): one late or lost look
    does not remove a series, two do.
    """
    return 2 * interval + timeout
