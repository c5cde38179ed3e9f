"""HTTP/1.1 as uvicorn speaks it, with deadlines and limits of our own.

uvicorn waits for ever for the head and the body of a request and for who
does not read an answer, and takes a head of any size.
"""

import asyncio
import logging
from asyncio import TimerHandle
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from typing_extensions import override
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from monitor.schemas.problem import Problem
from monitor.web.door import Door
from monitor.web.outermost import HEADERS
from monitor.web.problem import MEDIA_TYPE

MOST_URL = 8 * 1024
MOST_HEAD = 32 * 1024
"""Bytes of a request line, and of a whole head."""
MOST_FIELDS = 100
"""Header fields of a request."""

_OURS = b"".join(b"%b: %b\r\n" % field for field in HEADERS)
"""What every answer says, those too that the app never sees."""
_QUIET = logging.getLogger("monitor.web.protocol")
_QUIET.setLevel(logging.ERROR)  # a client's nonsense is not our log's affair


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Seconds that a client gets.

    `head` is from the connection, or the first byte of a later request, to
    a whole head; `body` from there to the end of the body. `read` is how
    long a full send buffer may stand still.
    """

    head: float = 10.0
    body: float = 10.0
    read: float = 30.0


class Refused(Exception):
    """A head that we do not read on."""


class GuardedProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(
        self,
        door: Door,
        deadlines: Deadlines,
        *,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.logger = _QUIET
        self._door = door
        self._allowed = deadlines
        self._deadline: TimerHandle | None = None
        self._stalled: TimerHandle | None = None
        self._head = 0
        self._in_head = True
        self._refusal = HTTPStatus.BAD_REQUEST, "cannot read the request"

    @override
    def connection_made(  # type: ignore[override]  # uvicorn narrows it, too
        self, transport: asyncio.Transport
    ) -> None:
        super().connection_made(transport)
        peer = self.client[0] if self.client else ""
        if not self._door.enter(self, peer):
            transport.abort()
            return
        self._within(self._allowed.head)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._door.left(self)
        self._in_time()
        self._read_on()
        super().connection_lost(exc)

    def drop(self) -> None:
        """End the connection now."""
        self.transport.abort()

    @override
    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head and not self.transport.is_closing():
            self._head += len(data)
            if self._head > MOST_HEAD:
                self._refuse_head()
                self.send_400_response("")

    @override
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head = True, 0
        if self._deadline is None:
            self._within(self._allowed.head)

    @override
    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > MOST_URL:
            self._refusal = (
                HTTPStatus.REQUEST_URI_TOO_LONG,
                f"cannot read a URL of more than {MOST_URL} bytes",
            )
            raise Refused

    @override
    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._in_head:  # a trailer; nobody here wants one
            return
        super().on_header(name, value)
        self._head += len(name) + len(value)
        if len(self.headers) > MOST_FIELDS or self._head > MOST_HEAD:
            self._refuse_head()
            raise Refused

    @override
    def on_headers_complete(self) -> None:
        self._in_head = False
        self._within(self._allowed.body)
        super().on_headers_complete()

    @override
    def on_message_complete(self) -> None:
        self._in_time()
        if not self.cycle.response_complete:  # else it waits already
            self._door.busy(self)  # not before: a body may never come
        super().on_message_complete()

    @override
    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle.response_complete and not self.transport.is_closing():
            self._door.waits(self)

    @override
    def pause_writing(self) -> None:
        super().pause_writing()
        self._read_on()
        self._stalled = self.loop.call_later(self._allowed.read, self.drop)

    @override
    def resume_writing(self) -> None:
        self._read_on()
        super().resume_writing()

    @override
    def send_400_response(self, msg: str) -> None:
        """Answer what cannot be read with a problem document, and end."""
        code, detail = self._refusal
        document = Problem(title=code.phrase, status=code, detail=detail)
        body = document.model_dump_json().encode()
        head = (
            f"HTTP/1.1 {code.value} {code.phrase}\r\n"
            f"content-type: {MEDIA_TYPE}\r\n"
            f"content-length: {len(body)}\r\n"
            "connection: close\r\n"
        )
        self.transport.write(head.encode() + _OURS + b"\r\n" + body)
        self.transport.close()

    def _refuse_head(self) -> None:
        self._refusal = (
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
            f"cannot read over {MOST_FIELDS} fields or {MOST_HEAD} bytes",
        )

    def _too_slow(self) -> None:
        self._deadline = None
        if self._in_head and self._head and not self.transport.is_closing():
            self._refusal = (
                HTTPStatus.REQUEST_TIMEOUT,
                f"cannot wait longer than {self._allowed.head:g} s for a head",
            )
            self.send_400_response("")
        self.drop()

    def _within(self, seconds: float) -> None:
        self._in_time()
        self._deadline = self.loop.call_later(seconds, self._too_slow)

    def _in_time(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _read_on(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None
