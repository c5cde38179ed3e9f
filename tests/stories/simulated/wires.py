"""HTTP over the street, without sockets: the real client, dialects and all.

Only the line is another one. What a request meets on its way, and how the
server answers, come from the street and from the simulator's applications.
"""

import asyncio
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import unquote

from starlette.types import ASGIApp
from typing_extensions import override

from monitor.adapters.http.asked import Asked
from monitor.adapters.http.client import HttpClient
from monitor.adapters.http.direct import Reply
from monitor.adapters.http.flaws import (
    Flaw,
    flaw_of,
    no_answer,
    overdue,
    too_large,
)
from monitor.adapters.http.head import Head
from monitor.domain.answer import Phases
from monitor.domain.certificate import Certificate, judge_certificate
from monitor.domain.health import Health
from monitor.ports import Clock
from tests.stories.simulated.street import Street

QUICK = 0.01
"""Seconds that an answer is said to take beside its work.

Nothing waits for them: a day has a hundred thousand such pauses, and no
opinion depends on one.
"""
_NOWHERE = Phases(resolve=0.0)
_CONNECTED = Phases(resolve=0.0, connect=0.0004, tls=0.0)
_WHOLE = Phases(
    resolve=0.0, connect=0.0004, tls=0.0, processing=QUICK, transfer=0.0001
)
_Message = MutableMapping[str, Any]


@dataclass(eq=False)
class Server:
    """What serves a port: an application, and a certificate with https.

    Requests under way end with the process that works on them.
    """

    app: ASGIApp
    certificate: Certificate | None = None
    under_way: set[asyncio.Task[None]] = field(default_factory=set)

    def cut(self) -> None:
        """End all requests, as a process does that dies."""
        cut, self.under_way = self.under_way, set()
        for one in cut:
            one.cancel()

    async def answer(self, what: Asked) -> tuple[Head, bytes]:
        """Return an answer. The server goes on when the client leaves."""
        visit = _Visit(what)
        if what.head.method != b"POST":
            return await self._at_once(visit)
        work = asyncio.ensure_future(self._serve(visit))
        self.under_way.add(work)
        work.add_done_callback(self.under_way.discard)
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            if work.cancelled():  # not we: the process is gone
                raise ConnectionResetError from None
            visit.left.set()
            raise
        return visit.head(), bytes(visit.body)

    async def _at_once(self, visit: "_Visit") -> tuple[Head, bytes]:
        """Answer what leaves nothing to do when the client has left."""
        mine = asyncio.current_task()
        assert mine is not None
        self.under_way.add(mine)
        try:
            await self._serve(visit)
        except asyncio.CancelledError:
            if mine not in self.under_way:  # not the client: the process
                mine.uncancel()
                raise ConnectionResetError from None
            raise
        finally:
            self.under_way.discard(mine)
        return visit.head(), bytes(visit.body)

    async def _serve(self, visit: "_Visit") -> None:
        await self.app(visit.scope(), visit.receive, visit.send)


class Doors(Protocol):
    """Finds the server behind a port that was reached."""

    def server(self, host: str, port: int) -> Server:
        """Return it."""
        ...


class Wire(HttpClient):
    """The monitor's client on the street."""

    def __init__(
        self, base_url: str, street: Street, doors: Doors, clock: Clock
    ) -> None:
        super().__init__(base_url)
        self._street = street
        self._doors = doors
        self._clock = clock

    @override
    async def _ask(self, what: Asked, within: float, limit: int) -> Reply:
        begun, phases = self._clock.monotonic(), _NOWHERE
        try:
            async with asyncio.timeout(within):
                await self._street.reach(what.host, what.port)
                phases = _CONNECTED
                server = self._doors.server(what.host, what.port)
                self._shake_hands(server, what)
                head, body = await server.answer(what)
                if len(body) > limit:
                    raise too_large(limit)
        except TimeoutError:
            flaw = overdue(phases, within)
            raise no_answer(what.where, flaw, phases) from None
        except (Flaw, OSError) as error:
            raise no_answer(what.where, flaw_of(error), phases) from None
        took = QUICK + self._clock.monotonic() - begun
        return Reply(head=head, body=body, phases=_WHOLE, duration=took)

    def _shake_hands(self, server: Server, what: Asked) -> None:
        """Refuse a certificate as OpenSSL would."""
        held = server.certificate
        if not what.is_tls:
            if held is not None:
                raise ConnectionResetError
            return
        if held is None:
            raise Flaw("tls", "TLS failed: wrong version number", "use http")
        found = judge_certificate(held, what.host, self._clock.now())
        if found.health is Health.UNHEALTHY:
            words = f"the certificate is not trusted: it {found.because}"
            raise Flaw("tls", words, "check its dates and names")


class _Visit:
    """One request, as an application sees it."""

    def __init__(self, what: Asked) -> None:
        self._what = what
        self._asked = False
        self._start: _Message = {}
        self.left = asyncio.Event()
        self.body = bytearray()

    def scope(self) -> dict[str, Any]:
        what, head = self._what, self._what.head
        path, _, query = head.target.decode().partition("?")
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": head.method.decode(),
            "scheme": "https" if what.is_tls else "http",
            "path": unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": list(_lower(what)),
            "client": ("192.0.2.1", 50_000),
            "server": (what.host, what.port),
        }

    async def receive(self) -> _Message:
        if not self._asked:
            self._asked = True
            return {
                "type": "http.request",
                "body": self._what.body,
                "more_body": False,
            }
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: _Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        else:
            self.body += message.get("body", b"")

    def head(self) -> Head:
        if not self._start:
            raise ConnectionResetError
        return Head(
            code=self._start["status"],
            headers=[(n.lower(), v) for n, v in self._start["headers"]],
        )


def _lower(what: Asked) -> Iterator[tuple[bytes, bytes]]:
    for name, value in what.head.headers:
        yield name.lower(), value
