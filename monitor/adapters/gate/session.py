"""One gate that was greeted: requests, answers, events."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from monitor.adapters.gate import flaws
from monitor.adapters.gate.lines import write_object
from monitor.adapters.gate.talk import Talk
from monitor.adapters.ssh.deadline import Deadline
from monitor.domain.errors import CannotReach, Unreadable

Body = Mapping[str, object]

UNDER_WAY = 8
"""Requests at a time on one host."""

EVENTS = 256
"""Events that wait for whoever watches."""

SHORTEST = 1.0
"""Seconds of silence after which a gate may be called silent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Greeting:
    """What a gate said of itself when it was started."""

    way: str
    version: str
    python: str
    verbs: tuple[str, ...]
    body: Body


class Session:
    """The open line to a gate. Made on the loop; ends once, for a reason.

    `failure` is that reason, None while it is open; `has_answered` tells
    whether it ever did what it was asked.
    """

    def __init__(self, talk: Talk, greeting: Greeting) -> None:
        self.greeting = greeting
        self.where = talk.stream.where
        self._talk = talk
        self._loop = asyncio.get_running_loop()
        self.failure: CannotReach | None = None
        self.has_answered = False
        self._waiting: dict[str, asyncio.Future[Body]] = {}
        self._asked = 0
        self._heard_at = self._loop.time()
        self._places = asyncio.Semaphore(UNDER_WAY)
        self._writing = asyncio.Lock()
        self._sending: set[asyncio.Task[None]] = set()
        self._events: asyncio.Queue[Body | CannotReach] | None = None
        self._reader = asyncio.create_task(self._read())
        self._ending: asyncio.Task[None] | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody has noticed its end yet."""
        return self.failure is None

    @property
    def silence(self) -> float:
        """Seconds since anything was heard."""
        return self._loop.time() - self._heard_at

    async def ask(self, verb: str, fields: Body, *, within: float) -> Body:
        """Return the answer to one request. Raises `CannotReach`."""
        deadline = Deadline(within)
        try:
            async with asyncio.timeout(within), self._places:
                return await self._exchange(verb, fields, deadline)
        except TimeoutError:
            self._doubt(within)
            raise flaws.silent(self.where, within, self._late) from None

    def listen(self) -> asyncio.Queue[Body | CannotReach]:
        """Return a queue of what happens from now on; the last is the end.

        There is one listener: the one before hears that it was replaced.
        """
        if self._events:
            _tell(self._events, flaws.ended(self.where, "replaced"))
        self._events = asyncio.Queue(EVENTS)
        if self.failure:
            _tell(self._events, self.failure)
        return self._events

    def leave(self, events: asyncio.Queue[Body | CannotReach]) -> None:
        """Hear nothing more there: nobody takes what waits in it."""
        if self._events is events:
            self._events = None

    def end(self, failure: CannotReach, *, is_doubted: bool = True) -> None:
        """End for a reason: whoever waits hears it, the channel closes.

        Where sshd `is_doubted` it is asked for a sign of life.
        """
        if self.failure:
            return
        self.failure = failure
        self._reader.cancel()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(failure)
        if self._events:
            _tell(self._events, failure)
        stream = self._talk.stream
        ending = stream.abandon() if is_doubted else stream.close()
        self._ending = asyncio.create_task(ending)

    async def close(self) -> None:
        """End, and wait for the channel's end."""
        failure = flaws.ended(self.where, "the monitor has closed it")
        self.end(failure, is_doubted=False)
        if self._ending:
            await asyncio.wait({self._ending, self._reader})

    async def _exchange(
        self, verb: str, fields: Body, deadline: Deadline
    ) -> Body:
        if self.failure:
            raise self.failure
        self._asked += 1
        word = str(self._asked)
        try:
            line = write_object({"v": 1, "id": word, "verb": verb, **fields})
        except Unreadable as error:
            raise CannotReach(str(error), reason="too_large") from error
        future: asyncio.Future[Body] = self._loop.create_future()
        self._waiting[word] = future
        try:
            self._send(line, deadline)
            return await future
        finally:
            del self._waiting[word]
            future.cancel()

    def _send(self, line: bytes, deadline: Deadline) -> None:
        """Send in a task of its own: half a line must not stay behind.

        Whoever asked may be gone before it is sent.
        """
        sending = asyncio.create_task(self._write(line, deadline))
        self._sending.add(sending)
        sending.add_done_callback(self._sending.discard)

    async def _write(self, line: bytes, deadline: Deadline) -> None:
        async with self._writing:
            if self.failure or not deadline.remaining():
                return
            try:
                await self._talk.stream.send(line, within=deadline.remaining())
            except CannotReach as failure:
                self.end(failure)

    async def _read(self) -> None:
        try:
            while said := await self._talk.hear():
                self._heard_at = self._loop.time()
                self._sort(said)
        except CannotReach as failure:
            self.end(failure)
        else:
            self.end(flaws.ended(self.where, self._talk.heard))

    def _sort(self, said: Body) -> None:
        word = said.get("id")
        if isinstance(word, str):
            waiting = self._waiting.get(word)
            if waiting and not waiting.done():
                self.has_answered = True
                waiting.set_result(said)
        elif isinstance(said.get("event"), str) and self._events:
            self._happened(said, self._events)

    def _happened(
        self, event: Body, events: asyncio.Queue[Body | CannotReach]
    ) -> None:
        if events.full():
            flaw = f"more than {EVENTS} events at once"
            self.end(flaws.malformed(self.where, flaw))
        else:
            events.put_nowait(event)

    def _doubt(self, within: float) -> None:
        """End a gate that said nothing at all while it was asked."""
        if self.silence >= within >= SHORTEST:
            self.end(flaws.silent(self.where, within, self._frozen))

    @property
    def _frozen(self) -> str:
        return f"it says nothing any more; {self._talk.heard}"

    @property
    def _late(self) -> str:
        if self._places.locked():
            return f"{UNDER_WAY} requests are under way there"
        return f"no answer came; {self._talk.heard}"


def _tell(
    events: asyncio.Queue[Body | CannotReach], failure: CannotReach
) -> None:
    """Tell the end, which always finds room."""
    if events.full():
        events.get_nowait()
    events.put_nowait(failure)
