"""What the gate says of a log (monitor/gate/README.md), as it is read."""

from dataclasses import dataclass

from monitor.domain.errors import Unreadable
from monitor.domain.joblog.kinds import LINE_LIMIT
from monitor.domain.wire import Part

MOST_LINES = 65_536
"""No answer of 1 MiB holds more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """A line; `at` is Unix time by the host's clock, None where unknown."""

    at: float | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPart:
    """What came into a log after a cursor, oldest first.

    `restarted`: the server was started anew in between. `unreadable` counts
    lines that were none.
    """

    cursor: str | None
    lines: tuple[LogLine, ...] = ()
    skipped_bytes: int = 0
    rotated: bool = False
    restarted: bool = False
    unreadable: int = 0


def read_log(part: Part) -> LogPart:
    """Return what the gate says; a bad line does not spoil the others.

    Raises `Unreadable` when the whole is not what the protocol says.
    """
    lines: list[LogLine] = []
    members = part.items("lines", most=MOST_LINES)
    for name, member in members:
        try:
            lines.append(_line(Part(member, name)))
        except Unreadable:
            continue
    return LogPart(
        cursor=part.maybe_text("cursor"),
        lines=tuple(lines),
        skipped_bytes=part.maybe_whole("skipped_bytes") or 0,
        rotated=part.maybe_flag("rotated") or False,
        restarted=part.maybe_flag("restarted") or False,
        unreadable=len(members) - len(lines),
    )


def _line(part: Part) -> LogLine:
    return LogLine(
        at=part.maybe_number("at"),
        text=part.text("text", limit=LINE_LIMIT, cut=True),
    )
