"""Python's tracebacks in a log: many lines, of which the last decides.

The lines of code between are no messages: what a program would say in some
other case must not count. Of exceptions in a chain the last one of a known
kind counts: "the session is broken" often hides "out of memory".
"""

from dataclasses import dataclass, replace

from monitor.domain.joblog.kinds import TRACEBACK, classify

MOST_LINES = 300
"""Lines after which a traceback without an end is given up."""
_HEAD = "Traceback (most recent call last):"
_LINKS = (
    "During handling of the above exception, another exception occurred:",
    "The above exception was the direct cause of the following exception:",
)
_NAME_LIMIT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A line that means something. `at` None where the log has no time."""

    kind: str
    at: float | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Where in a traceback the log is.

    `left` is how many lines it may still have, 0 outside of one. `verdict`
    is what its exception means, held back while another may follow, which
    it does for sure when it is `linked`.
    """

    left: int = 0
    verdict: Message | None = None
    linked: bool = False


NOWHERE = Trace()


def follow(
    trace: Trace, at: float | None, line: str
) -> tuple[Trace, tuple[Message, ...]]:
    """Return where the log is after a line, and what it has told by then."""
    text = _ungrouped(line)
    if _HEAD in text:
        return _opened(trace)
    if trace.left:
        return _inside(trace, at, text)
    if trace.verdict is None:
        return NOWHERE, _plainly(at, text)
    if not text.strip():
        return trace, ()
    if text.strip() in _LINKS or text.startswith("+-"):
        return replace(trace, linked=True), ()
    return NOWHERE, (trace.verdict, *_plainly(at, text))


def ended(trace: Trace) -> tuple[Trace, tuple[Message, ...]]:
    """Return what is told when no more lines are there for now."""
    if trace.verdict is None:
        return trace, ()
    return replace(trace, verdict=None, linked=False), (trace.verdict,)


def _opened(trace: Trace) -> tuple[Trace, tuple[Message, ...]]:
    if trace.verdict is None or trace.linked:
        return Trace(left=MOST_LINES, verdict=trace.verdict), ()
    return Trace(left=MOST_LINES), (trace.verdict,)


def _inside(
    trace: Trace, at: float | None, text: str
) -> tuple[Trace, tuple[Message, ...]]:
    if not text.strip() or text[0].isspace():
        return replace(trace, left=trace.left - 1), ()
    if not _is_exception(text):
        return replace(trace, left=trace.left - 1), _plainly(at, text)
    kind = classify(text) or TRACEBACK
    if trace.verdict is not None and kind == TRACEBACK:
        return Trace(verdict=trace.verdict), ()
    return Trace(verdict=Message(kind=kind, at=at, text=text)), ()


def _plainly(at: float | None, text: str) -> tuple[Message, ...]:
    kind = classify(text)
    return (Message(kind=kind, at=at, text=text),) if kind else ()


def _is_exception(text: str) -> bool:
    """Whether a line is `package.module.SomeError`, with or without words.

    `INFO:` and `processing:` begin like one and are none.
    """
    name = text.partition(":")[0].rstrip()
    last = name.rpartition(".")[2]
    return (
        len(name) <= _NAME_LIMIT
        and all(part.isidentifier() for part in name.split("."))
        and last[:1].isupper()
        and not last.isupper()
    )


def _ungrouped(line: str) -> str:
    """Return a line of an exception group without the bars before it."""
    stripped = line.lstrip(" ")
    if stripped.startswith("| "):
        return stripped[2:]
    return stripped if stripped.startswith("+-") else line
