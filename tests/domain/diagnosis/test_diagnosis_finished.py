"""When a server was last seen to finish something."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.diagnosis.memory.finished import Finished
from monitor.domain.joblog.reading import JobsReading
from monitor.domain.observation import Observation
from tests.domain.diagnosis.cases import CANARY, RAN, seen


def jobs(at: float, **counts: int) -> Observation:
    told = JobsReading(directory="/x/.jobs", counts=tuple(counts.items()))
    return seen("jobs", reading=told, at=at)


def test_a_canary_that_was_answered_finished_when_the_answer_came() -> None:
    finished = Finished(ended=3).learn(seen(CANARY, at=100.0))

    assert finished == Finished(at=101.5, ended=3)


def test_a_canary_without_an_answer_finished_nothing() -> None:
    silent = seen(CANARY, reading=replace(RAN, duration=None))

    assert Finished(at=5.0).learn(silent) == Finished(at=5.0)


def test_one_more_job_that_ended_was_finished() -> None:
    finished = Finished().learn(jobs(10.0, completed=4, failed=1))

    assert finished == Finished(ended=5)
    assert finished.learn(jobs(20.0, completed=4, failed=2)).at == 20.0


def test_jobs_that_are_tidied_up_finish_nothing() -> None:
    finished = Finished(at=1.0, ended=5).learn(jobs(20.0, completed=0))

    assert finished == Finished(at=1.0, ended=0)


def test_a_folder_without_ended_jobs_tells_nothing() -> None:
    finished = Finished(at=1.0, ended=5)

    assert finished.learn(jobs(20.0, queued=3)) == finished


def test_other_looks_tell_nothing() -> None:
    assert Finished().learn(seen("status")) == Finished()


@given(st.lists(st.integers(0, 100)))
def test_only_growth_moves_the_time(counts: list[int]) -> None:
    finished = Finished()
    for n, count in enumerate(counts):
        before = finished
        finished = finished.learn(jobs(float(n), completed=count))

        grew = before.ended is not None and count > before.ended
        assert finished.at == (float(n) if grew else before.at)
