"""The `kernel` part of a gate's answer (monitor/gate/README.md)."""

from dataclasses import dataclass

from monitor.domain.errors import Unreadable
from monitor.domain.kernel.event import KernelLine
from monitor.domain.wire import Part

_SOURCES = ("journal", "dmesg")
_LINE_LIMIT = 2000
_CURSOR_LIMIT = 1024
_MOST_LINES = 5000
"""Far above the 500 that we ask for; the gate's answer has at most 1 MiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KernelPart:
    """Lines of the kernel's log as they came, oldest first.

    `cursor` is where to go on, None where the source has none. `lost` says
    that lines are missing: older ones, or some that could not be read.
    """

    source: str
    cursor: str | None
    entries: tuple[KernelLine, ...]
    lost: bool


def read_kernel(part: object) -> KernelPart:
    """Read the part; an entry that is none does not spoil the others.

    Raises `Unreadable`, naming the field.
    """
    given = part if isinstance(part, Part) else Part(part, "kernel")
    source = given.text("source")
    if source not in _SOURCES:
        raise Unreadable(
            f"cannot read {given.path('source')}: it is neither journal nor"
            " dmesg; is the gate newer than the monitor?"
        )
    items = given.items("entries", most=_MOST_LINES)
    read = (_line(one, name) for name, one in items)
    entries = tuple(line for line in read if line is not None)
    return KernelPart(
        source=source,
        cursor=given.maybe_text("cursor", limit=_CURSOR_LIMIT),
        entries=entries,
        lost=given.flag("lost") or len(entries) < len(items),
    )


def _line(given: object, name: str) -> KernelLine | None:
    try:
        entry = Part(given, name)
        return KernelLine(
            at=entry.number("at"),
            text=entry.text("text", limit=_LINE_LIMIT, cut=True),
        )
    except Unreadable:
        return None
