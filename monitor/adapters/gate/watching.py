"""What a gate tells unasked, and the end of one that goes silent."""

import asyncio
import contextlib
from collections import deque
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Callable,
    Mapping,
    Sequence,
)

from monitor.adapters.gate import flaws
from monitor.adapters.gate.session import Session
from monitor.adapters.ssh.backoff import BackOff
from monitor.domain.errors import CannotReach
from monitor.ports import Clock

Body = Mapping[str, object]

MISSED = 3
"""Signs of life that may be missing."""

BEGINNING = 10.0
"""Seconds for a gate to say that it watches."""

MOST = 300
_MINUTE = 60.0
"""Events that we take in so many seconds. A gate of ours stops at 100; each
makes us look at a server, and is told."""


class Watching:
    """Begins a watch, not too often, and hears its events."""

    def __init__(self, clock: Clock, chance: Callable[[], float]) -> None:
        self._clock = clock
        self._backoff = BackOff(chance)

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait after the last loss, and remember the next."""
        await asyncio.sleep(self._backoff.remaining(self._clock.monotonic()))
        try:
            yield
        except CannotReach:
            self._backoff.failed(self._clock.monotonic())
            raise

    async def events(
        self, session: Session, services: Sequence[Body], patience: float
    ) -> AsyncGenerator[Body, None]:
        """Yield what happens, without the signs of life.

        Raises `CannotReach` at the end, and after `patience` seconds of
        silence.
        """
        happened = session.listen()
        lately: deque[float] = deque(maxlen=MOST)
        try:
            await _begin(session, services)
            while True:
                event = await _next(session, happened, patience)
                if isinstance(event, CannotReach):
                    raise event
                if event.get("event") == "alive":
                    self._backoff.worked()
                else:
                    self._check_rate(session, lately)
                    yield event
        finally:
            session.leave(happened)

    def _check_rate(self, session: Session, lately: deque[float]) -> None:
        now = self._clock.monotonic()
        if len(lately) == MOST and now - lately[0] < _MINUTE:
            flaw = f"it tells more than {MOST} events a minute"
            failure = flaws.malformed(session.where, flaw)
            session.end(failure)
            raise failure
        lately.append(now)


async def _begin(session: Session, services: Sequence[Body]) -> None:
    asked = {"services": list(services)}
    begun = await session.ask("watch", asked, within=BEGINNING)
    if refused := flaws.refusal(begun, session.where):
        raise refused


async def _next(
    session: Session,
    happened: "asyncio.Queue[Body | CannotReach]",
    patience: float,
) -> Body | CannotReach:
    while (left := patience - session.silence) > 0:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(left):
                return await happened.get()
    failure = flaws.silent(session.where, patience, "it is frozen")
    session.end(failure)
    return failure
