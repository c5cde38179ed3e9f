"""From a host to a session with its gate, or to the news of none."""

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from monitor.adapters.gate import flaws
from monitor.adapters.gate.session import Greeting, Session
from monitor.adapters.gate.start import COMMAND, opening
from monitor.adapters.gate.talk import Talk
from monitor.adapters.ssh.deadline import Deadline
from monitor.adapters.ssh.host import SshHost
from monitor.domain.errors import CannotReach
from monitor.domain.quote import quote

Body = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoGate:
    """A host without Python for a gate: plain commands are what is left."""

    because: str


async def greet(
    host: SshHost,
    program: Callable[[], bytes],
    pythons: Sequence[str],
    deadline: Deadline,
) -> Session | NoGate:
    """Start a gate on a new channel. Raises `CannotReach`."""
    text = await asyncio.to_thread(program)
    stream = await host.stream(COMMAND, within=deadline.remaining())
    hall = _Hall(Talk(stream), text, deadline)
    try:
        async with asyncio.timeout(deadline.remaining()):
            found = await hall.greeted(pythons)
    except TimeoutError:
        await stream.abandon()
        raise flaws.silent(
            host.where, deadline.within, f"no greeting; {hall.heard}"
        ) from None
    except BaseException:
        await stream.close()
        raise
    if isinstance(found, NoGate):
        await stream.close()
    return found


class _Hall:
    """The talk until the greeting. Only what has our random word counts."""

    def __init__(self, talk: Talk, program: bytes, deadline: Deadline) -> None:
        self._talk = talk
        self._program = program
        self._deadline = deadline
        self._word = secrets.token_hex(16)
        self._is_sent = False

    @property
    def heard(self) -> str:
        """What was said beside the protocol, for people."""
        return self._talk.heard

    async def greeted(self, pythons: Sequence[str]) -> Session | NoGate:
        await self._send(opening(self._word, len(self._program), pythons))
        while True:
            said = await self._answer()
            match said.get("gate"):
                case "none":
                    return NoGate(because=quote(str(said.get("because", ""))))
                case "loading" if not self._is_sent:
                    self._is_sent = True
                    await self._send(self._program)
                case _:
                    self._talk.is_greeted = True
                    return Session(self._talk, self._checked(said))

    async def _send(self, data: bytes) -> None:
        within = self._deadline.remaining()
        try:
            await self._talk.stream.send(data, within=within)
        except CannotReach as failure:
            # A command that ended at once takes nothing: what it said, which
            # comes next, tells more.
            if failure.reason != "closed":
                raise

    async def _answer(self) -> Body:
        while (said := await self._talk.hear()) is not None:
            if said.get("id") == self._word:
                return said
        await self._talk.stream.check_connection()
        raise flaws.not_started(self._talk.stream.where, self.heard)

    def _checked(self, said: Body) -> Greeting:
        where = self._talk.stream.where
        if refused := flaws.refusal(said, where):
            raise refused
        verbs = said.get("verbs")
        way = "stdin" if self._is_sent else "installed"
        if said.get("way") != way or not isinstance(verbs, list):
            raise flaws.malformed(where, "its greeting makes no sense")
        return Greeting(
            way=way,
            version=quote(str(said.get("gate", ""))),
            python=quote(str(said.get("python", ""))),
            verbs=tuple(str(verb) for verb in verbs),
            body=said,
        )
