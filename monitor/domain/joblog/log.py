"""What is learnt from a log, look by look: every line counts once.

Nothing here grows with the log: one event of each kind is kept, and the
last lines.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from monitor.domain.joblog.kinds import WORDS
from monitor.domain.joblog.masking import mask
from monitor.domain.joblog.part import LogLine, LogPart, read_log
from monitor.domain.joblog.reading import LogEvent, LogReading
from monitor.domain.joblog.traceback import (
    NOWHERE,
    Message,
    Trace,
    ended,
    follow,
)

__all__ = ["LogMemory", "LogPart", "When", "Where", "learn", "read_log"]

LAST_LINES = 20
MOST_EVENTS = 100
"""New events that a reading lists; more are only counted."""
START_SLACK = 2.0
"""Seconds by which a server's start may be told too late: it is worked out
from clock ticks since boot."""
LAST_WORDS = frozenset({"crashed", "oom_killed"})
"""Kinds that tell of a process' end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogMemory:
    """What one look leaves for the next.

    `cursor` None: nothing is known. `started` is when the server that
    `recent` is about was started, where that is known.
    """

    cursor: str | None = None
    trace: Trace = NOWHERE
    counts: tuple[tuple[str, int], ...] = tuple((w, 0) for w in WORDS)
    recent: tuple[LogEvent, ...] = ()
    last_lines: tuple[str, ...] = ()
    started: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """Times of a look, Unix times by the host's clock.

    `started` is when the server that runs now was started, None where that
    is not known.
    """

    now: float
    started: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Which log: journal, docker or file, of FaceFusion in `directory`.

    Paths in `directory` are kept in the evidence; it may be empty.
    """

    source: str
    directory: str = ""


def learn(
    memory: LogMemory,
    part: LogPart,
    when: When,
    where: Where,
) -> tuple[LogMemory, LogReading]:
    """Return what is known after a look, and what it showed."""
    first = memory.cursor is None
    trace, messages = _messages(memory.trace, part.lines)
    events = _Events(when.now, where.directory, undated=first)
    recent = _recent(memory, part, when, events.last_of_each(messages))
    after = LogMemory(
        cursor=part.cursor,
        trace=trace,
        counts=memory.counts if first else _added(memory.counts, messages),
        recent=recent,
        last_lines=_last_lines(memory, part.lines, where.directory),
        started=memory.started if when.started is None else when.started,
    )
    return after, LogReading(
        source=where.source,
        cursor=after.cursor,
        lines=len(part.lines),
        events=() if first else events.of(messages[-MOST_EVENTS:]),
        recent=after.recent,
        counts=after.counts,
        last_lines=after.last_lines,
        skipped_bytes=part.skipped_bytes,
        rotated=part.rotated,
        first=first,
    )


def _messages(
    trace: Trace, lines: Iterable[LogLine]
) -> tuple[Trace, list[Message]]:
    """Return what the lines say; progress is many texts in one line."""
    messages: list[Message] = []
    for line in lines:
        for text in line.text.split("\r"):
            trace, told = follow(trace, line.at, text)
            messages += told
    trace, told = ended(trace)
    return trace, [*messages, *told]


@dataclass(frozen=True, slots=True)
class _Events:
    """Makes events of messages, at the time of the look where need be."""

    now: float
    directory: str
    undated: bool

    def of(self, messages: Iterable[Message]) -> tuple[LogEvent, ...]:
        return tuple(
            LogEvent(
                kind=one.kind,
                at=self.now if one.at is None else one.at,
                evidence=mask(one.text, self.directory),
                undated=self.undated and one.at is None,
            )
            for one in messages
        )

    def last_of_each(self, messages: Iterable[Message]) -> list[LogEvent]:
        last: dict[str, Message] = {}
        for one in messages:
            last.pop(one.kind, None)  # the newest goes to the end
            last[one.kind] = one
        return list(self.of(last.values()))


def _recent(
    memory: LogMemory, part: LogPart, when: When, new: list[LogEvent]
) -> tuple[LogEvent, ...]:
    """Return the last event of each kind of the server that runs now."""
    anew = part.restarted or (
        when.started is not None
        and memory.started is not None
        and abs(when.started - memory.started) > START_SLACK
    )
    kinds = {event.kind for event in new}
    kept = () if anew else memory.recent
    events = [one for one in kept if one.kind not in kinds] + new
    if when.started is None:
        return tuple(events)
    return tuple(one for one in events if _is_of(one, when.started))


def _is_of(event: LogEvent, started: float) -> bool:
    """Return whether an event belongs to the server started at a time.

    A process' last words are of the one before, even when the next was
    started so soon after that the times could mean either.
    """
    if event.undated:
        return True
    slack = START_SLACK if event.kind in LAST_WORDS else -START_SLACK
    return event.at >= started + slack


def _added(
    counts: Iterable[tuple[str, int]], messages: Iterable[Message]
) -> tuple[tuple[str, int], ...]:
    new = Counter(one.kind for one in messages)
    return tuple((kind, count + new[kind]) for kind, count in counts)


def _last_lines(
    memory: LogMemory, lines: Iterable[LogLine], directory: str
) -> tuple[str, ...]:
    """Return the end of the log; of a line of progress only its end."""
    ends = [line.text.rstrip().rpartition("\r")[2] for line in lines]
    new = [end for end in ends if end.strip()][-LAST_LINES:]
    masked = tuple(mask(end, directory) for end in new)
    return (*memory.last_lines, *masked)[-LAST_LINES:]
