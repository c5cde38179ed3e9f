"""The gate of a host, over its one SSH connection."""

import random
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from functools import partial

from monitor.adapters.gate import flaws, plain
from monitor.adapters.gate.attempts import Attempts
from monitor.adapters.gate.bundle import program
from monitor.adapters.gate.greet import NoGate, greet
from monitor.adapters.gate.session import Session
from monitor.adapters.gate.start import PYTHONS
from monitor.adapters.gate.watching import MISSED, Watching
from monitor.adapters.ssh.deadline import Deadline
from monitor.adapters.ssh.host import SshHost
from monitor.ports import Clock, GateAnswer

Body = Mapping[str, object]
Parts = Mapping[str, Body]

MARGIN = 0.5
"""Seconds that a gate ends before we would give up on it: its gaps say
more than our deadline. Of a shorter time, a quarter."""

WATCH = 20.0
"""Seconds to begin a watch."""


class RemoteGate:
    """A host's gate, as `monitor.ports.Gate`.

    `program` is what is sent where none is installed, `pythons` where one
    is looked for, `chance` returns 0 to 1, `alive` is for tests.
    """

    alive = 10.0

    def __init__(
        self,
        host: SshHost,
        clock: Clock,
        program: Callable[[], bytes] = program,
        *,
        pythons: Sequence[str] = PYTHONS,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._host = host
        self.where = host.where
        self._attempts = Attempts(
            host.where,
            partial(greet, host, program, pythons),
            clock,
            chance,
            lambda: host.state == "connected",
        )
        self._watching = Watching(clock, chance)

    async def way(self, *, within: float) -> str:
        """Return how we observe: installed, stdin or plain.

        Asks the host only where that is not known. Raises `CannotReach`.
        """
        found = await self._attempts.session(Deadline(within))
        return "plain" if isinstance(found, NoGate) else found.greeting.way

    async def hello(self, *, within: float) -> GateAnswer:
        """Return how we observe there, and what may be asked.

        Raises `CannotReach`.
        """
        deadline = Deadline(within)
        found = await self._attempts.session(deadline)
        if isinstance(found, NoGate):
            return await self._observe_plainly(found, {}, deadline)
        return await self._ask(found, "hello", {}, deadline)

    async def observe(self, parts: Parts, *, within: float) -> GateAnswer:
        """Observe some parts; what is missing is in the answer's gaps.

        Raises `CannotReach`.
        """
        deadline = Deadline(within)
        found = await self._attempts.session(deadline)
        if isinstance(found, NoGate):
            return await self._observe_plainly(found, parts, deadline)
        left = deadline.remaining()
        limit = left - min(MARGIN, left / 4)
        asked = {"within": round(limit, 3), "parts": parts}
        answer = await self._ask(found, "observe", asked, deadline)
        self._check(answer.body)
        return answer

    async def files(self, request: Body, *, within: float) -> GateAnswer:
        """Put, get, remove or list a file below the canary directory.

        Raises `CannotReach`.
        """
        deadline = Deadline(within)
        found = await self._attempts.session(deadline)
        if isinstance(found, NoGate):
            raise flaws.missing(self.where, "move files", found.because)
        return await self._ask(found, "files", request, deadline)

    async def watch(
        self, services: Sequence[Body]
    ) -> AsyncGenerator[Body, None]:
        """Yield what happens to these services, until the line is lost.

        Ends by raising `CannotReach`. After a loss the next watch waits a
        moment, which is left to chance: hosts that were lost together do
        not come back together.
        """
        async with self._watching.turn():
            session = await self._watchable()
            happened = self._watching.events(
                session, services, MISSED * self.alive
            )
            async with aclosing(happened) as events:
                async for event in events:
                    yield event

    async def close(self) -> None:
        """End the gate; what is asked of it fails."""
        await self._attempts.close()

    async def _watchable(self) -> Session:
        found = await self._attempts.session(Deadline(WATCH))
        if isinstance(found, NoGate):
            raise flaws.missing(self.where, "watch", found.because)
        return found

    async def _ask(
        self, session: Session, verb: str, fields: Body, deadline: Deadline
    ) -> GateAnswer:
        within = deadline.remaining()
        body = await session.ask(verb, fields, within=within)
        if refused := flaws.refusal(body, self.where):
            raise refused
        greeting = session.greeting
        return GateAnswer(
            way=greeting.way,
            body=body,
            version=greeting.version,
            python=greeting.python,
            verbs=greeting.verbs,
        )

    async def _observe_plainly(
        self, found: NoGate, parts: Parts, deadline: Deadline
    ) -> GateAnswer:
        body = await plain.observe(
            self._host,
            self.where,
            parts,
            found.because,
            within=deadline.remaining(),
        )
        return GateAnswer(way="plain", body=body, verbs=("hello", "observe"))

    def _check(self, body: Body) -> None:
        if not isinstance(body.get("parts"), dict):
            raise flaws.malformed(self.where, "it has no parts")
        if not isinstance(body.get("gaps", []), list):
            raise flaws.malformed(self.where, "its gaps are no list")
