"""When a canary steps aside."""

import pytest

from monitor.domain.canary.busy import Signs, busy


@pytest.mark.parametrize(
    "signs",
    [
        Signs(),
        Signs(queue_size=0),
        Signs(loads=(0.49,)),
        Signs(queue_size=0, loads=(0.3, 0.4)),
        Signs(loads=(1.0, 0.0)),
    ],
)
def test_a_server_without_work_is_not_busy(signs: Signs) -> None:
    assert busy(signs) == ""


def test_jobs_that_wait_are_work() -> None:
    assert busy(Signs(queue_size=3)) == "3 jobs in its queue"
    assert busy(Signs(queue_size=1, loads=(0.06,))) == "1 jobs in its queue"


def test_a_queue_before_an_idle_gpu_is_stuck_and_not_busy() -> None:
    assert busy(Signs(queue_size=3, loads=(0.05,))) == ""
    assert busy(Signs(queue_size=3, loads=(0.0, 0.01))) == ""


def test_a_queue_with_one_working_gpu_moves() -> None:
    assert busy(Signs(queue_size=3, loads=(0.0, 0.4)))


def test_a_loaded_gpu_is_work() -> None:
    assert busy(Signs(loads=(0.5,))) == "its GPU is 50% loaded"
    assert busy(Signs(queue_size=0, loads=(0.9, 0.7))) == (
        "its GPU is 70% loaded"
    )
