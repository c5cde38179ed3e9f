"""The way to an acting gate: made when needed, ended when idle."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from monitor.adapters.gate import flaws
from monitor.adapters.gate.acting_flaws import not_acting
from monitor.adapters.gate.greet import NoGate, greet
from monitor.adapters.gate.session import Session
from monitor.adapters.ssh.deadline import Deadline
from monitor.adapters.ssh.host import SshHost
from monitor.domain.errors import CannotReach
from monitor.domain.quote import quote

ROLE = "act"


class ActingLine:
    """One session with an acting gate, or none.

    A session that has ended is made again for the next request, never for
    one that was sent already. `idle` is in seconds; `role` is what the key
    has to open.
    """

    def __init__(
        self,
        connect: Callable[[], SshHost],
        where: str,
        idle: float,
        role: str = ROLE,
    ) -> None:
        self._connect = connect
        self._where = where
        self._idle = idle
        self._role = role
        self._host: SshHost | None = None
        self._session: Session | None = None
        self._users = 0
        self._timer: asyncio.TimerHandle | None = None
        self._resting: set[asyncio.Task[None]] = set()
        self._opening = asyncio.Lock()
        self._is_closed = False

    @asynccontextmanager
    async def session(self, deadline: Deadline) -> AsyncIterator[Session]:
        """Lend the session for one request. Raises `CannotReach`."""
        if self._is_closed:
            raise flaws.ended(self._where, "the monitor has closed it")
        self._keep_awake()
        self._users += 1
        try:
            yield await self._opened(deadline)
        finally:
            self._users -= 1
            if not self._users and not self._is_closed:
                loop = asyncio.get_running_loop()
                self._timer = loop.call_later(self._idle, self._begin_rest)

    async def close(self) -> None:
        """End it for good, and wait for its end."""
        self._is_closed = True
        self._keep_awake()
        self._begin_rest()
        await asyncio.wait(self._resting)

    async def _opened(self, deadline: Deadline) -> Session:
        """Return the open session, made by one request for all."""
        try:
            async with asyncio.timeout(deadline.remaining()):
                await self._opening.acquire()
        except TimeoutError:
            heard = "it is still being started"
            raise flaws.silent(self._where, deadline.within, heard) from None
        try:
            if not self._session or not self._session.is_open:
                self._session = await self._greeted(deadline)
            return self._session
        finally:
            self._opening.release()

    async def _greeted(self, deadline: Deadline) -> Session:
        """Return a session with the role of the key.

        The program is never sent along: whoever may act got the gate from
        root, who decides what it does.
        """
        self._host = host = self._host or self._connect()
        try:
            found = await greet(host, bytes, (), deadline)
        except CannotReach as failure:
            if failure.reason != "gate_refused":
                raise
            raise not_acting(
                self._where, str(failure), self._role
            ) from failure
        if isinstance(found, NoGate):
            flaw = f"nothing is installed there for its {self._role} key"
            raise not_acting(self._where, flaw, self._role)
        role = found.greeting.body.get("role")
        if role != self._role:
            await found.close()
            flaw = f"its {self._role} key opens the role {quote(str(role))}"
            raise not_acting(self._where, flaw, self._role)
        return found

    def _keep_awake(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _begin_rest(self) -> None:
        """Close what there is; the next request begins anew."""
        self._timer = None
        session, self._session = self._session, None
        host, self._host = self._host, None
        resting = asyncio.create_task(_ended(session, host))
        self._resting.add(resting)
        resting.add_done_callback(self._resting.discard)


async def _ended(session: Session | None, host: SshHost | None) -> None:
    if session:
        await session.close()
    if host:
        await host.close()
