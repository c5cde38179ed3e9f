"""Whether a queue moves."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.diagnosis.memory.queue import Queue
from monitor.domain.gpu.reading import GpuReading
from monitor.domain.observation import Observation
from monitor.domain.status import StatusReading
from tests.domain.diagnosis.cases import GPU, TARGET, seen, service_reading


def status(size: int | None, at: float) -> Observation:
    told = StatusReading(dialect="rest", code=200, queue_size=size)
    return seen("status", reading=told, at=at)


def cards(load: float | None, at: float) -> Observation:
    gpu = replace(GPU, utilization_ratio=load)
    return seen("gpu", reading=GpuReading(gpus=(gpu,)), at=at)


def process(cpu: float, at: float) -> Observation:
    told = replace(service_reading(), cpu_ratio=cpu)
    return seen("process", reading=told, at=at)


def after(*looks: Observation) -> Queue:
    queue = Queue()
    for one in looks:
        queue = queue.learn(TARGET, one)
    return queue


def test_jobs_that_wait_are_still_since_they_were_first_seen() -> None:
    queue = after(status(0, 1.0), status(2, 10.0), status(2, 40.0))

    assert queue == Queue(still_since=10.0, size=2, looks=2)


def test_a_queue_that_only_grows_stays_still() -> None:
    assert after(status(2, 10.0), status(5, 40.0)).still_since == 10.0


def test_a_queue_that_shrinks_moves() -> None:
    queue = after(status(5, 10.0), status(4, 40.0))

    assert queue == Queue(still_since=40.0, size=4, looks=1)


def test_an_empty_queue_is_not_still() -> None:
    assert after(status(5, 10.0), status(0, 40.0)) == Queue(size=0)


@pytest.mark.parametrize("sign", [cards(0.05, 20.0), process(0.06, 20.0)])
def test_a_sign_of_work_begins_anew(sign: Observation) -> None:
    queue = after(status(5, 10.0), sign)

    assert queue == Queue(still_since=20.0, size=5, looks=0)
    assert queue.learn(TARGET, status(5, 30.0)).looks == 1


@pytest.mark.parametrize(
    "idle",
    [
        cards(0.04, 20.0),
        cards(None, 20.0),
        process(0.01, 20.0),
        status(None, 20.0),
        seen("host", at=20.0),
    ],
)
def test_what_shows_no_work_changes_nothing(idle: Observation) -> None:
    assert after(status(5, 10.0), idle) == after(status(5, 10.0))


def test_work_before_an_empty_queue_is_nothing() -> None:
    assert after(cards(1.0, 20.0)) == Queue()


def test_a_card_of_somebody_else_is_no_sign() -> None:
    other = replace(TARGET, gpus=(7,))
    queue = after(status(5, 10.0))

    assert queue.learn(other, cards(1.0, 20.0)) == queue


def test_a_clock_that_is_set_back_begins_anew() -> None:
    queue = after(status(5, 1000.0), status(5, 10.0))

    assert queue == Queue(still_since=10.0, size=5, looks=1)


@given(
    st.lists(
        st.builds(status, st.none() | st.integers(0, 9), st.floats(0, 1e9))
        | st.builds(cards, st.none() | st.floats(0, 1), st.floats(0, 1e9))
        | st.builds(process, st.floats(0, 9), st.floats(0, 1e9))
    )
)
def test_still_means_that_jobs_wait(looks: list[Observation]) -> None:
    queue = after(*looks)

    assert (queue.still_since is not None) == bool(queue.size)
    assert queue.still_since is None or queue.still_since in {
        one.at for one in looks
    }
