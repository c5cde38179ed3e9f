"""Jobs that are refused, fail, or come back wrong."""

from dataclasses import replace

import pytest

from monitor.domain.canary.reading import Operation, Result
from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.diagnose import diagnose
from monitor.domain.diagnosis.diagnosis import Diagnosis, made_of
from monitor.domain.diagnosis.finding import Finding
from monitor.domain.diagnosis.memory import Memory
from monitor.domain.diagnosis.memory.finished import Finished
from monitor.domain.diagnosis.memory.work import Sample, Work
from monitor.domain.diagnosis.rules.canaries import RULES
from monitor.domain.gpu.reading import GpuReading
from monitor.domain.health import Health
from monitor.domain.joblog.reading import (
    JobsReading,
    LogEvent,
    LogReading,
    StartedJob,
)
from monitor.domain.observation import Observation
from monitor.domain.status import StatusReading
from tests.domain.diagnosis.cases import (
    CANARY,
    DEGRADED,
    GPU,
    NOW,
    RAN,
    UNHEALTHY,
    UNKNOWN,
    case,
    look,
    seen,
    stale,
    well,
)

AGE = "canary.age"


def found(given: Case) -> list[Finding]:
    return [one for rule in RULES for one in rule(given)]


def only(given: Case) -> Diagnosis:
    (one,) = found(given)
    return made_of(one, given.now)


def ran(
    name: str,
    reason: str,
    health: Health = UNHEALTHY,
    result: Result = Result.ERROR,
) -> Observation:
    reading = replace(RAN, result=result)
    return seen(name, health, reason=reason, reading=reading, at=NOW - 5)


def once(
    name: str,
    reason: str,
    health: Health = UNHEALTHY,
    result: Result = Result.ERROR,
) -> Look:
    """Return a canary that was well until its last run."""
    return look(name, last=ran(name, reason, health, result))


def formed(name: str, reason: str, result: Result = Result.ERROR) -> Look:
    """Return a canary whose opinion is unhealthy."""
    reading = replace(RAN, result=result)
    return look(name, UNHEALTHY, reason=reason, reading=reading)


def test_nothing_is_found_of_a_healthy_server() -> None:
    assert not found(well())
    assert not found(case())
    assert not found(well(stale(CANARY)))


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("input_rejected", "canary_input_rejected"),
        ("declined", "content_declined"),
    ],
)
def test_what_the_server_does_not_take_is_no_fault_of_it(
    reason: str, cause: str
) -> None:
    diagnosis = only(well(once(CANARY, reason, UNKNOWN)))

    assert diagnosis.cause == cause
    assert diagnosis.health is UNKNOWN
    assert diagnosis.because == f"{CANARY}: {CANARY} says {reason}"
    assert [one.at for one in diagnosis.facts] == [NOW - 5]


@pytest.mark.parametrize("reason", ["files", "invalid_job", "failed"])
def test_our_own_faults_are_no_cause(reason: str) -> None:
    given = well(once(CANARY, reason, UNKNOWN), once(AGE, reason, UNKNOWN))

    assert not found(given)


@pytest.mark.parametrize(
    "reason",
    [
        "processing_failed",
        "error_page",
        "bad_body",
        "unexpected_code",
        "timeout",
        "reset",
        "protocol",
    ],
)
class TestFailing:
    def test_one_canary_three_times_is_the_server(self, reason: str) -> None:
        diagnosis = only(well(formed(CANARY, reason)))

        assert diagnosis.cause == "processing_failed"
        assert diagnosis.remedies == ("restart",)

    def test_two_canaries_once_are_the_server(self, reason: str) -> None:
        given = well(once(CANARY, reason), once(AGE, reason))

        assert only(given).cause == "processing_failed"

    def test_one_canary_once_is_nothing(self, reason: str) -> None:
        assert not found(well(once(CANARY, reason)))

    def test_a_degraded_one_is_the_backends(self, reason: str) -> None:
        batch = look(CANARY, DEGRADED, reason=reason)
        given = well(batch, once(AGE, reason, DEGRADED))

        assert not found(given)


@pytest.mark.parametrize("reason", ["timeout", "refused"])
def test_no_answer_counts_only_while_the_status_is_well(reason: str) -> None:
    down = look("status", UNHEALTHY, reason="refused")

    assert not found(well(down, formed(CANARY, reason)))
    assert not found(case(formed(CANARY, reason)))


def test_a_failed_job_counts_beside_a_bad_status() -> None:
    down = look("status", UNHEALTHY, reason="status_code")
    failed = formed(CANARY, "processing_failed")

    assert only(well(down, failed)).cause == "processing_failed"
    assert only(case(failed)).cause == "processing_failed"


def test_the_evidence_names_every_canary_and_the_status() -> None:
    given = well(formed(CANARY, "processing_failed"), once(AGE, "bad_body"))

    diagnosis = only(given)

    assert diagnosis.because.startswith(f"{CANARY}, {AGE} failed: ")
    assert {one.key.check for one in diagnosis.facts} == {
        CANARY,
        AGE,
        "status",
    }


def logged(*events: LogEvent) -> Look:
    told = LogReading(source="journal", cursor="1", recent=events)
    return look("logs", reading=told)


def test_the_log_is_quoted() -> None:
    failed = formed(CANARY, "processing_failed")
    old = LogEvent(kind="traceback", at=NOW - 90, evidence="old")
    new = LogEvent(kind="job_failed", at=NOW - 9, evidence="new")
    odd = LogEvent(kind="job_failed", at=NOW, evidence="?", undated=True)
    fine = LogEvent(kind="job_succeeded", at=NOW, evidence="well")

    diagnosis = only(well(failed, logged(old, new, odd, fine)))

    assert 'log: "new"' in {one.because for one in diagnosis.facts}
    for quiet in (well(failed, logged(odd, fine)), case(failed)):
        assert not any("log" in one.because for one in only(quiet).facts)


QUEUE = StatusReading(dialect="rest", code=200, queue_size=4)


def loaded(load: float | None) -> Look:
    gpu = replace(GPU, utilization_ratio=load)
    return look("gpu", reading=GpuReading(gpus=(gpu,)))


def queued() -> Look:
    return look("status", reading=QUEUE)


def recent(seconds: float = 100.0) -> Memory:
    return Memory(finished=Finished(at=NOW - seconds))


class TestLate:
    def test_a_job_behind_a_long_queue_is_only_late(self) -> None:
        given = well(
            queued(), loaded(1.0), formed(CANARY, "timeout"), memory=recent()
        )

        diagnosis = only(given)

        assert diagnosis.cause == "busy"
        assert diagnosis.because.endswith("busy: 4 jobs in its queue")

    def test_two_late_ones_are_nothing_yet(self) -> None:
        given = well(
            queued(),
            loaded(None),
            once(CANARY, "timeout"),
            once(AGE, "timeout"),
            memory=recent(),
        )

        assert not found(given)

    def test_a_server_that_is_down_is_not_busy(self) -> None:
        last = seen("status", reading=QUEUE)
        down = look("status", UNHEALTHY, reason="reset", last=last)
        late = formed(CANARY, "timeout")

        assert not found(well(down, loaded(1.0), late, memory=recent()))

    def test_an_idle_gpu_excuses_nobody(self) -> None:
        given = well(
            queued(), loaded(0.0), formed(CANARY, "timeout"), memory=recent()
        )

        assert only(given).cause == "processing_failed"

    def test_its_own_load_excuses_nobody(self) -> None:
        given = well(loaded(1.0), formed(CANARY, "timeout"), memory=recent())

        assert only(given).cause == "processing_failed"

    def test_after_the_busy_limit_late_is_failed(self) -> None:
        late = replace(formed(CANARY, "timeout"), last_success=None)
        looks = (queued(), loaded(1.0), late)

        over = well(*looks, memory=recent(1801.0))

        assert only(over).cause == "processing_failed"
        assert only(well(*looks, memory=recent(1800.0))).cause == "busy"

    def test_what_never_finished_is_not_overdue(self) -> None:
        never = replace(
            formed(CANARY, "timeout"), last_success=None, since=None
        )

        assert only(well(queued(), loaded(1.0), never)).cause == "busy"

    def test_another_fault_beside_it_is_no_excuse(self) -> None:
        given = well(
            queued(),
            loaded(1.0),
            formed(CANARY, "timeout"),
            formed(AGE, "processing_failed"),
            memory=recent(),
        )

        assert only(given).cause == "processing_failed"

    def test_a_late_batch_is_busy_too(self) -> None:
        batch = look(
            "canary.batch",
            DEGRADED,
            reason="timeout",
            reading=replace(RAN, operation=Operation.BATCH),
        )
        given = well(queued(), loaded(1.0), batch, memory=recent())

        assert only(given).cause == "busy"

    def test_a_job_in_the_folder_excuses_while_the_process_works(
        self,
    ) -> None:
        one, two = StartedJob(id="ui-1"), StartedJob(id="ui-2")
        told = JobsReading(directory="/x", started=(one, two), orphans=(two,))
        jobs = look("jobs", reading=told)
        left = look("jobs", reading=replace(told, stuck=(one,)))
        late = formed(CANARY, "timeout")
        sample = Sample(
            at=NOW - 1, pid=812, working=True, on_gpu=True, cpu_ratio=1.0
        )
        work = replace(recent(), work=Work(samples=(sample,)))
        idle = replace(
            recent(), work=Work(samples=(replace(sample, working=False),))
        )

        diagnosis = only(well(jobs, late, memory=work))

        assert diagnosis.because.endswith("busy: 1 in work in its jobs folder")
        for given in (
            well(left, late, memory=work),
            well(jobs, late, memory=idle),
            well(jobs, late, memory=recent()),
            well(late, memory=work, without=("jobs",)),
        ):
            assert only(given).cause == "processing_failed"


class TestOutput:
    def test_a_canary_with_bad_outputs_is_enough(self) -> None:
        bad = formed(CANARY, "blank", Result.INVALID_OUTPUT)

        diagnosis = only(well(bad))

        assert diagnosis.cause == "invalid_output"
        assert diagnosis.remedies == ("restart",)
        assert diagnosis.because == f"{CANARY}: {CANARY} says blank"

    def test_two_canaries_once_are_enough(self) -> None:
        given = well(
            once(CANARY, "unreadable", result=Result.INVALID_OUTPUT),
            once(AGE, "unchanged", result=Result.INVALID_OUTPUT),
        )

        assert only(given).cause == "invalid_output"

    def test_one_once_is_nothing(self) -> None:
        bad = once(CANARY, "unreadable", result=Result.INVALID_OUTPUT)

        assert not found(well(bad, look("canary.odd", UNHEALTHY)))


def test_a_job_without_an_answer_in_an_outage_is_past() -> None:
    silent = look(CANARY, UNHEALTHY, reason="refused", at=NOW - 10)

    def found(since: float) -> str:
        return diagnose(well(silent, look("status", since=since))).cause

    assert found(NOW - 5) == "none"
    assert found(NOW - 15) == "processing_failed"
