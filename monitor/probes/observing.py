"""A verdict becomes an observation: when it was, and how long it took."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Protocol

from monitor.domain.health import Health
from monitor.domain.observation import CheckKey, Observation, Reading
from monitor.ports import Clock


class Verdict(Protocol):
    """What a look means, as the domain says it."""

    @property
    def health(self) -> Health:
        """What this single look suggests."""
        ...

    @property
    def because(self) -> str:
        """A sentence for people."""
        ...

    @property
    def reason(self) -> str:
        """One word for rules, empty when the look succeeded."""
        ...

    @property
    def reading(self) -> Reading | None:
        """What was measured."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A verdict with what was measured beside it, None for nothing."""

    health: Health
    because: str
    reason: str
    reading: Reading | None


async def observe(
    key: CheckKey, clock: Clock, look: Awaitable[Verdict], probe: str = ""
) -> Observation:
    """Take a look and time it; the probe is called as its check is."""
    at, begun = clock.now(), clock.monotonic()
    verdict = await look
    return Observation(
        key=key,
        probe=probe or key.check,
        at=at,
        duration=clock.monotonic() - begun,
        health=verdict.health,
        because=verdict.because,
        reason=verdict.reason,
        reading=verdict.reading,
    )
