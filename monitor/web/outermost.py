"""The outermost layer: what holds for every answer, written as plain ASGI.

Security headers, HEAD as GET without a body, bodies of a bounded size, only
names that are ours, and an error of ours as a problem document.
"""

import asyncio
from collections.abc import Callable, Iterable
from functools import lru_cache
from urllib.parse import urlsplit

from fastapi import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.web.auth import (
    LET_IN,
    LetIn,
    Token,
    is_loopback,
    who_asked,
)
from monitor.web.problem import problem
from monitor.web.serves import Answered, Broke, unnoted

HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),  # for who knows no frame-ancestors
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
    (
        b"content-security-policy",
        b"default-src 'none'; frame-ancestors 'none'",
    ),
)
"""Sent with every answer that does not say otherwise itself."""
MOST_BODY = 64 * 1024
"""Bytes of a request's body."""
LARGER = {"/api/v1/alerts": 16 * 1024 * 1024}
"""Bytes of a body there: 10,000 alerts with a few hundred bytes of labels."""
NO_HEAD = ("/api/v1/events",)
"""Where a GET does not end."""
FOREIGN_NAMES = ("/-/healthy", "/-/ready", "/canary-files/")
"""Open under any name: a FaceFusion server may know us by another one."""


class Outermost:
    """Wraps the application. `tokens` and `names` guard who may ask.

    `answered` hears of each answer when it is over.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        broke: Broke,
        tokens: Iterable[Token],
        names: Callable[[], frozenset[str]],
        answered: Answered = unnoted,
    ) -> None:
        self._app = app
        self._broke = broke
        self._tokens = tokens
        self._names = names
        self._answered = answered

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = asyncio.get_running_loop().time()
        answer, let_in = _Answer(scope, send), LetIn()
        try:
            await self._answer({**scope, LET_IN: let_in}, receive, answer)
        finally:
            spent = asyncio.get_running_loop().time() - began
            method, path = scope["method"], scope["path"]
            who = who_asked(let_in)
            self._answered(method, path, answer.code, spent, who)

    async def _answer(
        self, scope: Scope, receive: Receive, answer: "_Answer"
    ) -> None:
        if scope["method"] == "HEAD" and scope["path"] not in NO_HEAD:
            scope = {**scope, "method": "GET"}
        if not self._ours(scope):
            refusal = problem(
                421,
                "cannot answer under this name: without tokens only"
                " localhost and server.external_url are known",
            )
            await refusal(scope, receive, answer.send)
            return
        try:
            await self._app(scope, Bounded(scope, receive), answer.send)
        except Exception as error:  # noqa: BLE001 - the last line of defence
            self._broke(f"{scope['method']} {scope['path']}", error)
            await answer.broken(scope, receive)

    def _ours(self, scope: Scope) -> bool:
        """Return whether the request names us: a web page cannot choose it.

        Without tokens a page elsewhere could read us through a name of its
        own that it lets point at loopback (DNS rebinding).
        """
        if scope["path"].startswith(FOREIGN_NAMES) or any(self._tokens):
            return True
        hosts = [v for k, v in scope["headers"] if k == b"host"]
        return len(hosts) == 1 and is_ours(hosts[0], self._names())


class Bounded:
    """Receives a body of at most `MOST_BODY` bytes, or `LARGER`.

    Raises 413.
    """

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        self._most = LARGER.get(scope["path"], MOST_BODY)
        self._left = self._most
        lengths = [v for k, v in scope["headers"] if k == b"content-length"]
        if any(v.isdigit() and int(v[:9]) > self._most for v in lengths):
            self._left = -1  # known before the first byte is read

    async def __call__(self) -> Message:
        """Return the next piece."""
        if self._left >= 0:
            message = await self._receive()
            self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise HTTPException(
                413,
                f"cannot accept a body of more than {self._most} bytes",
                {"Connection": "close"},
            )
        return message


class _Answer:
    """Adds the headers and leaves out the body where none is wanted."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._send = send
        self._bodiless = scope["method"] == "HEAD"
        self.code = 0  # until it has begun

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.code = message["status"]
            given = list(message.get("headers", ()))
            names = {name.lower() for name, _ in given}
            added = [(n, v) for n, v in HEADERS if n not in names]
            message = {**message, "headers": given + added}
        elif self._bodiless:
            message = {**message, "body": b""}
        await self._send(message)

    async def broken(self, scope: Scope, receive: Receive) -> None:
        if self.code:  # too late to say it: the connection is cut
            return
        asked = f"{scope['method']} {scope['path']}"
        refusal = problem(
            500,
            f"cannot answer {asked}: an error of the monitor's own; its log"
            " says more",
        )
        await refusal(scope, receive, self.send)


@lru_cache(maxsize=256)
def is_ours(host: bytes, names: frozenset[str]) -> bool:
    """Return whether a Host header names this machine or `names`."""
    try:
        name = urlsplit(f"//{host.decode('ascii')}").hostname or ""
    except ValueError:
        return False
    return name == "localhost" or name in names or is_loopback(name)
