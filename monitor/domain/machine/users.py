"""Who uses a machine beside us, as phrases.

People, package managers, and who blocks a shutdown of it.
"""

from datetime import UTC, datetime

from monitor.domain.quote import quote
from monitor.domain.wire import Part

_WORD = 64
_LATEST = 2.0**33
"""A time after this (the year 2242) is none that a machine was told."""


def person(part: Part) -> str:
    """Return who is logged in: `ann on pts/0 since 2026-11-23 05:10 UTC`.

    And from where, for who came through the network. Raises `Unreadable`.
    """
    user = _word(part, "user") or "somebody"
    terminal = _word(part, "terminal") or "no terminal"
    since, origin = _since(part), _word(part, "from")
    return f"{user} on {terminal}{since}" + (
        f", from {origin}" if origin else ""
    )


def package(part: Part) -> str:
    """Return a package manager: `apt-get (pid 4711)`.

    Raises `Unreadable`.
    """
    name = _word(part, "name") or "a package manager"
    pid = part.maybe_whole("pid", least=1)
    return name if pid is None else f"{name} (pid {pid})"


def inhibitor(part: Part) -> str:
    """Return who blocks a shutdown: `fwupd (Firmware update in progress)`.

    Raises `Unreadable`.
    """
    who, why = _word(part, "who") or "a program", _word(part, "why")
    return f"{who} ({why})" if why else who


def _since(part: Part) -> str:
    at = part.maybe_number("since", most=_LATEST)
    if at is None:
        return ""
    return f" since {datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"


def _word(part: Part, key: str) -> str:
    return quote(part.maybe_text(key, limit=_WORD, cut=True) or "", _WORD)
