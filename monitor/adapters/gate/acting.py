"""The acting gate of a machine, over a connection of its own."""

from collections.abc import Callable, Mapping
from functools import partial

from typing_extensions import override

from monitor.adapters.gate import acting_requests as requests
from monitor.adapters.gate.acting_answers import (
    became_answer,
    done_answer,
    looked_answer,
    prepared_answer,
)
from monitor.adapters.gate.acting_flaws import refusal
from monitor.adapters.gate.acting_line import ROLE, ActingLine
from monitor.adapters.gate.session import Session
from monitor.adapters.ssh.deadline import Deadline
from monitor.adapters.ssh.host import SshHost
from monitor.domain.recovery.plan import Aim
from monitor.domain.service.asked import Asked
from monitor.domain.service.reading import ServiceReading
from monitor.ports import Errand, GateAnswer, Hand, HandAnswer

Body = Mapping[str, object]

MARGIN = 2.0
"""Seconds that the gate ends before we would give up on it, so that its
answer still comes. Of a shorter time, a quarter."""
IDLE = 60.0
"""Seconds without a request after which the connection is closed: whoever
may act should not be logged in while there is nothing to do."""


class RemoteHand(Hand):
    """A machine's acting gate, as `monitor.ports.Hand`.

    `connect` makes the connection that the key for `role` (act, reboot)
    opens; it is called again after each rest. `where` names the machine in
    errors. Nothing is ever asked twice: what is sent again, and when, is for
    whoever asks.
    """

    def __init__(
        self,
        connect: Callable[[], SshHost],
        where: str,
        *,
        idle: float = IDLE,
        role: str = ROLE,
    ) -> None:
        self._where = where
        self._line = ActingLine(connect, where, idle, role)

    async def hello(self, *, within: float) -> GateAnswer:
        """Return who answers the key. Raises `CannotReach`."""
        async with self._line.session(Deadline(within)) as session:
            greeting = session.greeting
        return GateAnswer(
            way=greeting.way,
            body=greeting.body,
            version=greeting.version,
            python=greeting.python,
            verbs=greeting.verbs,
        )

    async def look(self, asked: Asked, *, within: float) -> ServiceReading:
        """Return what root sees of a service; nothing is noted there.

        The observing key sees less: not where processes of others run.
        Raises `CannotReach`, `HandRefused`.
        """
        parts: Body = {"service": asked.question}
        deadline = Deadline(within)
        async with self._line.session(deadline) as session:
            body = await _observed(session, parts, deadline)
        if refused := refusal(body, self._where):
            raise refused
        return looked_answer(body, asked, self._where)

    @override
    async def prepare(
        self, aim: Aim, errand: Errand, *, within: float
    ) -> HandAnswer:
        asked = partial(requests.prepare, aim, errand)
        body = await self._ask(asked, within)
        return prepared_answer(body, aim, self._where)

    @override
    async def act(
        self, aim: Aim, errand: Errand, *, within: float
    ) -> HandAnswer:
        asked = partial(requests.act, aim, errand)
        return done_answer(await self._ask(asked, within), self._where)

    @override
    async def became(
        self, aim: Aim, errand: Errand, *, within: float
    ) -> HandAnswer:
        asked = partial(requests.became, aim, errand)
        body = await self._ask(asked, within)
        return became_answer(body, aim, self._where)

    async def close(self) -> None:
        """End the connection; what is asked of the gate fails."""
        await self._line.close()

    async def _ask(
        self, asked: Callable[[float], Body], within: float
    ) -> Body:
        deadline = Deadline(within)
        async with self._line.session(deadline) as session:
            body = await _asked(session, asked, deadline)
        if refused := refusal(body, self._where):
            raise refused
        return body


async def _observed(session: Session, parts: Body, deadline: Deadline) -> Body:
    left = deadline.remaining()
    limit = round(left - min(MARGIN, left / 4), 3)
    asked = {"parts": parts, "within": limit}
    return await session.ask("observe", asked, within=left)


async def _asked(
    session: Session, asked: Callable[[float], Body], deadline: Deadline
) -> Body:
    left = deadline.remaining()
    limit = round(left - min(MARGIN, left / 4), 3)
    return await session.ask("act", asked(limit), within=left)
