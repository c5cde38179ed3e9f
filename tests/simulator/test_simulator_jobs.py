"""One GPU, one job at a time, each in its time."""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from monitor.simulator.faults import Faults
from monitor.simulator.host import SimulatedHost
from monitor.simulator.jobs import RTX_3090, Jobs, QueueFull
from tests.hosts.waiting import until
from tests.simulator.visitor import ASTRONAUT, SECONDS, Visitor, put

LATE = 0.5
"""Seconds that a busy test machine may add."""


def _jobs(
    speed: float = 1.0, durations: Mapping[str, float] | None = None
) -> Jobs:
    return Jobs(Faults(lambda _: None), speed=speed, durations=durations)


class Broken(Exception):
    """Work that fails."""


async def _nothing() -> str:
    return "done"


def test_jobs_take_what_the_benchmark_says() -> None:
    jobs = _jobs()

    assert {kind: jobs.duration(kind) for kind in RTX_3090} == {
        "gfpgan_1.4": 1.2,
        "codeformer": 2.4,
        "restoreformer_plus_plus": 3.8,
        "age": 2.4,
        "swap": 3.4,
    }


def test_speed_is_a_factor_on_every_job() -> None:
    jobs = _jobs(speed=0.5, durations={"gfpgan_1.4": 2.0})

    assert jobs.duration("gfpgan_1.4") == 1.0
    assert jobs.duration("swap") == 1.7


async def test_a_job_is_held_to_its_duration_work_included(
    tmp_path: Path, visitor: Visitor
) -> None:
    async with SimulatedHost("one", workdir=tmp_path / "one") as host:
        began = time.monotonic()
        answer = await visitor.enhance(host)
        took = time.monotonic() - began

    assert 1.2 <= took < 1.2 + LATE
    assert answer.json()["processing_time"] == pytest.approx(1.2, abs=LATE / 2)


async def test_a_job_that_waits_takes_its_full_time_afterwards(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    path, jobs = put(studio, ASTRONAUT), studio.jobs

    began = time.monotonic()
    answers = await asyncio.gather(
        *(
            visitor.post(studio, "enhance-face", source_path=path)
            for _ in range(4)
        )
    )
    took = time.monotonic() - began

    times = [answer.json()["processing_time"] for answer in answers]
    assert took >= 4 * SECONDS
    assert all(SECONDS <= seconds < 2 * SECONDS for seconds in times)
    assert studio.jobs == jobs + 4


async def test_two_hosts_work_side_by_side(
    studio: SimulatedHost, attic: SimulatedHost, visitor: Visitor
) -> None:
    studio.faults.switch_on("slow", 20)
    long = asyncio.create_task(visitor.enhance(studio))
    await until(lambda: any(studio.canary_directory.glob("*")))

    await visitor.enhance(attic)

    assert not long.done()
    await long


async def test_the_status_answers_while_jobs_wait(
    studio: SimulatedHost, visitor: Visitor
) -> None:
    studio.faults.switch_on("slow", 5)

    jobs = [asyncio.create_task(visitor.enhance(studio)) for _ in range(2)]
    async with asyncio.timeout(5):
        while (await visitor.status(studio)).json()["queue_size"] < 1:
            pass
    await asyncio.gather(*jobs)

    assert (await visitor.status(studio)).json()["queue_size"] == 0


async def test_a_queue_that_is_full_takes_no_more() -> None:
    jobs = _jobs(speed=0.0)
    gate = asyncio.Event()

    async def wait() -> str:
        await gate.wait()
        return "done"

    waiting = [asyncio.create_task(jobs.run("swap", wait)) for _ in range(101)]
    await asyncio.sleep(0)
    with pytest.raises(QueueFull):
        await jobs.run("swap", _nothing)

    gate.set()
    await asyncio.gather(*waiting)
    assert jobs.done == 101


async def test_work_that_fails_holds_up_nobody() -> None:
    jobs = _jobs(speed=0.0)

    async def fail() -> str:
        raise Broken

    with pytest.raises(Broken):
        await jobs.run("swap", fail)
    output, _ = await jobs.run("swap", _nothing)

    assert output == "done"
    assert (jobs.done, jobs.waiting, jobs.running) == (1, 0, "")


async def test_a_cold_server_loads_each_model_once() -> None:
    faults = Faults(lambda _: None)
    jobs = Jobs(faults, durations={"age": 0.01, "swap": 0.01})
    faults.switch_on("cold", 0.02)
    assert jobs.duration("age") == pytest.approx(0.03)

    _, took = await jobs.run("age", _nothing)

    assert took >= 0.03
    assert jobs.duration("age") == 0.01
    assert jobs.duration("swap") == pytest.approx(0.03)
    jobs.restart()
    assert jobs.duration("age") == pytest.approx(0.03)


def test_a_busy_server_says_so_on_its_gpu_and_in_its_queue() -> None:
    faults = Faults(lambda _: None)
    jobs = Jobs(faults)
    assert (jobs.queue_size(), jobs.on_gpu()) == (0, "")

    faults.switch_on("busy", 5)

    assert (jobs.queue_size(), jobs.on_gpu()) == (5, "codeformer")
