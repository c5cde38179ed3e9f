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


def worst(healths: Iterable[Health]) -> Health:
    """Return the worst known health; unknown only when nothing is known."""
    return max(healths, key=_SEVERITY.__getitem__, default=Health.UNKNOWN)
