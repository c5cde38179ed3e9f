"""One request and its answer on an open connection, by h11's rules."""

import asyncio
from typing import cast

import h11

from monitor.adapters.http.asked import Asked
from monitor.adapters.http.flaws import cut_short, not_http, too_large
from monitor.adapters.http.head import Head
from monitor.adapters.http.line import Line
from monitor.adapters.http.stopwatch import Stopwatch
from monitor.adapters.http.usual import usual

MAX_HEAD = 32 * 1024
"""Bytes of a status line with its headers, or of one chunk's header."""
MAX_EVENTS = 10_000
"""Pieces of an answer: chunks and interim answers cost time each."""
_PATIENCE = 100
"""Pieces handled before others get their turn on the event loop."""


class Exchange:
    """Speaks HTTP/1.1 over one connection, once.

    The body is bounded by `limit` bytes. Raises Flaw and h11's errors.
    """

    def __init__(self, line: Line, *, limit: int, watch: Stopwatch) -> None:
        self._line = line
        self._limit = limit
        self._watch = watch
        self._events = 0
        self._ended = False

    async def ask(self, what: Asked) -> tuple[Head, bytes]:
        """Send the request, return the whole answer."""
        await self._line.send(what.wire)
        first = await self._begin()
        answer = usual(first, limit=self._limit) if what.has_answer else None
        if answer is None:
            answer = await self._by_h11(what.spoken(MAX_HEAD), first)
        self._watch.reached("transfer")
        return answer

    async def _begin(self) -> bytes:
        """Refuse at once what is not HTTP; h11 would wait for its end."""
        first = await self._line.receive()
        if first:
            self._watch.reached("processing")
        if first[:5] != b"HTTP/"[: len(first)]:
            raise not_http(f"it begins with {first[:16]!r}")
        return first

    async def _by_h11(
        self, talk: h11.Connection, first: bytes
    ) -> tuple[Head, bytes]:
        try:
            self._feed(talk, first)
            head = await self._head(talk)
            self._check_length(head)
            return head, await self._body(talk)
        except h11.RemoteProtocolError:
            if self._ended:
                raise cut_short() from None
            raise

    async def _head(self, talk: h11.Connection) -> Head:
        while True:
            event = await self._next(talk)
            if isinstance(event, h11.Response):
                headers = list(event.headers)
                return Head(code=event.status_code, headers=headers)

    def _check_length(self, head: Head) -> None:
        for name, value in head.headers:
            if name == b"content-length" and int(value) > self._limit:
                raise too_large(self._limit)

    async def _body(self, talk: h11.Connection) -> bytes:
        body = bytearray()
        while isinstance(event := await self._next(talk), h11.Data):
            body += event.data
            if len(body) > self._limit:
                raise too_large(self._limit)
        return bytes(body)

    async def _next(self, talk: h11.Connection) -> h11.Event:
        while (event := talk.next_event()) is h11.NEED_DATA:
            self._feed(talk, await self._line.receive())
        self._events += 1
        if self._events > MAX_EVENTS:
            raise not_http(f"it comes in more than {MAX_EVENTS} pieces")
        if self._events % _PATIENCE == 0:
            await asyncio.sleep(0)
        return cast("h11.Event", event)

    def _feed(self, talk: h11.Connection, data: bytes) -> None:
        self._ended = not data
        talk.receive_data(data)
