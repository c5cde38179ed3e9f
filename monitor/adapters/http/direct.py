"""Our own httpx transport: a connection a request, exact phases, bounds.

httpx's pool distorts the tail (p99 77 ms, facts/probing.md §4.2) and does
not say where the time went; a monitor needs both to be right.
"""

import asyncio
import base64
import functools
from ssl import SSLContext

import httpx
from typing_extensions import override

from monitor.adapters.http.address import place, shown
from monitor.adapters.http.decode import decode
from monitor.adapters.http.dial import Dialer
from monitor.adapters.http.exchange import Exchange, Head, Headers
from monitor.adapters.http.flaws import FAILURES, flaw_of, no_answer, overdue
from monitor.adapters.http.names import Resolve, SystemNames
from monitor.adapters.http.stopwatch import Stopwatch
from monitor.adapters.http.trust import trust

WITHIN = 5.0
"""Seconds for a whole request when nobody says otherwise."""
LIMIT = 1024 * 1024
"""Bytes of a body when nobody says otherwise."""
_OURS = {b"accept-encoding", b"connection"}
_SPOILED = {b"content-encoding", b"content-length", b"transfer-encoding"}
"""Headers that no longer describe the body once it is read and decoded."""


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
        within = request.extensions.get("within", self._within)
        limit = request.extensions.get("limit", self._limit)
        watch = Stopwatch()
        try:
            async with asyncio.timeout(within) as timer:
                head, body = await self._ask(request, limit, watch, timer)
            body = decode(body, head.headers, limit=limit)
        except FAILURES as error:
            late = isinstance(error, TimeoutError) and timer.expired()
            flaw = overdue(watch.phases, within) if late else flaw_of(error)
            raise no_answer(shown(request.url), flaw, watch.phases) from None
        return _response(request, head, body, watch)

    async def _ask(
        self,
        request: httpx.Request,
        limit: int,
        watch: Stopwatch,
        timer: asyncio.Timeout,
    ) -> tuple[Head, bytes]:
        url = request.url
        dialer = Dialer(
            resolve=self._resolve,
            trust=self._trusted() if url.scheme == "https" else None,
            watch=watch,
            deadline=timer.when() or 0.0,
        )
        line = await dialer.dial(*place(url))
        try:
            return await Exchange(line, limit=limit, watch=watch).ask(
                request.method.encode(),
                url.raw_path,
                _headers(request),
                await request.aread(),
            )
        finally:
            line.hang_up()

    def _trusted(self) -> SSLContext:
        self._trust = self._trust or trust()
        return self._trust


@functools.cache
def _system_names() -> SystemNames:
    """Return the one resolver of this process: its threads are few."""
    return SystemNames()


def _headers(request: httpx.Request) -> Headers:
    headers = [h for h in request.headers.raw if h[0].lower() not in _OURS]
    headers += ((b"Accept-Encoding", b"identity"), (b"Connection", b"close"))
    if request.url.userinfo and "authorization" not in request.headers:
        user = f"{request.url.username}:{request.url.password}".encode()
        headers.append((b"Authorization", b"Basic " + base64.b64encode(user)))
    return headers


def _response(
    request: httpx.Request, head: Head, body: bytes, watch: Stopwatch
) -> httpx.Response:
    return httpx.Response(
        head.code,
        headers=[h for h in head.headers if h[0] not in _SPOILED],
        stream=httpx.ByteStream(body),
        request=request,
        extensions={"phases": watch.phases, "duration": watch.duration},
    )
