"""Words of strangers, made fit for our logs, pages and metrics."""

import re

LIMIT = 120
"""Characters of a stranger's text that we repeat."""

_MASKS = (
    (re.compile(r"//[^/?#\s]*@"), "//***@"),
    (re.compile(r"\?[^\s\"'<>=]*=[^\s\"'<>]*"), "?***"),
    (re.compile(r"(?i)\b(bearer|basic) +[^\s\"',;]+"), r"\1 ***"),
    (
        re.compile(
            r"(?i)((?:token|secret|passw(?:or)?d|api[_-]?key|credential"
            r"|authorization|signature)[\"']?\s*[:=]\s*[\"']?)[^\s\"',;&]+"
        ),
        r"\1***",
    ),
)


def quote(text: str, limit: int = LIMIT) -> str:
    """Return one printable line without secrets, at most `limit` long.

    Credentials in addresses, their queries, and values named like a token
    or a password become `***`. A longer text ends with an ellipsis.
    """
    text = text[: 4 * limit]
    for pattern, masked in _MASKS:
        text = pattern.sub(masked, text)
    line = _printable(text)
    if len(line) <= limit:
        return line
    return line[: limit - 1].rstrip() + "…"


def _printable(text: str) -> str:
    kept = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(kept.split())
