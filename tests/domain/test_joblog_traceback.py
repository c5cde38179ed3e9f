"""Tracebacks in a log: one event each, of what the last line says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.joblog.kinds import WORDS
from monitor.domain.joblog.traceback import (
    MOST_LINES,
    NOWHERE,
    Message,
    ended,
    follow,
)

OOM = """\
Traceback (most recent call last):
  File "/opt/facefusion/facefusion/core.py", line 3, in run
    raise RuntimeError('CUDA failure 700: never said')

  File "x.py", line 4, in infer
    session.run()
onnxruntime.capi.Fail: [ONNXRuntimeError] : 6 : Failed to allocate memory for \
requested buffer of size 7
"""
UNKNOWN = """\
Traceback (most recent call last):
  File "x.py", line 3, in run
KeyError: 'frame'
"""
CHAIN = f"""\
{OOM}
During handling of the above exception, another exception occurred:

{UNKNOWN}"""
CAUSE = f"""\
{UNKNOWN}
The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "x.py", line 9, in run
OSError: [Errno 28] No space left on device
"""
GROUP = """\
  + Exception Group Traceback (most recent call last):
  |   File "x.py", line 1, in run
  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "x.py", line 2, in run
    | OSError: [Errno 28] No space left on device
    +------------------------------------
"""


def told(*texts: str) -> list[str]:
    """Return the kinds that looks at these texts tell, in their order."""
    trace, kinds = NOWHERE, list[str]()
    for text in texts:
        for line in text.splitlines():
            trace, found = follow(trace, 1.0, line)
            kinds += [one.kind for one in found]
        trace, found = ended(trace)
        kinds += [one.kind for one in found]
    return kinds


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (OOM, ["out_of_memory"]),
        (UNKNOWN, ["traceback"]),
        (CHAIN, ["out_of_memory"]),
        (CAUSE, ["disk_full"]),
        (GROUP, ["disk_full"]),
        (UNKNOWN + UNKNOWN, ["traceback", "traceback"]),
        (OOM + UNKNOWN, ["out_of_memory", "traceback"]),
        (UNKNOWN + "\n\n", ["traceback"]),
        (UNKNOWN + "fine\n", ["traceback"]),
        (UNKNOWN + "processing to image failed", ["traceback", "job_failed"]),
        ("Traceback (most recent call last):\n", []),
        ("KeyError: 'frame'\n", []),
        ("", []),
    ],
)
def test_a_traceback_is_one_event_of_what_its_last_line_says(
    text: str, kinds: list[str]
) -> None:
    assert told(text) == kinds


def test_a_traceback_may_come_in_two_looks() -> None:
    for place in range(len(OOM.splitlines())):
        lines = OOM.splitlines(keepends=True)
        first, second = "".join(lines[:place]), "".join(lines[place:])

        assert told(first, second) == ["out_of_memory"]


def test_other_threads_may_speak_within_a_traceback() -> None:
    lines = UNKNOWN.splitlines()
    said = [
        "processing:  45%|####  | 45/100",
        "INFO:     127.0.0.1:1 - GET / HTTP/1.1",
        "[FACEFUSION.CORE] processing to image succeeded in 1 seconds",
    ]

    kinds = told("\n".join([*lines[:2], *said, lines[2]]))

    assert kinds == ["job_succeeded", "traceback"]


def test_a_traceback_without_an_end_is_given_up() -> None:
    text = "Traceback (most recent call last):\n" + "  x\n" * MOST_LINES

    assert told(f"{text}KeyError: 'x'") == []
    assert told(f"{text}  disk quota exceeded") == ["disk_full"]
    shorter = text.removesuffix("  x\n")
    assert told(f"{shorter}KeyError: 'x'") == ["traceback"]


def test_a_verdict_keeps_its_own_time_and_line() -> None:
    trace, _ = follow(NOWHERE, 1.0, "Traceback (most recent call last):")
    trace, _ = follow(trace, 2.0, "KeyError: 'x'")
    _, found = follow(trace, 3.0, "processing to image failed")

    assert found == (
        Message(kind="traceback", at=2.0, text="KeyError: 'x'"),
        Message(kind="job_failed", at=3.0, text="processing to image failed"),
    )


@pytest.mark.parametrize(
    ("line", "is_one"),
    [
        ("KeyError", True),
        ("a.b.Fault: x", True),
        ("a.b.C: x", False),
        ("KeyboardInterrupt", True),
        ("gradio.exceptions.Error: 'x'", True),
        ("processing: 45%", False),
        ("INFO:     x", False),
        ("To create a link: x", False),
        ("a..B: x", False),
        (": x", False),
        ("E" + "e" * 200 + ": x", False),
    ],
)
def test_only_an_exception_ends_a_traceback(
    line: str, *, is_one: bool
) -> None:
    trace, _ = follow(NOWHERE, None, "Traceback (most recent call last):")

    after, _ = follow(trace, None, line)

    assert (after.left == 0) is is_one


LINES = st.sampled_from(
    sorted({*CHAIN.splitlines(), *CAUSE.splitlines(), *GROUP.splitlines()})
) | st.text(st.characters(exclude_categories=()), max_size=30)


@given(lines=st.lists(LINES, max_size=30))
def test_any_lines_tell_at_most_as_many_events_as_they_are(
    lines: list[str],
) -> None:
    trace, found = NOWHERE, list[Message]()
    for line in lines:
        trace, more = follow(trace, None, line)
        found += more
    trace, more = ended(trace)
    found += more

    assert {one.kind for one in found} <= {*WORDS}
    assert len(found) <= len(lines)
    assert trace.verdict is None
    assert 0 <= trace.left <= MOST_LINES
