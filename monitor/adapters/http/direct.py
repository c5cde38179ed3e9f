"""Our own httpx transport: a connection a request, exact phases, bounds.

httpx's pool distorts the tail (p99 77 ms, facts/probing.md §4.2) and does
not say where the time went; a monitor needs both to be right.
"""

import asyncio
import functools
from dataclasses import dataclass, field
from ssl import SSLContext

import httpx
from typing_extensions import override

from monitor.adapters.http.asked import Asked, asked
from monitor.adapters.http.decode import decode
from monitor.adapters.http.dial import Dialer
from monitor.adapters.http.exchange import Exchange
from monitor.adapters.http.flaws import FAILURES, flaw_of, no_answer, overdue
from monitor.adapters.http.head import Head
from monitor.adapters.http.names import Resolve, SystemNames
from monitor.adapters.http.stopwatch import Stopwatch
from monitor.adapters.http.trust import trust
from monitor.domain.answer import Phases

WITHIN = 5.0
"""Seconds for a whole request when nobody says otherwise."""
LIMIT = 1024 * 1024
"""Bytes of a body when nobody says otherwise."""
_SPOILED = {b"content-encoding", b"content-length", b"transfer-encoding"}
"""Headers that no longer describe the body once it is read and decoded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A whole answer; `duration` is in seconds."""

    head: Head
    body: bytes = field(repr=False)
    phases: Phases
    duration: float


class DirectTransport(httpx.AsyncBaseTransport):
    """Sends each request over a connection of its own.

    The request's extensions `within` (seconds for everything) and `limit`
    (bytes of the body) go before the defaults given here. The answer's
    extensions hold its `phases` and `duration`. A redirect is an answer;
    proxies named in the environment are not used. Every failure is raised
    as `NoAnswer`, whose text never shows credentials or a query.
    """

    def __init__(
        self,
        *,
        within: float = WITHIN,
        limit: int = LIMIT,
        ca_file: str | None = None,
        resolve: Resolve | None = None,
    ) -> None:
        self._within = within
        self._limit = limit
        self._trust = trust(ca_file) if ca_file else None
        self._resolve = resolve or _system_names()

    @override
    async def handle_async_request(
        self, request: httpx.Request
    ) -> httpx.Response:
        """Return the whole answer. Raises NoAnswer."""
        reply = await self.ask(
            asked(request, await request.aread()),
            within=request.extensions.get("within", self._within),
            limit=request.extensions.get("limit", self._limit),
        )
        return _response(request, reply)

    async def ask(self, what: Asked, *, within: float, limit: int) -> Reply:
        """Return the whole answer. Raises NoAnswer.

        Without httpx's own objects, which cost a tenth of a probe's CPU.
        """
        watch = Stopwatch()
        try:
            async with asyncio.timeout(within) as timer:
                head, body = await self._ask(what, limit, watch, timer)
            body = decode(body, head.headers, limit=limit)
        except FAILURES as error:
            late = isinstance(error, TimeoutError) and timer.expired()
            flaw = overdue(watch.phases, within) if late else flaw_of(error)
            raise no_answer(what.where, flaw, watch.phases) from None
        return Reply(
            head=head, body=body, phases=watch.phases, duration=watch.duration
        )

    async def _ask(
        self,
        what: Asked,
        limit: int,
        watch: Stopwatch,
        timer: asyncio.Timeout,
    ) -> tuple[Head, bytes]:
        dialer = Dialer(
            resolve=self._resolve,
            trust=self._trusted() if what.is_tls else None,
            watch=watch,
            deadline=timer.when() or 0.0,
        )
        line = await dialer.dial(what.host, what.port)
        try:
            exchange = Exchange(line, limit=limit, watch=watch)
            return await exchange.ask(what)
        finally:
            line.hang_up()

    def _trusted(self) -> SSLContext:
        self._trust = self._trust or trust()
        return self._trust


@functools.cache
def _system_names() -> SystemNames:
    """Return the one resolver of this process: its threads are few."""
    return SystemNames()


def _response(request: httpx.Request, reply: Reply) -> httpx.Response:
    return httpx.Response(
        reply.head.code,
        headers=[h for h in reply.head.headers if h[0] not in _SPOILED],
        stream=httpx.ByteStream(reply.body),
        request=request,
        extensions={"phases": reply.phases, "duration": reply.duration},
    )
