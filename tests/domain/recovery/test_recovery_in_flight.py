"""What users have under way, and whether it moves."""

from dataclasses import replace

import pytest
from hypothesis import given

from monitor.domain.answer import Phases
from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.diagnose import diagnose
from monitor.domain.diagnosis.memory import NOTHING, Memory
from monitor.domain.diagnosis.memory.finished import Finished
from monitor.domain.diagnosis.memory.queue import Queue
from monitor.domain.diagnosis.memory.work import Sample
from monitor.domain.diagnosis.memory.work import Work as Looks
from monitor.domain.diagnosis.rules.server import queue_stuck
from monitor.domain.diagnosis.rules.silence import silence
from monitor.domain.gpu.reading import GpuReading
from monitor.domain.joblog.reading import JobsReading, StartedJob
from monitor.domain.recovery.in_flight import work_of
from monitor.domain.recovery.situation import Work
from monitor.domain.status import StatusReading
from tests.domain.diagnosis.any_case import cases
from tests.domain.diagnosis.cases import (
    ALONE,
    GPU,
    NOW,
    READINGS,
    TARGET,
    UNHEALTHY,
    look,
    service_reading,
    stale,
    well,
)
from tests.domain.machine_parts import GIB
from tests.domain.service_parts import unit

FIRST = StartedJob(id="a", updated_at=NOW - 60, steps=3, steps_done=1)
SECOND = StartedJob(id="b")
TWO_JOBS = ("job a, 1 of 3 steps done", "job b")
IDLE, ON_CPU, ON_GPU, UNSEEN = "idle", "on cpu", "on gpu", "unseen"
SHOWS = {
    IDLE: (False, False, 0.0),
    ON_CPU: (True, False, 0.9),
    ON_GPU: (True, True, 0.9),
    UNSEEN: (None, None, None),
}
WORKS = "it works, on what cannot be seen"


def looks(*shown: str, every: float = 5.0) -> Memory:
    """Remember looks at the process, the newest a second ago."""
    samples = tuple(
        Sample(
            at=NOW - 1 - every * (len(shown) - 1 - place),
            pid=812,
            working=SHOWS[one][0],
            on_gpu=SHOWS[one][1],
            cpu_ratio=SHOWS[one][2],
        )
        for place, one in enumerate(shown)
    )
    return replace(NOTHING, work=Looks(samples=samples))


def jobs(
    *started: StartedJob,
    orphans: tuple[StartedJob, ...] = (),
    more: bool = False,
) -> Look:
    reading = JobsReading(
        directory="/jobs", started=started, orphans=orphans, more=more
    )
    return look("jobs", reading=reading)


def queue(size: int) -> Look:
    reading = StatusReading(dialect="rest", code=200, queue_size=size)
    return look("status", reading=reading)


def silent(*, for_: float = 60.0) -> Look:
    return look(
        "status",
        UNHEALTHY,
        reason="timeout",
        because="no answer within 5 s",
        reading=StatusReading(dialect="rest", phases=Phases(connect=0.001)),
        last_success=NOW - for_,
    )


def card(load: float, *, own: int = 2, others: int = 0) -> Look:
    owners = (("GPU-1", "studio", own * GIB), ("GPU-1", "other", others * GIB))
    gpu = replace(GPU, utilization_ratio=load)
    return look("gpu", reading=GpuReading(gpus=(gpu,), owners=owners))


def down(**fields: object) -> Look:
    """Return a look at a service of which no process runs."""
    reading = service_reading(processes=[], listeners=[], **fields)
    return look("process", UNHEALTHY, reason="process_down", reading=reading)


def test_a_server_that_is_well_and_idle_has_nothing_to_lose() -> None:
    given_ = well(memory=looks(IDLE, IDLE, IDLE))

    assert work_of(given_, NOW) == Work(jobs=(), moves=False)


def test_jobs_in_work_and_in_the_queue_are_told() -> None:
    given_ = well(jobs(FIRST, SECOND), queue(2))

    assert work_of(given_, NOW).jobs == (*TWO_JOBS, "2 jobs in its queue")


def test_one_job_in_the_queue_is_one_job() -> None:
    assert work_of(well(queue(1)), NOW).jobs == ("1 job in its queue",)


def test_jobs_beyond_the_list_are_not_forgotten() -> None:
    given_ = well(jobs(SECOND, more=True))

    assert work_of(given_, NOW).jobs == (
        "job b",
        "more jobs that are not listed",
    )


def test_orphaned_jobs_are_nobodys_work() -> None:
    given_ = well(jobs(FIRST, SECOND, orphans=(FIRST,)))

    assert work_of(given_, NOW).jobs == ("job b",)


def test_steps_are_told_where_both_figures_are_known() -> None:
    given_ = well(
        jobs(
            StartedJob(id="c", steps=3),
            StartedJob(id="d", steps_done=1),
            StartedJob(id="e", steps=0, steps_done=0),
        )
    )

    assert work_of(given_, NOW).jobs == (
        "job c",
        "job d",
        "job e, 0 of 0 steps done",
    )


def test_the_name_of_a_job_is_quoted() -> None:
    given_ = well(jobs(StartedJob(id="x" * 200 + "\n")))

    (told,) = work_of(given_, NOW).jobs

    assert len(told) < 140
    assert told.isprintable()


@pytest.mark.parametrize(
    ("memory", "moves"),
    [
        (NOTHING, None),
        (looks(IDLE, IDLE), None),
        (looks(IDLE, IDLE, IDLE), False),
        (looks(IDLE, IDLE, IDLE, every=2.9), None),
        (looks(IDLE, IDLE, IDLE, every=3.0), False),
        (looks(IDLE, ON_GPU, IDLE), True),
        (looks(ON_GPU, IDLE, IDLE, IDLE), False),
        (looks(ON_CPU, IDLE, IDLE), True),
        (looks(ON_CPU, IDLE, IDLE, IDLE), False),
        (looks(IDLE, UNSEEN, IDLE, UNSEEN, IDLE), False),
        (looks(UNSEEN, UNSEEN, UNSEEN), None),
    ],
)
def test_the_last_three_looks_say_whether_it_moves(
    memory: Memory,
    moves: bool | None,  # noqa: FBT001 - a table
) -> None:
    given_ = well(jobs(FIRST), memory=memory)

    assert work_of(given_, NOW).moves is moves


@pytest.mark.parametrize(
    ("answered", "finished", "moves"),
    [
        (1800.0, None, True),
        (1800.1, None, False),
        (9999.0, 1800.0, True),
        (9999.0, 9999.0, False),
    ],
)
def test_cpu_time_without_a_result_for_long_is_no_progress(
    answered: float,
    finished: float | None,
    moves: bool,  # noqa: FBT001 - a table
) -> None:
    status = look(
        "status",
        UNHEALTHY,
        reason="status_code",
        last_success=NOW - answered,
    )
    at = None if finished is None else NOW - finished
    memory = replace(looks(ON_CPU, ON_CPU, ON_CPU), finished=Finished(at=at))

    assert work_of(well(status, memory=memory), NOW).moves is moves


@pytest.mark.parametrize(
    ("since", "moves"), [(NOW - 1800.0, True), (NOW - 1801.0, False)]
)
def test_one_that_never_answered_counts_from_when_it_was_known(
    since: float,
    moves: bool,  # noqa: FBT001 - a table
) -> None:
    status = replace(
        look("status", UNHEALTHY, reason="status_code", since=since),
        last_success=None,
    )

    given_ = well(status, memory=looks(ON_CPU))

    assert work_of(given_, NOW).moves is moves


def test_where_nothing_is_known_to_have_finished_work_is_work() -> None:
    given_ = well(memory=looks(ON_CPU), without=("status",))

    assert work_of(given_, NOW) == Work(jobs=(WORKS,), moves=True)


@pytest.mark.parametrize(
    ("gpu", "moves"),
    [
        (card(0.06), True),
        (card(0.05), False),
        (card(0.9, others=1), False),
        (card(0.9, own=0), False),
    ],
)
def test_a_card_that_only_it_uses_shows_that_it_moves(
    gpu: Look,
    moves: bool,  # noqa: FBT001 - a table
) -> None:
    given_ = well(jobs(FIRST), gpu, memory=looks(IDLE, IDLE, IDLE))

    assert work_of(given_, NOW).moves is moves


def test_a_card_without_a_figure_shows_nothing() -> None:
    reading = GpuReading(
        gpus=(replace(GPU, utilization_ratio=None),),
        owners=(("GPU-1", "studio", 2 * GIB),),
    )
    given_ = well(look("gpu", reading=reading))

    assert work_of(given_, NOW).moves is None


@pytest.mark.parametrize(
    ("changed", "memory"),
    [
        (card(0.9), NOTHING),
        (card(0.0), looks(IDLE, IDLE, ON_GPU)),
        (card(0.0), looks(IDLE, ON_CPU)),
    ],
)
def test_signs_of_work_are_work_though_no_job_is_known(
    changed: Look, memory: Memory
) -> None:
    given_ = well(changed, memory=memory)

    assert work_of(given_, NOW) == Work(jobs=(WORKS,), moves=True)


def test_what_worked_a_look_ago_and_idles_now_has_no_unknown_work() -> None:
    given_ = well(memory=looks(ON_GPU, ON_GPU, IDLE))

    assert work_of(given_, NOW).jobs == ()


def test_where_the_process_is_not_seen_nobody_knows_whether_it_moves() -> None:
    given_ = well(
        jobs(FIRST), stale("process"), memory=looks(IDLE, IDLE, IDLE)
    )

    assert work_of(given_, NOW) == Work(jobs=TWO_JOBS[:1], moves=None)


def test_a_server_that_is_gone_has_lost_its_queue_already() -> None:
    given_ = well(down(), queue(3), memory=looks(ON_GPU))

    assert work_of(given_, NOW) == Work(jobs=(), moves=False)


def test_one_that_may_run_unseen_is_not_gone() -> None:
    given_ = well(down(unit=None), queue(3))

    assert work_of(given_, NOW) == Work(
        jobs=("3 jobs in its queue",), moves=None
    )


def test_a_hung_server_does_not_move_and_its_queue_is_told() -> None:
    memory = replace(looks(IDLE, IDLE, IDLE), queue=Queue(size=4))

    given_ = well(silent(), jobs(FIRST), memory=memory)

    assert diagnose(given_).cause == "hung"
    assert work_of(given_, NOW) == Work(
        jobs=("job a, 1 of 3 steps done", "4 jobs in its queue"), moves=False
    )


def test_the_last_queue_of_one_that_answers_without_is_not_told() -> None:
    memory = replace(NOTHING, queue=Queue(size=4))
    status = look("status", UNHEALTHY, reason="status_code", reading=None)

    assert work_of(well(status, memory=memory), NOW).jobs == ()


def test_while_it_is_being_looked_at_nobody_knows() -> None:
    given_ = well(silent(), jobs(FIRST), memory=looks(IDLE))

    assert work_of(given_, NOW) == Work(jobs=TWO_JOBS[:1], moves=None)


def test_a_silent_server_that_works_moves() -> None:
    given_ = well(silent(), memory=looks(ON_GPU))

    assert diagnose(given_).cause == "busy"
    assert work_of(given_, NOW) == Work(
        jobs=("it does not answer while it works on its GPU",), moves=True
    )


def test_a_silent_server_that_nobody_sees_may_work() -> None:
    given_ = well(
        silent(), target=ALONE, without=("process", "jobs", "host", "gpu")
    )

    found = work_of(given_, NOW)

    assert diagnose(given_).cause == "busy"
    assert found.moves is None
    assert found.jobs[0].startswith("it connects and does not answer")


def test_one_that_nobody_sees_and_that_is_silent_for_long_is_hung() -> None:
    given_ = well(
        silent(for_=1801.0),
        target=ALONE,
        without=("process", "jobs", "host", "gpu"),
    )

    assert diagnose(given_).cause == "hung"
    assert work_of(given_, NOW) == Work(jobs=(), moves=False)


def test_a_suspended_process_does_not_move() -> None:
    process = look(
        "process",
        UNHEALTHY,
        reason="suspended",
        reading=READINGS["process"],
    )
    given_ = well(process, jobs(FIRST), memory=looks(ON_CPU))

    assert work_of(given_, NOW).moves is False


def test_a_stuck_queue_does_not_move() -> None:
    still = Queue(still_since=NOW - 700.0, size=2, looks=9)
    given_ = well(queue(2), memory=replace(NOTHING, queue=still))

    assert any(queue_stuck(given_))
    assert work_of(given_, NOW) == Work(
        jobs=("2 jobs in its queue",), moves=False
    )


def test_a_failed_unit_is_gone() -> None:
    failed = unit(active_state="failed", main_pid=None)

    assert work_of(well(down(unit=failed), queue(1)), NOW).jobs == ()


@given(cases())
def test_any_case_has_work_in_words_and_never_against_its_diagnosis(
    any_: Case,
) -> None:
    found = work_of(any_, any_.now)

    assert all(found.jobs)
    rules = [*silence(any_), *queue_stuck(any_)]
    certain = {one.cause for one in rules if not one.wants}
    if certain & {"hung", "queue_stuck"}:
        assert found.moves is False


def test_what_is_not_told_is_unknown_and_not_nothing() -> None:
    bare = Case(now=NOW, target=TARGET)

    assert work_of(bare, NOW) == Work(jobs=(), moves=None)
