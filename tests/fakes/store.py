"""A store that keeps everything in a list; it can be full, or locked."""

import asyncio
from collections.abc import Sequence

from monitor.domain.canary.reading import CanaryReading
from monitor.domain.errors import CannotStore
from monitor.domain.judgement import Transition
from monitor.domain.observation import CheckKey, Observation


class FakeStore:
    def __init__(self) -> None:
        self.kept: list[Observation] = []
        self.transitions: list[Transition] = []
        self.full = False
        self.locked: asyncio.Event | None = None

    async def remember(
        self, seen: Observation, changed: Transition | None
    ) -> None:
        if self.locked is not None:
            await self.locked.wait()
        if self.full:
            raise CannotStore("cannot use the state database: disk full")
        if isinstance(seen.reading, CanaryReading):
            self.kept.append(seen)
        if changed is not None:
            self.transitions.append(changed)

    async def canary_history(
        self, key: CheckKey, *, limit: int
    ) -> Sequence[Observation]:
        return [s for s in reversed(self.kept) if s.key == key][:limit]
