"""A request in the form in which it goes over the line."""

import base64
from dataclasses import dataclass, field

import h11
import httpx

from monitor.adapters.http.address import place, shown
from monitor.adapters.http.flaws import FAILURES, flaw_of, no_answer
from monitor.domain.answer import Phases

_OURS = {b"accept-encoding", b"connection"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request, ready to be sent as often as one likes.

    A probe asks the same every time: taking an address apart and checking
    headers was a fifth of its CPU. `where` is fit to be shown.
    """

    where: str
    host: str
    port: int
    is_tls: bool
    head: h11.Request = field(repr=False)
    body: bytes = field(repr=False)
    wire: bytes = field(repr=False)

    @property
    def has_answer(self) -> bool:
        """Whether an answer's length says how long its body is."""
        return self.head.method not in {b"HEAD", b"CONNECT"}

    def spoken(self, longest: int) -> h11.Connection:
        """Return h11's view of the connection once the request is sent.

        `longest` bounds the bytes of a head, or of one chunk's.
        """
        talk = h11.Connection(h11.CLIENT, max_incomplete_event_size=longest)
        _speak(talk, self.head, self.body)
        return talk


def asked(request: httpx.Request, body: bytes) -> Asked:
    """Return a request's form. Raises NoAnswer when it can have none."""
    url = request.url
    try:
        host, port = place(url)
        head = h11.Request(
            method=request.method, target=url.raw_path, headers=_lines(request)
        )
        wire = _speak(h11.Connection(h11.CLIENT), head, body)
    except FAILURES as error:
        raise no_answer(shown(url), flaw_of(error), Phases()) from None
    return Asked(
        where=shown(url),
        host=host,
        port=port,
        is_tls=url.scheme == "https",
        head=head,
        body=body,
        wire=wire,
    )


def _speak(talk: h11.Connection, head: h11.Request, body: bytes) -> bytes:
    """Return the bytes of a request."""
    events = (head, h11.Data(data=body), h11.EndOfMessage())
    return b"".join(talk.send(event) or b"" for event in events)


def _lines(request: httpx.Request) -> list[tuple[bytes, bytes]]:
    lines = [h for h in request.headers.raw if h[0].lower() not in _OURS]
    lines += ((b"Accept-Encoding", b"identity"), (b"Connection", b"close"))
    if request.url.userinfo and "authorization" not in request.headers:
        user = f"{request.url.username}:{request.url.password}".encode()
        lines.append((b"Authorization", b"Basic " + base64.b64encode(user)))
    return lines
