"""What a log or a jobs folder means on its own: degraded at most."""

from dataclasses import replace

import pytest

from monitor.domain.health import Health
from monitor.domain.joblog.reading import (
    JobsReading,
    LogEvent,
    LogReading,
    StartedJob,
)
from monitor.domain.joblog.verdict import (
    Verdict,
    judge_jobs,
    judge_log,
    unread,
)
from monitor.domain.machine.reading import Gap

NOW = 1_700_000_000.0
OOM = LogEvent(kind="out_of_memory", at=NOW - 40, evidence="out of memory")
FAULT = LogEvent(kind="cuda_fault", at=NOW - 50, evidence="CUDA failure 700")
LOG = LogReading(source="journal", cursor="c", lines=1)
JOBS = JobsReading(
    directory="/opt/facefusion/.jobs", counts=(("queued", 1), ("failed", 2))
)
WORK = StartedJob(id="ui-1", updated_at=NOW)


def test_a_log_that_says_nothing_bad_is_healthy() -> None:
    verdict = judge_log(LOG, NOW)

    assert verdict == Verdict(
        health=Health.HEALTHY,
        because="nothing bad in the log: 1 line since the last look",
        reading=LOG,
    )


@pytest.mark.parametrize(
    ("reading", "said"),
    [
        (replace(LOG, first=True, lines=40), "40 lines read for a start"),
        (
            replace(LOG, lines=0, skipped_bytes=9),
            "0 lines since the last look, 9 bytes skipped",
        ),
    ],
)
def test_a_healthy_log_says_what_was_read(
    reading: LogReading, said: str
) -> None:
    assert judge_log(reading, NOW).because.endswith(f": {said}")


def test_a_log_without_one_line_proves_nothing() -> None:
    empty = replace(LOG, lines=0, counts=(("cuda_fault", 0),))

    verdict = judge_log(empty, NOW)
    later = judge_log(replace(empty, counts=(("cuda_fault", 1),)), NOW)

    assert (verdict.health, verdict.reason) == (Health.UNKNOWN, "log_missing")
    assert verdict.because.startswith("cannot find one line of this log")
    assert later.health is Health.HEALTHY


def test_a_bad_line_of_late_makes_it_degraded() -> None:
    reading = replace(LOG, recent=(OOM,))

    assert judge_log(reading, NOW) == Verdict(
        health=Health.DEGRADED,
        because='out_of_memory 40 s ago in the log: "out of memory"',
        reason="out_of_memory",
        reading=reading,
    )


@pytest.mark.parametrize("more", [1, 2])
def test_of_several_the_last_is_told_and_the_others_counted(more: int) -> None:
    late = replace(OOM, kind="disk_full", at=NOW - 100)
    reading = replace(LOG, recent=(FAULT, OOM, late)[: more + 1])

    verdict = judge_log(reading, NOW)

    assert verdict.reason == "out_of_memory"
    kinds = "1 other kind" if more == 1 else "2 other kinds"
    assert verdict.because.endswith(f" (and {kinds})")


@pytest.mark.parametrize(
    ("event", "health"),
    [
        (replace(OOM, at=NOW - 300), Health.DEGRADED),
        (replace(OOM, at=NOW - 300.1), Health.HEALTHY),
        (replace(OOM, at=NOW + 5), Health.DEGRADED),
        (replace(OOM, at=NOW + 86400), Health.HEALTHY),
        (replace(OOM, undated=True), Health.HEALTHY),
        (replace(OOM, kind="job_failed"), Health.HEALTHY),
    ],
)
def test_only_what_is_bad_and_surely_of_late_counts(
    event: LogEvent, health: Health
) -> None:
    assert judge_log(replace(LOG, recent=(event,)), NOW).health is health


def test_a_line_from_the_future_was_said_just_now() -> None:
    reading = replace(LOG, recent=(replace(OOM, at=NOW + 5),))

    assert " 0 s ago " in judge_log(reading, NOW).because


@pytest.mark.parametrize(
    ("part", "recent", "health", "reason"),
    [
        ("log", (), Health.UNKNOWN, "log_missing"),
        ("log", (OOM,), Health.DEGRADED, "out_of_memory"),
        ("answer", (), Health.HEALTHY, ""),
    ],
)
def test_a_gap_hides_what_would_be_worse(
    part: str, recent: tuple[LogEvent, ...], health: Health, reason: str
) -> None:
    gap = Gap(part=part, what="journal", because="cannot read all of it")
    reading = replace(LOG, recent=recent, gaps=(gap,))

    verdict = judge_log(reading, NOW)

    assert (verdict.health, verdict.reason) == (health, reason)


def test_a_long_line_is_told_in_short() -> None:
    reading = replace(LOG, recent=(replace(OOM, evidence="x " * 400),))

    assert len(judge_log(reading, NOW).because) < 260


def test_jobs_that_somebody_works_on_are_healthy() -> None:
    reading = replace(JOBS, started=(WORK,))

    assert judge_jobs(reading) == Verdict(
        health=Health.HEALTHY,
        because="1 queued, 2 failed; 1 in work",
        reading=reading,
    )


def test_jobs_that_are_not_all_listed_are_told_as_such() -> None:
    verdict = judge_jobs(replace(JOBS, more=True))

    assert verdict.because == "1 queued, 2 failed; 0 or more in work"


def test_files_that_nobody_can_read_are_told() -> None:
    verdict = judge_jobs(replace(JOBS, unreadable=2))

    assert verdict.health is Health.HEALTHY
    assert verdict.because.endswith("2 files in queued cannot be read")


def test_a_queue_that_could_not_be_listed_is_unknown() -> None:
    gap = Gap(part="jobs", what="queued", because="cannot list it")
    reading = replace(
        JOBS, counts=(("failed", 2),), orphans=(WORK,), gaps=(gap,)
    )

    assert judge_jobs(reading) == Verdict(
        health=Health.UNKNOWN,
        because="cannot list it",
        reason="jobs_missing",
        reading=reading,
    )


def test_stuck_jobs_are_told_and_not_judged() -> None:
    verdict = judge_jobs(replace(JOBS, started=(WORK,), stuck=(WORK,)))

    assert verdict.health is Health.HEALTHY
    assert verdict.because.endswith("long without a sign of work: ui-1")


@pytest.mark.parametrize(
    ("count", "named"),
    [
        (1, "1 job left in work by a process that is gone, which"),
        (
            3,
            "3 jobs left in work by a process that is gone, which",
        ),
        (5, ": ui-0, ui-1, ui-2 and 2 more"),
    ],
)
def test_orphaned_jobs_are_told_and_no_fault_of_the_server(
    count: int, named: str
) -> None:
    jobs = tuple(StartedJob(id=f"ui-{place}") for place in range(count))

    verdict = judge_jobs(replace(JOBS, started=jobs, orphans=jobs))

    assert (verdict.health, verdict.reason) == (
        Health.HEALTHY,
        "orphaned_jobs",
    )
    assert named in verdict.because


@pytest.mark.parametrize(
    ("error", "gaps", "because"),
    [
        ("cannot reach gpu1", ("x",), "cannot reach gpu1"),
        ("", ("cannot read a", "cannot b"), "cannot read a; cannot b"),
        ("", (), "cannot tell: no answer"),
    ],
)
def test_what_cannot_be_read_is_unknown(
    error: str, gaps: tuple[str, ...], because: str
) -> None:
    reading = replace(
        LOG, gaps=tuple(Gap(part="log", what="", because=g) for g in gaps)
    )

    assert unread("log_missing", reading, error) == Verdict(
        health=Health.UNKNOWN,
        because=because,
        reason="log_missing",
        reading=reading,
    )
