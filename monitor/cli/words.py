"""Times, lengths and other people's words, for tables."""

from datetime import UTC, datetime

from rich.markup import escape

from monitor.cli.print_looks import COLOURS
from monitor.domain.health import Health
from monitor.domain.quote import quote

NONE = "-"
_LONGEST = 400
_UNITS = (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1))


def span(seconds: float | None) -> str:
    """Return a length in its two largest units: `3d4h`, `2m5s`, `0s`."""
    if seconds is None:
        return NONE
    left, parts = round(max(0.0, seconds)), []
    for unit, size in _UNITS:
        count, left = divmod(left, size)
        parts.append((count, unit))
    while len(parts) > 1 and not parts[0][0]:
        parts.pop(0)
    (most, unit), *rest = parts
    smaller = "".join(f"{count}{name}" for count, name in rest[:1] if count)
    return f"{most}{unit}{smaller}"


def ago(seconds: float | None) -> str:
    """Return an age: `12s ago`."""
    return NONE if seconds is None else f"{span(seconds)} ago"


def moment(at: datetime) -> str:
    """Return a time to the second, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def between(since: datetime | None, now: datetime) -> str:
    """Return how long something holds."""
    return NONE if since is None else span((now - since).total_seconds())


def coloured(health: Health) -> str:
    """Return a health as markup."""
    return f"[{COLOURS[health]}]{health.value}[/]"


def plain(text: str) -> str:
    """Return a text that is no markup and moves no cursor."""
    return escape(quote(text, _LONGEST))
