"""What every proof needs, and the loop that all of them are."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from monitor.domain.fleet import Target
from monitor.domain.recovery.plan import Aim
from monitor.domain.recovery.proof import Word
from monitor.engine.recovery.proving_before import Before
from monitor.engine.recovery.runner_kit import Kit

LOOKS_EVERY = 2.0
"""Seconds between two looks while it is proved."""
LOOKS_LATE = 120.0
"""Seconds that looks may be late altogether before nothing is proved."""
LATE = "looks at it took too long to prove anything"
Say = Callable[[str], Awaitable[None]]


class Judged(Protocol):
    """What looks came to: `proof.Proof` or `proof_reboot.Returned`."""

    @property
    def word(self) -> Word:
        """What is known."""
        ...

    @property
    def because(self) -> str:
        """Why."""
        ...


_J = TypeVar("_J", bound=Judged)


@dataclass(frozen=True, kw_only=True, eq=False)
class Proving:
    """What was done, to which server, and what was there before.

    `sent` is when the effect was sent, by the clock that does not jump.
    """

    kit: Kit
    target: Target
    aim: Aim
    before: Before
    sent: float

    def since_sent(self) -> float:
        """Return the seconds since the effect was sent."""
        return self.kit.clock.monotonic() - self.sent


async def until_known(
    look: Callable[[], Awaitable[None]], judge: Callable[[], _J], say: Say
) -> _J:
    """Look again and again, until looks prove something or it has failed."""
    while True:
        await look()
        found = judge()
        if found.word != "pending":
            return found
        await say(found.because)
        await asyncio.sleep(LOOKS_EVERY)
