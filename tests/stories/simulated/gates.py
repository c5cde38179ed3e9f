"""The gate of a simulated machine, without an SSH connection.

Questions and answers are written as JSON and read again; what is asked is
answered by the simulator's gate.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence

from typing_extensions import override

from monitor.adapters.gate import RemoteGate, flaws
from monitor.adapters.ssh.backoff import BackOff
from monitor.adapters.ssh.host import SshHost
from monitor.domain.errors import CannotReach
from monitor.gate.protocol import PROTOCOL, Refused, refusal
from monitor.ports import Clock, GateAnswer
from tests.stories.simulated.machines import SSH, Machine
from tests.stories.simulated.street import Street

SHAKES_HANDS = 0.2
"""Seconds that SSH needs for its keys. Over an open connection an answer
comes at once: see `wires.QUICK`."""
DIALS = 10.0
"""Seconds for a connection."""
SILENCE = 30.0
"""Seconds after which a watch without a sign of life is given up."""
LOST_AFTER = 20.0
"""Seconds after which TCP gives up a connection that nothing comes back on."""
Body = Mapping[str, object]


class StreetGate(RemoteGate):
    """The line to one machine: made when needed, made again when lost."""

    def __init__(
        self, host: SshHost, clock: Clock, street: Street, machine: Machine
    ) -> None:
        super().__init__(host, clock)
        self._clock = clock
        self._street = street
        self._machine = machine
        self._backoff = BackOff(lambda: 0.5)
        self._failure: CannotReach | None = None
        self._is_open = False
        self._silent_since: float | None = None
        self._lost = asyncio.Event()
        self._dialing: asyncio.Task[None] | None = None
        machine.lines.append(self._drop)

    @override
    async def way(self, *, within: float) -> str:
        await self._line(within)
        return "installed"

    @override
    async def hello(self, *, within: float) -> GateAnswer:
        return await self._request("hello", {}, within)

    @override
    async def observe(
        self, parts: Mapping[str, Body], *, within: float
    ) -> GateAnswer:
        limit = round(within - min(0.5, within / 4), 3)
        asked = {"within": limit, "parts": parts}
        return await self._request("observe", asked, within)

    @override
    async def files(self, request: Body, *, within: float) -> GateAnswer:
        await self._line(within)
        try:
            body = self._machine.disk.verb(request)
        except Refused as refused:
            body = {"v": 1, **refusal(refused)}
            raise flaws.refusal(body, self.where) or refused from None
        return GateAnswer(way="installed", body=body)

    @override
    async def watch(
        self, services: Sequence[Body]
    ) -> AsyncGenerator[Body, None]:
        await asyncio.sleep(self._backoff.remaining(self._clock.monotonic()))
        await self._line(DIALS)
        heard: asyncio.Queue[Body | None] = asyncio.Queue()
        lost = lambda: heard.put_nowait(None)  # noqa: E731
        watching = self._machine.watch(services, heard.put_nowait)
        self._machine.lines.append(lost)
        try:
            async for event in self._events(heard):
                yield event
        finally:
            self._machine.lines.remove(lost)
            watching()

    @override
    async def close(self) -> None:
        self._drop()

    async def _events(
        self, heard: asyncio.Queue[Body | None]
    ) -> AsyncGenerator[Body, None]:
        alive = self._clock.monotonic()
        while True:
            try:
                async with asyncio.timeout(SILENCE / 3):
                    event = await heard.get()
            except TimeoutError:
                now = self._clock.monotonic()
                if self._way() == "open":
                    alive = now
                elif now - alive >= SILENCE:
                    self._drop()
                    raise flaws.silent(
                        self.where, SILENCE, "it is frozen"
                    ) from None
                continue
            if event is None:
                raise flaws.ended(self.where, "the connection was lost")
            if self._way() == "open":
                yield event

    async def _request(
        self, verb: str, fields: Body, within: float
    ) -> GateAnswer:
        await self._line(within)
        asked = json.loads(json.dumps({"id": "1", "verb": verb, **fields}))
        after, body = self._answered(asked)
        if after > within:
            await asyncio.sleep(within)
            raise flaws.silent(self.where, within, "nothing was heard")
        if after:
            await asyncio.sleep(after)
        if refused := flaws.refusal(body, self.where):
            raise refused
        return GateAnswer(
            way="installed",
            body=body,
            version="0.1.0",
            python="3.11.2",
            verbs=("hello", "observe", "watch", "files"),
        )

    def _answered(self, asked: Body) -> tuple[float, dict[str, object]]:
        try:
            reply = self._machine.answer(asked)
        except Refused as refused:
            return 0.0, {"v": PROTOCOL, **refusal(refused)}
        return reply.after, _over_the_line({"v": PROTOCOL, **reply.body})

    async def _line(self, within: float) -> None:
        """Have a connection over which something comes back."""
        if not self._is_open:
            await self._connected(within)
        if self._way() == "open":
            self._silent_since = None
            return
        now = self._clock.monotonic()
        since = self._silent_since = self._silent_since or now
        left = LOST_AFTER - (now - since)
        await asyncio.sleep(min(within, max(0.0, left)))
        if left > within:
            raise flaws.silent(self.where, within, "nothing was heard")
        self._drop()
        raise flaws.ended(self.where, "the connection timed out")

    async def _connected(self, within: float) -> None:
        if self._dialing is None:
            wait = self._backoff.remaining(self._clock.monotonic())
            if wait and self._failure:
                raise CannotReach(
                    f"{self._failure} (next try in {wait:.0f} s)",
                    reason=self._failure.reason,
                )
            self._dialing = asyncio.ensure_future(self._dial())
            self._dialing.add_done_callback(self._dialed)
        dialing = self._dialing
        await asyncio.wait({dialing}, timeout=within)
        if not dialing.done():
            raise flaws.silent(
                self.where, within, "it is still being connected to"
            )
        dialing.result()

    def _dialed(self, dialing: asyncio.Task[None]) -> None:
        self._dialing = None
        if not dialing.cancelled():
            dialing.exception()  # heard, also when nobody waits

    async def _dial(self) -> None:
        machine, failure = self._machine, None
        try:
            async with asyncio.timeout(DIALS):
                await self._street.reach(machine.address, SSH)
                await asyncio.sleep(SHAKES_HANDS)
        except (TimeoutError, OSError):
            way = self._way()
            reason = "timeout" if way == "open" else way
            failure = self._flaw(reason)
        if machine.refuses_ssh:
            failure = self._flaw(machine.refuses_ssh)
        if failure is not None:
            self._failure = failure
            self._backoff.failed(self._clock.monotonic())
            raise failure
        self._backoff.worked()
        self._is_open = True
        self._silent_since = None

    def _way(self) -> str:
        return self._street.way(self._machine.address, SSH)

    def _drop(self) -> None:
        self._is_open = False
        self._silent_since = None

    def _flaw(self, reason: str) -> CannotReach:
        return CannotReach(
            f"cannot reach {self.where}: {reason}", reason=reason
        )


def _over_the_line(body: dict[str, object]) -> dict[str, object]:
    """Return an answer as it comes out at the other end.

    The text of nvidia-smi goes beside it: it would be most of the line.
    """
    texts: dict[str, object] = {}
    parts = body.get("parts")
    if isinstance(parts, dict):
        for name in parts.keys() & {"gpu"}:
            texts[name] = parts[name].pop("stdout")
    told: dict[str, object] = json.loads(json.dumps(body))
    parts = told.get("parts")
    for name, text in texts.items():
        assert isinstance(parts, dict)
        parts[name]["stdout"] = text
    return told
