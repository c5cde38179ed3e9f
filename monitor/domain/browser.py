"""What a user's browser would be allowed to do with a server.

The rules are those of the Fetch standard ("CORS check" and "CORS-preflight
fetch") for what a page of StoryCanvas sends: a POST of JSON without
credentials. POST needs no leave (it is a safelisted method), the content
type application/json does. What an https page may call over http is said by
W3C's Mixed Content and Secure Contexts: only loopback.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from monitor.domain.answer import Answer
from monitor.domain.errors import CannotReach
from monitor.domain.health import Health
from monitor.domain.quote import quote

_PORTS = {"http": 80, "https": 443}
_ASKED = "content-type"
_TOKEN = frozenset(
    "!#$%&'*+-.^_`|~0123456789"
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
)
"""Characters of a method or a header's name (RFC 9110 §5.6.2)."""
_BROKEN = 500
_OK_STATUS = range(200, 300)
_HELP = "let the server, or the proxy before it, answer with CORS headers"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserReading:
    """One CORS preflight for `origin`.

    `allowed_origin` is what the server answered, empty when it allows none.
    `mixed_content` is True where an https page would call an http server:
    browsers refuse that before anything is sent. `code` is the HTTP status
    of the preflight, None without an answer.
    """

    origin: str
    allowed_origin: str = ""
    mixed_content: bool = False
    code: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a browser would do.

    `reason` is empty when it would send the job, a word of `CannotReach`
    when nobody answered, else mixed_content or cors_blocked.
    """

    health: Health
    because: str
    reason: str
    reading: BrowserReading


def serialized(url: str) -> str:
    """Return the origin of an http address, as a browser sends it."""
    parts = urlsplit(url)
    scheme, host = parts.scheme.lower(), (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    if parts.port in {None, _PORTS.get(scheme)}:
        return f"{scheme}://{host}"
    return f"{scheme}://{host}:{parts.port}"


def asks(origin: str) -> Mapping[str, str]:
    """Return the headers of the preflight before a job."""
    return {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": _ASKED,
    }


def judge_beforehand(origin: str, url: str) -> Verdict | None:
    """Return what is known without asking, None when we have to ask."""
    if origin == serialized(url):
        return Verdict(
            health=Health.HEALTHY,
            because="page and server have one origin: browsers need no leave",
            reason="",
            reading=BrowserReading(origin=origin),
        )
    if not _is_mixed(origin, url):
        return None
    return Verdict(
        health=Health.DEGRADED,
        because=f"browsers refuse that the https page {quote(origin)} calls"
        " an http server: serve it over https, or go through the backend",
        reason="mixed_content",
        reading=BrowserReading(origin=origin, mixed_content=True),
    )


def judge_preflight(origin: str, answer: Answer) -> Verdict:
    """Return what a browser would do after this answer.

    A server that fails at everything says nothing of its CORS headers.
    """
    if answer.code >= _BROKEN:
        return Verdict(
            health=Health.UNKNOWN,
            because=f"cannot tell: the preflight was answered {answer.code};"
            " see the status check",
            reason="server_error",
            reading=BrowserReading(origin=origin, code=answer.code),
        )
    said = answer.headers
    flaw = (
        _flaw_of_origin(origin, said.get("access-control-allow-origin"))
        or _flaw_of_code(answer)
        or _flaw_of_lists(said)
    )
    allowed = quote(said.get("access-control-allow-origin", ""))
    return Verdict(
        health=Health.DEGRADED if flaw else Health.HEALTHY,
        because=f"browsers refuse calls from {quote(origin)}: {flaw}; {_HELP}"
        if flaw
        else f"browsers may call it from {quote(origin)}",
        reason="cors_blocked" if flaw else "",
        reading=BrowserReading(
            origin=origin, allowed_origin=allowed, code=answer.code
        ),
    )


def judge_silence(origin: str, error: CannotReach) -> Verdict:
    """Return that nothing was learnt; the status check says the rest."""
    return Verdict(
        health=Health.UNKNOWN,
        because=str(error),
        reason=error.reason,
        reading=BrowserReading(origin=origin),
    )


def _is_mixed(origin: str, url: str) -> bool:
    page, server = urlsplit(origin), urlsplit(url)
    if page.scheme != "https" or server.scheme != "http":
        return False
    return not _is_loopback(server.hostname or "")


def _is_loopback(host: str) -> bool:
    name = host.lower().removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _flaw_of_origin(origin: str, allowed: str | None) -> str:
    """Compare bytes: no case is folded, no list is read."""
    if allowed is None:
        return "the preflight allows no origin"
    if allowed in {"*", origin}:
        return ""
    return f'the preflight allows only the origin "{quote(allowed)}"'


def _flaw_of_code(answer: Answer) -> str:
    if answer.code in _OK_STATUS:
        return ""
    return f"the preflight was answered {answer.code}"


def _flaw_of_lists(said: Mapping[str, str]) -> str:
    methods = _tokens(said.get("access-control-allow-methods", ""))
    names = _tokens(said.get("access-control-allow-headers", ""))
    if methods is None or names is None:
        return "the preflight's lists of methods or headers are malformed"
    if "*" in names or _ASKED in {name.lower() for name in names}:
        return ""
    return f"the preflight does not allow the header {_ASKED}"


def _tokens(value: str) -> list[str] | None:
    """Return the members of a list header, None when it is malformed."""
    members = [member.strip(" \t") for member in value.split(",")]
    tokens = [member for member in members if member]
    if all(_TOKEN.issuperset(token) for token in tokens):
        return tokens
    return None
