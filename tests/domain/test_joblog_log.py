"""Reading a log over cursors: every line counts once, nothing grows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.errors import Unreadable
from monitor.domain.joblog.kinds import WORDS
from monitor.domain.joblog.log import (
    LAST_LINES,
    MOST_EVENTS,
    LogMemory,
    When,
    Where,
    learn,
    read_log,
)
from monitor.domain.joblog.part import LogLine, LogPart
from monitor.domain.joblog.reading import LogEvent, LogReading
from monitor.domain.wire import Part

NOW = 1_700_000_000.0
JOURNAL = Where(source="journal", directory="/opt/facefusion")
OOM = "CUDA failure 2: out of memory"
FAULT = "CUDA failure 700: an illegal memory access"
DONE = "[FACEFUSION.CORE] processing to image succeeded in 1 seconds"
CRASH = "facefusion.service: Failed with result 'signal'."


class Log:
    """A log that is looked at again and again."""

    def __init__(self) -> None:
        self.memory = LogMemory()
        self.now = NOW

    def look(
        self,
        *texts: str,
        at: float | None = None,
        started: float | None = None,
        cursor: str | None = "c",
        restarted: bool = False,
    ) -> LogReading:
        self.now += 30
        part = LogPart(
            cursor=cursor,
            lines=tuple(LogLine(at=at, text=text) for text in texts),
            restarted=restarted,
        )
        when = When(now=self.now, started=started)
        self.memory, reading = learn(self.memory, part, when, JOURNAL)
        return reading


def kinds(events: tuple[LogEvent, ...]) -> list[str]:
    return [event.kind for event in events]


def counted(reading: LogReading) -> dict[str, int]:
    return {kind: count for kind, count in reading.counts if count}


def read(**given: object) -> LogPart:
    return read_log(Part(given, "log"))


def test_every_kind_is_counted_from_nought() -> None:
    reading = Log().look()

    assert reading.counts == tuple((word, 0) for word in WORDS)


def test_what_was_there_before_is_known_and_not_counted() -> None:
    reading = Log().look(OOM, DONE, at=NOW - 60)

    assert reading.first
    assert (reading.lines, reading.events) == (2, ())
    assert counted(reading) == {}
    assert kinds(reading.recent) == ["out_of_memory", "job_succeeded"]
    assert reading.last_lines == (OOM, DONE)


def test_what_came_since_is_counted_once() -> None:
    log = Log()
    log.look(OOM)

    reading = log.look(FAULT, DONE, DONE, at=NOW + 5)
    after = log.look()

    assert not reading.first
    assert kinds(reading.events) == [
        "cuda_fault",
        "job_succeeded",
        "job_succeeded",
    ]
    assert counted(reading) == {"cuda_fault": 1, "job_succeeded": 2}
    assert counted(after) == counted(reading)
    assert after.events == ()
    assert kinds(after.recent) == [
        "out_of_memory",
        "cuda_fault",
        "job_succeeded",
    ]


def test_a_line_without_a_time_has_that_of_the_look() -> None:
    log = Log()

    (before,) = log.look(OOM).recent
    (since,) = log.look(FAULT).events

    assert (before.at, before.undated) == (NOW + 30, True)
    assert (since.at, since.undated) == (NOW + 60, False)


def test_a_line_with_a_time_is_as_old_as_it_says() -> None:
    (event,) = Log().look(OOM, at=NOW - 86400).recent

    assert event == LogEvent(
        kind="out_of_memory", at=NOW - 86400, evidence=OOM
    )


def test_without_a_cursor_every_look_is_the_first() -> None:
    log = Log()

    for _ in range(3):
        reading = log.look(OOM, cursor=None)

    assert reading.first
    assert counted(reading) == {}


def test_a_restart_told_by_the_log_empties_what_was_recent() -> None:
    log = Log()
    log.look(OOM)

    reading = log.look(DONE, restarted=True)

    assert kinds(reading.recent) == ["job_succeeded"]


def test_a_new_start_of_the_server_empties_what_was_recent() -> None:
    log = Log()
    log.look(OOM, at=NOW + 25, started=NOW)
    log.look(FAULT, at=NOW + 55, started=NOW + 1.9)

    reading = log.look(DONE, at=NOW + 80, started=NOW + 70)

    assert kinds(reading.recent) == ["job_succeeded"]
    assert log.memory.started == NOW + 70


def test_what_was_said_before_the_servers_start_is_not_recent() -> None:
    log = Log()

    reading = log.look(OOM, at=NOW, started=NOW + 10)
    late = log.look(FAULT, at=NOW + 8, started=NOW + 10)

    assert reading.recent == ()
    assert kinds(late.recent) == ["cuda_fault"]


def test_how_a_process_ended_is_not_held_against_the_next_one() -> None:
    log = Log()
    log.look()

    reading = log.look(CRASH, FAULT, at=NOW + 1, started=NOW)
    later = log.look(CRASH, at=NOW + 20, started=NOW)

    assert kinds(reading.recent) == ["cuda_fault"]
    assert counted(reading)["crashed"] == 1
    assert kinds(later.recent) == ["cuda_fault", "crashed"]


def test_a_start_that_nobody_knows_changes_nothing() -> None:
    log = Log()
    log.look(OOM, started=NOW)

    reading = log.look(started=None)
    again = log.look(started=NOW)

    assert kinds(reading.recent) == ["out_of_memory"]
    assert kinds(again.recent) == ["out_of_memory"]


def test_a_start_is_remembered_while_nobody_knows_it() -> None:
    log = Log()
    log.look(OOM, started=NOW)
    log.look(started=None)

    assert log.look(started=NOW + 100).recent == ()


def test_of_one_look_the_last_of_a_kind_is_at_the_end_too() -> None:
    reading = Log().look(OOM, FAULT, OOM)

    assert kinds(reading.recent) == ["cuda_fault", "out_of_memory"]


def test_one_event_of_a_kind_is_recent_the_last_of_them_at_the_end() -> None:
    log = Log()
    log.look(OOM, FAULT)

    reading = log.look(FAULT, f"{OOM} ; GPU=0", f"{OOM} ; GPU=1")

    assert [event.evidence for event in reading.recent] == [
        FAULT,
        f"{OOM} ; GPU=1",
    ]


def test_evidence_and_last_lines_are_masked() -> None:
    line = "No space left on device: '/opt/facefusion/out/Ann Smith.png'"

    reading = Log().look(line)

    told = "No space left on device: '/opt/facefusion/***.png'"
    assert reading.recent[0].evidence == told
    assert reading.last_lines == (told,)


def test_only_the_last_lines_and_newest_events_are_kept() -> None:
    log = Log()
    log.look("before")

    reading = log.look(*(f"{OOM} {place}" for place in range(300)))

    assert len(reading.last_lines) == LAST_LINES
    assert reading.last_lines[-1] == f"{OOM} 299"
    assert len(reading.events) == MOST_EVENTS
    assert reading.events[-1].evidence == f"{OOM} 299"
    assert counted(reading) == {"out_of_memory": 300}


def test_last_lines_go_on_over_looks() -> None:
    log = Log()
    log.look("one", "   ")

    assert log.look("two").last_lines == ("one", "two")


def test_progress_in_one_line_is_many_texts() -> None:
    log = Log()
    log.look()
    progress = "processing:   0%|  | 0/9\rprocessing: 100%|##| 9/9"

    reading = log.look(f"{progress}\r{DONE}", f"{progress}\r")

    assert kinds(reading.events) == ["job_succeeded"]
    assert reading.last_lines == (DONE, "processing: 100%|##| 9/9")


def test_a_traceback_over_two_looks_is_one_event() -> None:
    log = Log()
    log.look("Traceback (most recent call last):", '  File "x.py", line 1')

    reading = log.look("    raise RuntimeError", f"RuntimeError: {FAULT}")

    assert kinds(reading.events) == ["cuda_fault"]


def test_a_whole_part_is_read() -> None:
    part = read(
        source="journal",
        cursor="s=1",
        lines=[{"at": 1.5, "text": "a"}, {"at": None, "text": "b" * 3000}],
        skipped_bytes=7,
        rotated=True,
        restarted=True,
    )

    assert part == LogPart(
        cursor="s=1",
        lines=(
            LogLine(at=1.5, text="a"),
            LogLine(at=None, text="b" * 2000),
        ),
        skipped_bytes=7,
        rotated=True,
        restarted=True,
    )


def test_what_is_absent_is_not_so() -> None:
    assert read(lines=[]) == LogPart(cursor=None)


def test_bad_lines_are_counted_and_do_not_spoil_the_others() -> None:
    part = read(lines=[None, 1, {}, {"at": "x", "text": ""}, {"text": "a"}])

    assert part.lines == (LogLine(at=None, text="a"),)
    assert part.unreadable == 4


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"lines": "a"},
        {"lines": [], "cursor": 1},
        {"lines": [], "cursor": "c" * 2000},
        {"lines": [], "rotated": "yes"},
        {"lines": [], "skipped_bytes": -1},
    ],
)
def test_a_part_that_is_none_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(Unreadable, match=r"^cannot read log\."):
        read(**given)


ANY = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["at", "text", "x"]), inner, max_size=3
        )
    ),
    max_leaves=10,
)
LINES = st.builds(
    LogLine,
    at=st.none() | st.floats(0, 2e9),
    text=st.sampled_from([OOM, FAULT, DONE, "KeyError: 'x'", "a\rb"])
    | st.just("Traceback (most recent call last):")
    | st.text(max_size=20),
)


@given(
    given_part=st.dictionaries(
        st.sampled_from(
            ["cursor", "lines", "skipped_bytes", "rotated", "restarted"]
        ),
        ANY,
    )
)
def test_any_answer_is_read_or_refused(given_part: dict[str, object]) -> None:
    try:
        part = read_log(Part(given_part, "log"))
    except Unreadable:
        return
    assert all(isinstance(line.text, str) for line in part.lines)


@given(
    looks=st.lists(
        st.tuples(
            st.lists(LINES, max_size=6),
            st.none() | st.floats(0, 2e9),
            st.booleans(),
        ),
        max_size=6,
    )
)
def test_whatever_is_said_counts_only_grow_and_memory_is_bounded(
    looks: list[tuple[list[LogLine], float | None, bool]],
) -> None:
    memory = LogMemory()
    for lines, started, restarted in looks:
        before = memory
        part = LogPart(cursor="c", lines=tuple(lines), restarted=restarted)
        when = When(now=NOW, started=started)
        memory, reading = learn(memory, part, when, JOURNAL)

        grown = sum(n for _, n in memory.counts)
        grown -= sum(n for _, n in before.counts)
        assert grown == len(reading.events)
        assert len({event.kind for event in memory.recent}) == len(
            memory.recent
        )
        assert len(memory.last_lines) <= LAST_LINES
        assert [kind for kind, _ in memory.counts] == [*WORDS]
