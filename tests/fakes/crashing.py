"""A monitor that is killed at one of its calls: `kill -9`, not an error.

Nothing that it does afterwards reaches the journal or a machine.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Moment = Literal["before", "after", "during"]
WRITES = frozenset(
    {
        "note",
        "keep_plan",
        "approve",
        "close_plan",
        "apply",
        "move",
        "say",
        "ask_to_cancel",
        "lock",
        "beat",
        "unlock",
        "raise_token",
        "intend",
        "take_over",
        "capture",
        "prepare",
        "act",
        "became",
    }
)
"""What changes the journal, and all that a hand is asked for."""


class Crash(BaseException):
    """The monitor is dead; no `except Exception` hears of it."""


@dataclass
class Fuse:
    """Blows at the n-th call, counted from 1; never where `at` is 0.

    `during` is a second after a call began, while it goes on by itself.
    """

    at: int = 0
    moment: Moment = "before"
    calls: list[str] = field(default_factory=list)
    blown: bool = False

    def count(self, name: str) -> Moment | None:
        """Count a call; return when we die of it, None for not."""
        self.calls.append(name)
        return self.moment if len(self.calls) == self.at else None

    def alive(self) -> None:
        """Let nobody do anything who is dead."""
        if self.blown:
            raise Crash

    def blow(self) -> None:
        self.blown = True
        raise Crash


class Crashing:
    """Stands before a journal or a hand, and calls it until the fuse blew."""

    def __init__(self, inner: object, fuse: Fuse) -> None:
        self._inner = inner
        self._fuse = fuse

    def __getattr__(self, name: str) -> Callable[..., object]:
        call, fuse = getattr(self._inner, name), self._fuse

        async def guarded(*args: object, **named: object) -> object:
            fuse.alive()
            moment = fuse.count(name) if name in WRITES else None
            if moment == "before":
                fuse.blow()
            if moment == "during":
                going = asyncio.ensure_future(call(*args, **named))
                await asyncio.wait({going}, timeout=1.0)
                going.cancel()
                fuse.blow()
            done = await call(*args, **named)
            if moment == "after":
                fuse.blow()
            fuse.alive()
            return done

        return guarded
