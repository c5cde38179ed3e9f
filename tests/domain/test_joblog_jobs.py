"""The jobs folder: what is in work, what was left behind."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.errors import Unreadable
from monitor.domain.joblog.jobs import (
    MOST_STARTED,
    read_jobs,
    with_orphans,
    with_stuck,
)
from monitor.domain.joblog.reading import JobsReading, StartedJob
from monitor.domain.wire import Part

NOW = 1_700_000_000.0
JOBS = "/opt/facefusion/.jobs"
COUNTS = {"drafted": 1, "queued": 2, "completed": 30, "failed": 4}
WORK = StartedJob(id="ui-1", updated_at=NOW - 60, steps=2, steps_done=1)
UNDATED = StartedJob(id="ui-2")


def read(**given: object) -> JobsReading:
    return read_jobs(Part({"counts": COUNTS, **given}, "jobs"), JOBS)


def of(*jobs: StartedJob) -> JobsReading:
    return JobsReading(directory=JOBS, started=jobs)


def test_a_whole_part_is_read() -> None:
    job = {"id": "ui-1", "updated_at": NOW, "steps": 2, "steps_done": 1}

    reading = read(started=[job], unreadable=3, more=True)

    assert reading == JobsReading(
        directory=JOBS,
        counts=tuple(COUNTS.items()),
        started=(
            StartedJob(id="ui-1", updated_at=NOW, steps=2, steps_done=1),
        ),
        unreadable=3,
        more=True,
    )


def test_what_is_absent_is_not_known() -> None:
    reading = read_jobs(
        Part(
            {"counts": {"failed": 0, "odd": 1}, "started": [{"id": "a"}]}, ""
        ),
        JOBS,
    )

    assert reading == JobsReading(
        directory=JOBS,
        counts=(("failed", 0),),
        started=(StartedJob(id="a"),),
    )


def test_a_folder_that_is_not_there_has_no_counts() -> None:
    assert read(counts=None, started=[]) == JobsReading(directory=JOBS)


def test_bad_jobs_are_counted_and_do_not_spoil_the_others() -> None:
    reading = read(
        started=[None, {}, {"id": "b", "updated_at": "x"}, {"id": "a"}],
        unreadable=1,
    )

    assert reading.started == (StartedJob(id="a"),)
    assert reading.unreadable == 4


def test_jobs_without_number_are_cut_and_said_to_be() -> None:
    started = [{"id": str(place)} for place in range(5000)]

    reading = read(started=started)

    assert len(reading.started) == MOST_STARTED
    assert reading.more


@pytest.mark.parametrize(
    ("more", "told"),
    [(None, False), (False, False), (0, False), (True, True), (7, True)],
)
def test_the_gate_says_whether_there_are_more(
    more: object, *, told: bool
) -> None:
    assert read(started=[], more=more).more is told


@pytest.mark.parametrize(
    "given",
    [
        {"counts": 7},
        {"counts": {"failed": "x"}},
        {"started": None},
        {"started": {}},
        {"started": [], "unreadable": -1},
        {"started": [], "more": "x"},
    ],
)
def test_a_part_that_is_none_is_refused(given: dict[str, object]) -> None:
    with pytest.raises(Unreadable, match=r"^cannot read jobs\."):
        read(**given)


@pytest.mark.parametrize(
    ("oldest", "orphaned"),
    [
        (None, False),  # nobody knows who runs
        (NOW - 3600, False),
        (NOW - 60, False),
        (NOW - 58, False),  # starts are known to some seconds
        (NOW - 57.9, True),
        (math.inf, True),  # nobody runs
    ],
)
def test_a_job_is_orphaned_when_all_processes_are_younger(
    oldest: float | None, *, orphaned: bool
) -> None:
    reading = with_orphans(of(WORK, UNDATED), oldest)

    assert reading.orphans == ((WORK,) if orphaned else ())


@pytest.mark.parametrize(
    ("limit", "working", "told"),
    [
        (59.0, False, True),
        (60.0, False, False),
        (59.0, True, False),
        (59.0, None, False),
    ],
)
def test_a_job_may_be_stuck_when_nothing_moves_for_long(
    limit: float, *, working: bool | None, told: bool
) -> None:
    reading = with_stuck(
        of(UNDATED, WORK), now=NOW, limit=limit, working=working
    )

    assert reading.stuck == ((WORK,) if told else ())


def test_an_orphan_is_over_and_not_stuck() -> None:
    reading = with_orphans(of(WORK), math.inf)

    stuck = with_stuck(reading, now=NOW, limit=1, working=False)

    assert (stuck.orphans, stuck.stuck) == ((WORK,), ())


ANY = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "updated_at", "failed"]), inner, max_size=3
        )
    ),
    max_leaves=10,
)


@given(
    given_part=st.dictionaries(
        st.sampled_from(["counts", "started", "unreadable", "more"]), ANY
    ),
    oldest=st.none() | st.floats(allow_nan=False),
)
def test_any_answer_is_read_or_refused(
    given_part: dict[str, object], oldest: float | None
) -> None:
    try:
        reading = read_jobs(Part(given_part, "jobs"), JOBS)
    except Unreadable:
        return
    judged = with_orphans(reading, oldest)
    assert set(judged.orphans) <= set(reading.started)
