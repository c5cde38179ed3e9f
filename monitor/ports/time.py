"""The time, and what is due when."""

from collections.abc import (
    Awaitable,
    Callable,
)
from dataclasses import dataclass
from typing import Protocol


class Clock(Protocol):
    """The time of day and the time that passes, both in seconds."""

    def now(self) -> float:
        """Return Unix time."""
        ...

    def monotonic(self) -> float:
        """Return a clock that never jumps, for measuring lengths."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A run that is due: its planned Unix time, and runs lost before it."""

    at: float
    missed: int = 0


Turn = Callable[[Due], Awaitable[None]]


class Scheduler(Protocol):
    """Calls turns when they are due, late rather than never."""

    def every(
        self, name: str, *, interval: float, first: float, turn: Turn
    ) -> None:
        """Call `turn` at the Unix time `first` and every `interval` s."""
        ...

    def once(self, name: str, *, at: float, turn: Turn) -> None:
        """Call `turn` at the Unix time `at`; replaces an earlier `name`."""
        ...

    def cancel(self, name: str) -> None:
        """Forget `name`; unknown names are no error."""
        ...
