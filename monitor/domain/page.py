"""Error pages: what proxies send in the place of a server's answer.

Some proxies turn a 502 into a 200 with a page (facts/facefusion.md §5), so
the code alone proves nothing.
"""

import re

from monitor.domain.answer import Answer
from monitor.domain.quote import quote

_HEAD = 4096
"""Bytes of a body in which a page shows what it is."""
_OPENING = 200
"""Characters in which a plain text error says so."""
_BLANK = b"\xef\xbb\xbf \t\r\n\f\v\0"
"""What may stand before a page: a byte order mark and white space."""

_HTML_TYPES = {"text/html", "application/xhtml+xml"}
_HTML = re.compile(
    r"(?:<\?xml[^>]*>\s*)?<(?:!--|!doctype\s+html\b|(?:html|head|body|title"
    r"|meta|link|base|script|noscript|style|center|main|section|header|h[1-6]"
    r"|div|span|p|pre|table|form|iframe|font|strong|b|br|hr|a)\b)",
    re.IGNORECASE,
)
_TITLE = re.compile(r"<(?:title|h1)[^<>]*>([^<]+)", re.IGNORECASE)
_CODE = re.compile(
    r"(?:http/[\d.]+ |error (?:code: ?)?)?[45]\d\d\b", re.IGNORECASE
)
_SAYINGS = (
    "bad gateway",
    "gateway timeout",
    "gateway time-out",
    "service unavailable",
    "service temporarily unavailable",
    "internal server error",
    "proxy error",
    "no healthy upstream",
    "no available server",
    "upstream connect error",
    "upstream request timeout",
    "page not found",
    "traceback (most recent call last)",
)


def error_page(answer: Answer, parsed: object) -> str | None:
    """Return what the error page says, None when the body is none.

    `parsed` is the body as JSON, None when it is not JSON. HTML is an error
    page by its content type or by its beginning, but JSON under an HTML
    content type is not (Flask labels every string so). A text is one when
    it begins with a 4xx or 5xx code or holds the words of a proxy.
    """
    text = parsed if isinstance(parsed, str) else _opening(answer.body)
    if _HTML.match(text):
        return _title(text)
    if parsed is not None and parsed is not text:
        return None
    if text and answer.media_type in _HTML_TYPES:
        return _title(text)
    return _saying(text)


def _opening(body: bytes) -> str:
    head = body.lstrip(_BLANK)[:_HEAD]
    return head.decode("utf-8", errors="replace")


def _title(text: str) -> str:
    found = _TITLE.search(text)
    return (found and quote(found.group(1))) or "a web page"


def _saying(text: str) -> str | None:
    opening = text[:_OPENING].casefold()
    named = any(saying in opening for saying in _SAYINGS)
    return quote(text) if named or _CODE.match(opening) else None
