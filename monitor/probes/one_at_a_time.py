"""A probe with a memory, looked through once at a time."""

import asyncio
from typing import Protocol

from monitor.domain.observation import Observation


class Looks(Protocol):
    """Something that can look once."""

    async def look(self) -> Observation:
        """Look once and say what was seen."""
        ...


class OneAtATime:
    """Lets a look begin when the one before it has ended.

    A probe that goes on where it left off would otherwise count the same
    lines twice when somebody asks for a look beside the scheduled one.
    """

    def __init__(self, probe: Looks) -> None:
        self._probe = probe
        self._turn = asyncio.Lock()

    async def look(self) -> Observation:
        """Look once, after the others."""
        async with self._turn:
            return await self._probe.look()
