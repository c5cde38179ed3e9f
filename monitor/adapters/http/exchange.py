"""One request and its answer on an open connection, by h11's rules."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import h11

from monitor.adapters.http.flaws import cut_short, not_http, too_large
from monitor.adapters.http.line import Line
from monitor.adapters.http.stopwatch import Stopwatch

Headers = Sequence[tuple[bytes, bytes]]
"""In the order they came or go; names in lower case when they came."""

MAX_HEAD = 32 * 1024
"""Bytes of a status line with its headers, or of one chunk's header."""
MAX_EVENTS = 10_000
"""Pieces of an answer: chunks and interim answers cost time each."""
_PATIENCE = 100
"""Pieces handled before others get their turn on the event loop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The first part of an answer."""

    code: int
    headers: Headers


class Exchange:
    """Speaks HTTP/1.1 over one connection, once.

    The body is bounded by `limit` bytes. Raises Flaw and h11's errors.
    """

    def __init__(
        self,
        line: Line,
        *,
        limit: int,
        watch: Stopwatch,
    ) -> None:
        self._line = line
        self._limit = limit
        self._watch = watch
        self._h11 = h11.Connection(
            h11.CLIENT, max_incomplete_event_size=MAX_HEAD
        )
        self._events = 0
        self._begun = self._ended = False

    async def ask(
        self, method: bytes, target: bytes, headers: Headers, body: bytes
    ) -> tuple[Head, bytes]:
        """Send the request, return the whole answer."""
        await self._send(method, target, headers, body)
        try:
            head = await self._head()
            self._check_length(head)
            whole = await self._body()
        except h11.RemoteProtocolError:
            if self._ended:
                raise cut_short() from None
            raise
        self._watch.reached("transfer")
        return head, whole

    async def _send(
        self, method: bytes, target: bytes, headers: Headers, body: bytes
    ) -> None:
        request = h11.Request(
            method=method, target=target, headers=list(headers)
        )
        sent = self._h11.send(request) or b""
        if body:
            sent += self._h11.send(h11.Data(data=body)) or b""
        sent += self._h11.send(h11.EndOfMessage()) or b""
        await self._line.send(sent)

    async def _head(self) -> Head:
        while True:
            event = await self._next()
            if isinstance(event, h11.Response):
                return Head(code=event.status_code, headers=event.headers)

    def _check_length(self, head: Head) -> None:
        for name, value in head.headers:
            if name == b"content-length" and int(value) > self._limit:
                raise too_large(self._limit)

    async def _body(self) -> bytes:
        body = bytearray()
        while isinstance(event := await self._next(), h11.Data):
            body += event.data
            if len(body) > self._limit:
                raise too_large(self._limit)
        return bytes(body)

    async def _next(self) -> h11.Event:
        while (event := self._h11.next_event()) is h11.NEED_DATA:
            await self._receive()
        await self._count()
        return cast("h11.Event", event)

    async def _receive(self) -> None:
        data = await self._line.receive()
        if data and not self._begun:
            self._begin(data)
        self._ended = not data
        self._h11.receive_data(data)

    def _begin(self, data: bytes) -> None:
        """Refuse at once what is not HTTP; h11 would wait for its end."""
        self._begun = True
        self._watch.reached("processing")
        if data[:5] != b"HTTP/"[: len(data)]:
            raise not_http(f"it begins with {data[:16]!r}")

    async def _count(self) -> None:
        self._events += 1
        if self._events > MAX_EVENTS:
            raise not_http(f"it comes in more than {MAX_EVENTS} pieces")
        if self._events % _PATIENCE == 0:
            await asyncio.sleep(0)
