"""`GET /metrics`: the exposition, rendered and compressed in a thread."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse
from starlette.exceptions import HTTPException

from monitor.web.accept import takes_gzip
from monitor.web.auth import Token, needs

Work = Callable[[], bytes]

MOST_WAITING = 16
"""Scrapes that may wait for a rendering; each holds a connection."""
WORTH_PACKING = 1400
"""Bytes that fit into one packet anyway."""
PIECE = 256 * 1024
"""Bytes that are handed to the socket at once; more would hold the loop."""


class Scrapes:
    """Renders for one scraper at a time; who comes meanwhile gets the same.

    It has a thread of its own: those of the pool may all wait for SSH.
    """

    def __init__(self, render: Work) -> None:
        self._render = render
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="metrics")
        self._under_way: dict[Work, asyncio.Future[bytes]] = {}
        self._waiting = 0

    async def body(self, *, packed: bool) -> bytes:
        """Return the exposition. Raises 503 when too many wait for it."""
        if self._waiting >= MOST_WAITING:
            raise HTTPException(
                503,
                f"cannot render for more than {MOST_WAITING} scrapes at a"
                " time: scrape less often, or from fewer places",
                {"Retry-After": "1"},
            )
        self._waiting += 1
        try:
            work = self._packed if packed else self._render
            return await asyncio.shield(self._rendering(work))
        finally:
            self._waiting -= 1

    def _rendering(self, work: Work) -> asyncio.Future[bytes]:
        found = self._under_way.get(work)
        if found is None:
            loop = asyncio.get_running_loop()
            found = loop.run_in_executor(self._thread, work)
            found.add_done_callback(partial(self._done, work))
            self._under_way[work] = found
        return found

    def _done(self, work: Work, rendered: asyncio.Future[bytes]) -> None:
        del self._under_way[work]
        if not rendered.cancelled():
            rendered.exception()  # seen, also when nobody waits any more

    def _packed(self) -> bytes:
        text = self._render()
        if len(text) < WORTH_PACKING:
            return text
        return gzip.compress(text, 1, mtime=0)


def router(
    render: Callable[[], bytes], content_type: str, tokens: Iterable[Token]
) -> APIRouter:
    """Return the route; it needs the scope `metrics`."""
    routes = APIRouter(dependencies=[Depends(needs("metrics", tokens))])
    scrapes = Scrapes(render)

    @routes.get("/metrics", summary="Everything known, for Prometheus")
    async def metrics(request: Request) -> Response:
        body, headers = await _answer(scrapes, content_type, request)
        return StreamingResponse(_pieces(body), headers=headers)

    return routes


async def _answer(
    scrapes: Scrapes, content_type: str, request: Request
) -> tuple[bytes, dict[str, str]]:
    accepted = ",".join(request.headers.getlist("accept-encoding"))
    body = await scrapes.body(packed=takes_gzip(accepted))
    headers = {
        "Content-Type": content_type,
        "Content-Length": str(len(body)),
        "Vary": "Accept-Encoding",
    }
    if body.startswith(_GZIP):  # no exposition begins like that
        headers["Content-Encoding"] = "gzip"
    return body, headers


_GZIP = b"\x1f\x8b"


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), PIECE):
        yield body[start : start + PIECE]
        await asyncio.sleep(0)  # a fast reader never makes us wait
