"""A lane that works off what waits is alive, however much waits."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from monitor.adapters.store.lane import Lane


@pytest.fixture
def lane() -> Iterator[Lane]:
    made = Lane("test")
    yield made
    made.close()


async def test_an_idle_lane_answers_at_once(lane: Lane) -> None:
    await lane.run(lambda: None)

    await lane.answers()


async def test_the_end_of_one_job_is_an_answer_whatever_waits(
    lane: Lane,
) -> None:
    first, second = threading.Event(), threading.Event()
    jobs = [lane.submit(first.wait), lane.submit(second.wait)]
    asked = asyncio.create_task(lane.answers())
    await asyncio.sleep(0)
    before = asked.done()

    first.set()
    await asked

    assert not before
    assert not jobs[1].done()
    second.set()


async def test_a_job_that_fails_is_an_answer_too(lane: Lane) -> None:
    go = threading.Event()

    def fails() -> None:
        go.wait()
        raise OSError("the disk is full")

    job = lane.submit(fails)
    asked = asyncio.create_task(lane.answers())
    await asyncio.sleep(0)
    go.set()

    await asked

    assert isinstance(job.exception(), OSError)


async def test_whoever_stops_waiting_takes_no_job_away(lane: Lane) -> None:
    first = threading.Event()
    jobs = [lane.submit(first.wait), lane.submit(lambda: True)]
    asked = asyncio.create_task(lane.answers())
    await asyncio.sleep(0)

    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    first.set()

    assert [job.result() for job in jobs] == [True, True]
