"""A layer of the checklist, and what was found in it."""

from collections.abc import Iterable
from dataclasses import dataclass

from monitor.domain.health import Health
from monitor.domain.observation import Observation

LAYERS = (
    "network",
    "tls",
    "api",
    "browser",
    "backend",
    "machine",
    "process",
    "log",
    "jobs",
    "gpu",
    "cuda",
    "canary",
    "again",
)
"""Their names in the order in which they are told; a public promise.

`again` is what was looked at a second time, to be certain.
"""
NOT_CONFIGURED = "not_configured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that was looked at, for so many `seconds`.

    `reason` is one word for rules, empty when all is well. `facts` are what
    was read beside it, a sentence or a figure each.
    """

    check: str
    health: Health
    because: str
    reason: str = ""
    seconds: float = 0.0
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A part of the checklist: one of `LAYERS` and its lines."""

    name: str
    lines: tuple[Line, ...]


def line_of(
    seen: Observation, facts: Iterable[str] = (), *, check: str = ""
) -> Line:
    """Return a look as it speaks for itself, with facts beside it."""
    return Line(
        check=check or seen.key.check,
        health=seen.health,
        because=seen.because,
        reason=seen.reason,
        seconds=seen.duration,
        facts=tuple(facts),
    )


def not_configured(check: str, setting: str) -> Line:
    """Return the line of something that nobody asked for, and how to."""
    return Line(
        check=check,
        health=Health.UNKNOWN,
        because=f"not configured: set {setting}",
        reason=NOT_CONFIGURED,
    )
