"""A plain HTTP client for one server."""

import functools
from collections.abc import Mapping

import httpx

from monitor.adapters.http.direct import DirectTransport
from monitor.adapters.http.flaws import no_address, no_answer
from monitor.adapters.http.names import Resolve
from monitor.domain.answer import Answer, Phases
from monitor.domain.quote import quote

_HEADERS = {"Accept": "*/*", "User-Agent": "facefusion-monitor"}


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
        json: Mapping[str, object] | None,
        within: float,
        limit: int,
    ) -> Answer:
        """Return the answer, whatever its code; a redirect is one.

        A `url` that begins with / is below the base URL. Raises `NoAnswer`
        when no whole answer of at most `limit` bytes came in `within` s.
        """
        if url.startswith("/"):
            url = self._base_url + url
        try:
            request = (
                _same(method, url, within, limit)
                if json is None
                else _request(method, url, within, limit, json)
            )
        except (httpx.InvalidURL, UnicodeError) as error:
            flaw = no_address(str(error))
            raise no_answer(quote(url), flaw, Phases()) from None
        return await self._answer(request)

    async def close(self) -> None:
        """Close what is open: connections live as long as their request."""
        await self._transport.aclose()

    async def _answer(self, request: httpx.Request) -> Answer:
        response = await self._transport.handle_async_request(request)
        return Answer(
            code=response.status_code,
            content_type=response.headers.get("content-type", ""),
            body=await response.aread(),
            duration=response.extensions["duration"],
            phases=response.extensions["phases"],
            location=response.headers.get("location", ""),
        )


def _request(
    method: str,
    url: str,
    within: float,
    limit: int,
    json: Mapping[str, object] | None = None,
) -> httpx.Request:
    return httpx.Request(
        method,
        url,
        headers=_HEADERS,
        json=json,
        extensions={"within": within, "limit": limit},
    )


_same = functools.lru_cache(maxsize=1024)(_request)
"""A probe asks the same every time; building it is a tenth of the CPU."""
