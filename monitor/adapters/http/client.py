"""A plain HTTP client for one server."""

import functools
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import httpx

from monitor.adapters.http.asked import Asked, asked
from monitor.adapters.http.direct import DirectTransport, Reply
from monitor.adapters.http.flaws import no_address, no_answer
from monitor.adapters.http.names import Resolve
from monitor.domain.answer import Answer, Phases
from monitor.domain.quote import quote

_HEADERS = {"Accept": "*/*", "User-Agent": "facefusion-monitor"}
_PREFLIGHT_LIMIT = 64 * 1024
"""Bytes of a body that browsers throw away."""


class HttpClient:
    """Asks one server, or any address, as `monitor.ports.Http`.

    It calls the transport without httpx's AsyncClient around it: that costs
    a third more CPU (tests/bench/bench_status.py) and adds only what a probe
    must not have: redirects, cookies, a pool.
    """

    def __init__(
        self,
        base_url: str = "",
        *,
        ca_file: str | None = None,
        resolve: Resolve | None = None,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._transport = DirectTransport(ca_file=ca_file, resolve=resolve)

    async def get(self, url: str, *, within: float, limit: int) -> Answer:
        """Fetch one address; see `send`."""
        return await self.send(
            "GET", url, json=None, within=within, limit=limit
        )

    async def send(
        self,
        method: str,
        url: str,
        *,
        json: Mapping[str, object] | Sequence[object] | None,
        within: float,
        limit: int,
    ) -> Answer:
        """Return the answer, whatever its code; a redirect is one.

        A `url` that begins with / is below the base URL. Raises `NoAnswer`
        when no whole answer of at most `limit` bytes came in `within` s.
        """
        if url.startswith("/"):
            url = self._base_url + url
        what = _same(method, url) if json is None else _new(method, url, json)
        return _answer(await self._ask(what, within, limit))

    async def preflight(
        self, url: str, *, headers: Mapping[str, str], within: float
    ) -> Answer:
        """Return the answer to OPTIONS with its headers; see `send`."""
        what = _new("OPTIONS", url, headers=headers)
        reply = await self._ask(what, within, _PREFLIGHT_LIMIT)
        return _answer(reply, headers=reply.head.joined())

    async def close(self) -> None:
        """Close what is open: connections live as long as their request."""
        await self._transport.aclose()

    async def _ask(self, what: Asked, within: float, limit: int) -> Reply:
        return await self._transport.ask(what, within=within, limit=limit)


def _answer(
    reply: Reply, headers: Mapping[str, str] = MappingProxyType({})
) -> Answer:
    return Answer(
        code=reply.head.code,
        content_type=reply.head.get(b"content-type"),
        body=reply.body,
        duration=reply.duration,
        phases=reply.phases,
        location=reply.head.get(b"location"),
        headers=headers,
    )


def _new(
    method: str,
    url: str,
    json: Mapping[str, object] | Sequence[object] | None = None,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Asked:
    try:
        request = httpx.Request(
            method, url, headers={**_HEADERS, **headers}, json=json
        )
    except (httpx.InvalidURL, UnicodeError) as error:
        flaw = no_address(str(error))
        raise no_answer(quote(url), flaw, Phases()) from None
    return asked(request, request.read())


_same = functools.lru_cache(maxsize=1024)(_new)
"""A probe asks the same every time."""
