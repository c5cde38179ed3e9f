"""What is remembered of a process' signs of work."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.diagnosis.memory.work import KEPT, Work, spans
from monitor.domain.diagnosis.rules.silence import LEAST_SPAN
from monitor.domain.service.reading import GpuShare, Process, ServiceReading
from tests.domain.diagnosis.cases import seen, service_reading

USUAL = service_reading()


def helper(cpu_seconds: float | None, **fields: int) -> Process:
    ids = {"pid": 900, "ppid": 812, "start_ticks": 150_000, **fields}
    return Process(
        pid=ids["pid"],
        ppid=ids["ppid"],
        start_ticks=ids["start_ticks"],
        started_at=0.0,
        cpu_seconds=cpu_seconds,
    )


def looked(
    work: Work,
    at: float,
    *,
    cpu: float | None = 0.0,
    gpu: float | None = None,
    helpers: tuple[Process, ...] = (),
) -> Work:
    shares = None if gpu is None else (GpuShare(gpu=0, pid=812, ratio=gpu),)
    reading = replace(
        USUAL,
        cpu_ratio=cpu,
        gpu_shares=shares,
        processes=(*USUAL.processes, *helpers),
    )
    return work.learn(seen("process", reading=reading, at=at))


def test_each_look_leaves_a_sample() -> None:
    work = looked(looked(Work(), 10.0, cpu=None), 12.0, cpu=0.4, gpu=0.2)

    assert [(one.at, one.working, one.on_gpu) for one in work.samples] == [
        (10.0, None, None),
        (12.0, True, True),
    ]


def test_other_looks_leave_none() -> None:
    work = looked(Work(), 10.0)

    assert work.learn(seen("status")) == work


def test_of_a_server_that_is_gone_its_pid_and_start_are_remembered() -> None:
    gone = seen("process", reading=replace(USUAL, processes=()), at=12.0)
    work = looked(Work(), 10.0).learn(gone)

    started = USUAL.processes[0].started_at
    assert work == Work(gone=812, started_at=started)
    assert work.learn(gone) == work
    assert looked(work, 14.0).gone is None


def test_another_process_begins_anew() -> None:
    other = replace(USUAL, processes=(replace(USUAL.processes[0], pid=4711),))
    work = looked(Work(), 10.0)

    after = work.learn(seen("process", reading=other, at=12.0))

    assert [one.pid for one in after.samples] == [4711]


def test_a_clock_that_is_set_back_forgets_what_has_yet_to_come() -> None:
    work = looked(looked(Work(), 1000.0), 10.0)

    assert [one.at for one in work.samples] == [10.0]


def test_a_helper_works_for_its_server() -> None:
    work = looked(Work(), 10.0, helpers=(helper(1.0),))

    work = looked(work, 20.0, helpers=(helper(1.6),))

    assert work.samples[-1].working


def test_a_new_helper_counts_with_all_that_it_used() -> None:
    work = looked(looked(Work(), 10.0), 20.0, helpers=(helper(0.5),))

    assert work.samples[-1].working


def test_idle_helpers_are_no_work() -> None:
    helpers = (helper(50.0), helper(None, pid=901), helper(9.0, pid=1, ppid=2))
    work = looked(Work(), 10.0, helpers=helpers[:2])

    work = looked(work, 20.0, helpers=(helper(50.4), *helpers[1:]))

    assert work.samples[-1].working is False


def test_work_that_reaches_back_before_a_time_is_not_work_since() -> None:
    work = looked(looked(Work(), 10.0), 40.0, cpu=0.9)

    assert work.since(25.0) == ()
    assert len(looked(work, 42.0, cpu=0.9).since(25.0)) == 1


def test_idleness_and_a_working_gpu_count_however_far_back() -> None:
    idle = looked(looked(Work(), 10.0), 40.0)
    on_gpu = looked(looked(Work(), 10.0), 40.0, gpu=0.5)

    assert len(idle.since(25.0)) == 1
    assert len(on_gpu.since(25.0)) == 1


def test_the_first_look_of_all_is_no_work_since() -> None:
    assert looked(Work(), 40.0, cpu=0.9).since(25.0) == ()


def test_without_a_time_all_samples_count() -> None:
    work = looked(looked(Work(), 10.0), 40.0)

    assert work.since(None) == work.samples
    assert spans(work.samples) == 30.0
    assert spans(()) == 0.0


@given(
    st.lists(
        st.tuples(
            st.floats(0, 1e9),
            st.none() | st.floats(0, 64),
            st.none() | st.floats(0, 1),
            st.lists(st.floats(0, 1e6), max_size=100),
        ),
        max_size=40,
    )
)
def test_memory_is_bounded_and_in_order_of_time(
    looks: list[tuple[float, float | None, float | None, list[float]]],
) -> None:
    work = Work()
    for at, cpu, gpu, used in looks:
        helpers = tuple(helper(one, pid=900 + n) for n, one in enumerate(used))
        work = looked(work, at, cpu=cpu, gpu=gpu, helpers=helpers)

    times = [one.at for one in work.samples]
    assert len(times) <= KEPT
    assert len(work.helpers) <= 64
    assert times == sorted(set(times))
    assert set(work.since(5e8)) <= set(work.samples)


def test_a_reading_without_anything_is_learnt_from() -> None:
    bare = ServiceReading(manager="process", port=1)

    assert Work().learn(seen("process", reading=bare)) == Work()


def test_looks_in_quick_succession_still_span_what_makes_it_hung() -> None:
    work = Work()
    for number in range(20):
        work = looked(work, 10.0 + number / 2)

    assert spans(work.samples) >= LEAST_SPAN
