"""The hub: what happens, kept for a while for everybody who listens.

There is one ring for all listeners, and a listener is a place in it. So a
slow one costs nothing and is told how much it lost.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice

from monitor.domain.history import DIAGNOSIS
from monitor.domain.observation import CheckKey, Kind
from monitor.engine.events import (
    ChangeTold,
    Diagnosed,
    Event,
    Looked,
    Paged,
    PageEnded,
    PlanTold,
    Rewired,
    Skipped,
)
from monitor.ports import Clock

KEEP = 2000
"""Messages that one may come back for."""
SEATS = 256
"""Listeners at the same time; each costs a wake-up a `GATHER`."""
GATHER = 0.2
"""Seconds that news are gathered before listeners are woken."""


@dataclass(slots=True, kw_only=True)
class Message:
    """One thing that happened, at a Unix time in seconds.

    `about` is the check it is about, None for what concerns everybody.
    """

    number: int
    kind: str
    at: float
    what: object
    about: CheckKey | None = None
    _rendered: bytes | None = field(default=None, repr=False)

    def rendered(self, render: Callable[["Message"], bytes]) -> bytes:
        """Return it as it is sent; made once, and only if anybody asks."""
        if self._rendered is None:
            self._rendered = render(self)
        return self._rendered


def diagnosis_of(target: str) -> CheckKey:
    """Return what a changed diagnosis is about."""
    return CheckKey(kind=Kind.TARGET, subject=target, check=DIAGNOSIS)


def page_of(target: str) -> CheckKey:
    """Return what a page is about."""
    return CheckKey(kind=Kind.TARGET, subject=target, check="page")


def plan_of(target: str) -> CheckKey:
    """Return what a plan is about."""
    return CheckKey(kind=Kind.TARGET, subject=target, check="plan")


def change_of(target: str) -> CheckKey:
    """Return what a change is about."""
    return CheckKey(kind=Kind.TARGET, subject=target, check="change")


class Hub:
    """Hears the engine and wakes listeners. Lives on the event loop.

    `name` tells this run of the monitor from others: numbers start anew.
    """

    def __init__(
        self, clock: Clock, *, name: str, keep: int = KEEP, seats: int = SEATS
    ) -> None:
        self.name = name
        self.closed = False
        self.last = 0
        self._clock = clock
        self._ring: deque[Message] = deque(maxlen=keep)
        self._bell = asyncio.Event()
        self._ringing = False
        self._waiting = 0
        self._seats = seats

    @property
    def full(self) -> bool:
        """Whether there is no seat left."""
        return self._seats <= 0

    @contextmanager
    def seat(self) -> Iterator[None]:
        """Hold a seat for as long as the block lasts."""
        self._seats -= 1
        try:
            yield
        finally:
            self._seats += 1

    def heard(self, event: Event) -> None:
        """Keep an event that listeners may want to know."""
        if isinstance(event, Looked):
            key = event.check.key
            self.say("observation", event, about=key)
            if event.changed is not None:
                self.say("transition", event, about=key)
        elif isinstance(event, Skipped):
            self.say("skipped", event, about=event.check.key)
        elif isinstance(event, Rewired):
            self.say("reload", event)
        elif isinstance(event, Diagnosed):
            self.say("diagnosis", event, about=diagnosis_of(event.target))
        elif isinstance(event, Paged | PageEnded):
            self.say("page", event, about=page_of(event.page.target))
        else:
            self._acted(event)

    def _acted(self, event: Event) -> None:
        """Keep what is done to a server; the audit is nobody's news."""
        if isinstance(event, PlanTold):
            target = event.record.plan.aim.target
            self.say("plan", event, about=plan_of(target))
        elif isinstance(event, ChangeTold):
            self.say("change", event, about=change_of(event.change.target))

    def say(
        self, kind: str, what: object, *, about: CheckKey | None = None
    ) -> None:
        """Tell listeners something."""
        self.last += 1
        self._ring.append(
            Message(
                number=self.last,
                kind=kind,
                at=self._clock.now(),
                what=what,
                about=about,
            )
        )
        if self._waiting and not self._ringing:
            self._ringing = True
            loop = asyncio.get_running_loop()
            loop.call_later(GATHER, self._ring_bell)

    def after(self, number: int) -> tuple[Sequence[Message], int]:
        """Return what came after a number, and how much of it is lost."""
        first = self.last - len(self._ring) + 1
        skip = max(0, number + 1 - first)
        return list(islice(self._ring, skip, None)), max(0, first - 1 - number)

    async def news(self, number: int, *, within: float) -> None:
        """Wait for something after a number, at most `within` seconds."""
        if self.closed or self.last > number:
            return
        self._waiting += 1
        try:
            async with asyncio.timeout(within):
                await self._bell.wait()
        except TimeoutError:
            return
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Send every listener home."""
        self.closed = True
        self._ring_bell()

    def _ring_bell(self) -> None:
        self._ringing = False
        bell, self._bell = self._bell, asyncio.Event()
        bell.set()
