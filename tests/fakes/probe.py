"""A probe that shows what a test tells it to."""

import asyncio

from monitor.domain.health import Health
from monitor.domain.observation import (
    CheckKey,
    Kind,
    Observation,
    Reading,
)
from monitor.engine.check import Check
from monitor.ports import Clock

STUDIO = CheckKey(kind=Kind.TARGET, subject="studio", check="status")


def seen(
    health: Health = Health.HEALTHY,
    *,
    key: CheckKey = STUDIO,
    at: float = 0.0,
    reading: Reading | None = None,
    probe: str = "status",
) -> Observation:
    """Return an observation with the reason that fits its health."""
    bad = health in {Health.UNHEALTHY, Health.UNKNOWN}
    return Observation(
        key=key,
        probe=probe,
        at=at,
        duration=0.25,
        health=health,
        because=f"it is {health.value}",
        reason="refused" if bad else "",
        reading=reading,
    )


class FakeProbe:
    def __init__(self, clock: Clock, key: CheckKey = STUDIO) -> None:
        self.clock = clock
        self.key = key
        self.health = Health.HEALTHY
        self.reading: Reading | None = None
        self.error: Exception | None = None
        self.gate: asyncio.Event | None = None
        self.begun = asyncio.Event()
        self.looks = 0
        self.cleaned = False

    async def look(self) -> Observation:
        self.looks += 1
        self.begun.set()
        if self.error is not None:
            raise self.error
        try:
            if self.gate is not None:
                await self.gate.wait()
        finally:
            self.cleaned = True
        return seen(
            self.health,
            key=self.key,
            at=self.clock.now(),
            reading=self.reading,
        )


def check_of(
    probe: FakeProbe,
    *,
    kind: str = "status",
    interval: float = 30.0,
    deadline: float = 10.0,
    lane: str = "",
) -> Check:
    return Check(
        key=probe.key,
        kind=kind,
        probe=probe,
        interval=interval,
        timeout=5.0,
        deadline=deadline,
        lane=lane,
    )
