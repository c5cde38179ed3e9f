"""What a rule found: a cause that may hold, and what speaks for it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.cause import Remedy, Severity
from monitor.domain.health import Health
from monitor.domain.observation import CheckKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that speaks for a cause; `at` is when it was seen.

    `at` is a Unix time in seconds by our clock.
    """

    key: CheckKey
    because: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A cause that holds, as one rule sees it.

    `health` and `severity` are given where they differ from the cause's own
    row; a degraded one of an unhealthy cause is a warning by itself.
    `remedies` None are all that the table allows; a rule may leave some out
    and never add any. `wants` names checks (`process`, `host`, `gpu`, …)
    that must be looked at again before this is certain: until then, for a
    bounded time, the diagnosis before is held.
    """

    cause: str
    because: str
    facts: tuple[Fact, ...] = ()
    health: Health | None = None
    severity: Severity | None = None
    remedies: tuple[Remedy, ...] | None = None
    wants: tuple[str, ...] = ()


Rule = Callable[[Case], Iterable[Finding]]
"""Yields what it finds in a case; in any order, the deepest counts."""


def fact(look: Look, because: str = "") -> tuple[Fact, ...]:
    """Return a look as evidence: what its opinion rests on, else the last.

    `because` replaces what the look says itself.
    """
    seen = look.grounds or look.seen
    if seen is None:
        return ()
    return (Fact(key=look.key, because=because or seen.because, at=seen.at),)


def last(look: Look, because: str = "") -> tuple[Fact, ...]:
    """Return the last look as evidence, whatever the opinion is."""
    seen = look.seen
    if seen is None:
        return ()
    return (Fact(key=look.key, because=because or seen.because, at=seen.at),)
