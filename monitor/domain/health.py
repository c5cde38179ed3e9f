"""Health: the four words everything is judged with."""

from collections.abc import Iterable
from enum import StrEnum


class Health(StrEnum):
    """How well something is, in the words of `facefusion_health`."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"
    UNKNOWN = "unknown"


_SEVERITY = {
    Health.UNKNOWN: 0,
    Health.HEALTHY: 1,
    Health.DEGRADED: 2,
    Health.UNHEALTHY: 3,
}


BAD = frozenset({Health.DEGRADED, Health.UNHEALTHY})
"""What is known not to be well."""


def worst(healths: Iterable[Health]) -> Health:
    """Return the worst known health; unknown only when nothing is known."""
    return max(healths, key=_SEVERITY.__getitem__, default=Health.UNKNOWN)


def of_target(status: Health, others: Iterable[Health]) -> Health:
    """Return a server's health from its status check and its other checks.

    Good canaries cannot vouch for a server whose status nobody knows.
    """
    overall = worst((status, *others))
    if overall is Health.HEALTHY:
        return status
    return overall
