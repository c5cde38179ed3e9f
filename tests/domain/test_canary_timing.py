"""Whether a job that was done took the time it should."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.canary import timing
from monitor.domain.canary.baseline import Baseline
from monitor.domain.canary.circumstances import Circumstances
from monitor.domain.canary.plan import CanaryPlan, Part
from monitor.domain.canary.reading import Operation, Result
from monitor.domain.canary.verdict import failed
from monitor.domain.health import Health

PLAN = CanaryPlan(
    canary="face",
    operation=Operation.ENHANCE,
    model="gfpgan_1.4",
    timeout=60,
)
UNSEEN = replace(PLAN, verifiable=False)
RTX = "NVIDIA GeForce RTX 3090"
T4 = "Tesla T4"
USUAL = Baseline(median=8.0, spread=0.1, runs=50)


def on(
    gpu: str | None,
    usual: Baseline | None = None,
    *,
    cold: bool = False,
    busy: str = "",
    frozen: bool = False,
) -> Circumstances:
    return Circumstances(
        gpu=gpu or "", baseline=usual, cold=cold, busy=busy, frozen=frozen
    )


def test_a_fast_and_valid_run_is_ok() -> None:
    said = timing.finished(PLAN, 1.2, on(RTX))

    assert said.result is Result.OK
    assert said.health is Health.HEALTHY
    assert said.reason == ""
    assert said.output_valid is True
    assert said.because == (
        "enhance gfpgan_1.4 took 1.20 s (benchmark 1 to 2 s)"
    )


@pytest.mark.parametrize(
    ("duration", "result", "health"),
    [
        (3.0, Result.OK, Health.HEALTHY),
        (3.1, Result.SLOW, Health.DEGRADED),
        (4.5, Result.SLOW, Health.DEGRADED),
        (30.0, Result.SLOW, Health.DEGRADED),
        (30.1, Result.SLOW, Health.UNHEALTHY),
    ],
)
def test_gfpgan_is_slow_above_3_s_and_unhealthy_above_30_s(
    duration: float, result: Result, health: Health
) -> None:
    said = timing.finished(PLAN, duration, on(RTX))

    assert (said.result, said.health) == (result, health)
    assert said.output_valid is True


def test_a_slow_run_says_from_where_on() -> None:
    said = timing.finished(PLAN, 4.5, on(None))

    assert said.reason == "slow"
    assert said.because.endswith("; slow above 3 s")


@pytest.mark.parametrize(
    ("plan", "gpu", "limit"),
    [
        (PLAN, None, 3.0),
        (PLAN, T4, 30.0),
        (replace(PLAN, factor=2.0), T4, 6.0),
        (replace(PLAN, factor=20.0), T4, 60.0),
        (replace(PLAN, tolerance=1.0), RTX, 2.0),
        (replace(PLAN, high=10.0), RTX, 15.0),
        (replace(PLAN, operation=Operation.BATCH, model=""), RTX, 30.0),
    ],
)
def test_who_judges_decides_the_limit(
    plan: CanaryPlan, gpu: str | None, limit: float
) -> None:
    assert timing.limit_of(plan, on(gpu)) == pytest.approx(limit)


def test_on_another_gpu_only_the_guides_30_s_judge() -> None:
    assert timing.finished(PLAN, 12.0, on(T4)).result is Result.OK
    assert timing.finished(PLAN, 31.0, on(T4)).health is Health.UNHEALTHY


def test_a_factor_may_allow_more_than_30_s() -> None:
    patient = replace(PLAN, factor=20.0)

    assert timing.finished(patient, 45.0, on(T4)).result is Result.OK


def test_a_run_without_a_benchmark_names_none() -> None:
    plan = replace(PLAN, operation=Operation.BATCH, model="")

    assert timing.finished(plan, 1.0, on(RTX)).because == "batch took 1.00 s"


def test_an_output_that_cannot_be_fetched_leaves_it_open() -> None:
    said = timing.finished(PLAN, 1.2, on(RTX), unverified="cannot fetch it")

    assert said.result is Result.UNVERIFIED
    assert said.health is Health.UNKNOWN
    assert said.output_valid is None
    assert said.reason == "unverified"
    assert said.because.endswith("; cannot fetch it")


def test_where_nothing_can_be_fetched_a_job_that_is_done_is_healthy() -> None:
    plan = replace(PLAN, verifiable=False)

    said = timing.finished(plan, 1.2, on(RTX), unverified="cannot fetch it")

    assert said.result is Result.UNVERIFIED
    assert said.health is Health.HEALTHY
    assert said.output_valid is None


def test_a_run_is_slow_whether_or_not_its_output_can_be_fetched() -> None:
    said = timing.finished(PLAN, 40.0, on(RTX), unverified="cannot fetch it")

    assert said.result is Result.SLOW
    assert said.health is Health.UNHEALTHY
    assert said.output_valid is None
    assert said.because.endswith("; cannot fetch it; slow above 3 s")


@given(
    st.floats(0, 10_000),
    st.none() | st.text(),
    st.none() | st.floats(0.01, 100),
    st.sampled_from(["", "cannot fetch it"]),
)
def test_only_an_ok_run_is_healthy_and_without_a_reason(
    duration: float, gpu: str | None, factor: float | None, unverified: str
) -> None:
    plan = replace(PLAN, factor=factor)

    said = timing.finished(plan, duration, on(gpu), unverified=unverified)

    ok = said.result is Result.OK
    assert ok == (said.health is Health.HEALTHY) == (said.reason == "")
    assert said.output_valid is (None if unverified else True)


def test_on_another_gpu_the_baseline_judges() -> None:
    said = timing.finished(PLAN, 12.1, on(T4, USUAL))

    assert (said.result, said.health) == (Result.SLOW, Health.DEGRADED)
    assert said.because.endswith("; slow above 12 s, usually 8.00 s")
    assert timing.finished(PLAN, 12.0, on(T4, USUAL)).result is Result.OK


@pytest.mark.parametrize(
    ("plan", "gpu"), [(PLAN, RTX), (PLAN, None), (replace(PLAN, factor=1), T4)]
)
def test_where_the_benchmark_judges_the_baseline_calls_nothing_slow(
    plan: CanaryPlan, gpu: str | None
) -> None:
    quick = Baseline(median=1.0, spread=0.0, runs=50)

    assert timing.limit_of(plan, on(gpu, quick)) == 3.0


def test_no_baseline_allows_more_than_the_guides_30_s() -> None:
    usual = Baseline(median=25.0, spread=0.1, runs=50)

    assert timing.limit_of(PLAN, on(T4, usual)) == 30.0


@pytest.mark.parametrize("gpu", [RTX, T4, None])
def test_a_fraction_of_the_usual_time_is_too_fast_on_any_gpu(
    gpu: str | None,
) -> None:
    usual = Baseline(median=2.0, spread=0.01, runs=50)

    said = timing.finished(PLAN, 0.9, on(gpu, usual))

    assert (said.result, said.health) == (Result.OK, Health.DEGRADED)
    assert said.reason == "too_fast"
    assert said.output_valid is True
    assert said.because.endswith(
        "; usually 2.00 s, too fast below 1.00 s: was the work done?"
    )


def test_just_half_of_the_usual_time_is_not_too_fast() -> None:
    usual = Baseline(median=2.0, spread=0.01, runs=50)

    assert timing.finished(PLAN, 1.0, on(RTX, usual)).reason == ""


def test_too_fast_and_unseen_is_not_called_invalid() -> None:
    said = timing.finished(UNSEEN, 0.1, on(T4, USUAL), unverified="unseen")

    assert (said.result, said.health) == (Result.UNVERIFIED, Health.DEGRADED)
    assert (said.reason, said.output_valid) == ("too_fast", None)


@pytest.mark.parametrize("seconds", [0.01, 1.2, 29.0, 59.0])
def test_a_cold_run_is_recorded_and_not_timed(seconds: float) -> None:
    said = timing.finished(PLAN, seconds, on(RTX, USUAL, cold=True))

    assert (said.result, said.health) == (Result.COLD, Health.HEALTHY)
    assert (said.reason, said.output_valid) == ("", True)
    assert said.because.endswith(
        "; cold: the first run since the server started"
    )


def test_a_cold_run_that_nobody_ever_can_see_is_cold() -> None:
    said = timing.finished(UNSEEN, 9.0, on(RTX, cold=True), unverified="no")

    assert (said.result, said.health) == (Result.COLD, Health.HEALTHY)
    assert (said.reason, said.output_valid) == ("", None)


def test_a_cold_run_whose_output_could_not_be_fetched_leaves_it_open() -> None:
    said = timing.finished(PLAN, 9.0, on(RTX, cold=True), unverified="no")

    assert (said.result, said.health) == (Result.UNVERIFIED, Health.UNKNOWN)
    assert said.reason == "unverified"
    assert "cold" in said.because


@pytest.mark.parametrize("seconds", [5.0, 45.0])
def test_a_slow_run_on_a_busy_server_says_nothing_about_it(
    seconds: float,
) -> None:
    said = timing.finished(PLAN, seconds, on(RTX, busy="3 jobs in its queue"))

    assert (said.result, said.health) == (Result.SLOW, Health.UNKNOWN)
    assert said.because.endswith(
        "; slow above 3 s; the server was busy: 3 jobs in its queue"
    )


def test_a_batch_is_hopeless_after_30_s_for_each_of_its_parts() -> None:
    part = Part(operation=Operation.AGE)
    plan = replace(
        PLAN, operation=Operation.BATCH, model="", parts=(part, part)
    )

    assert plan.benchmark == (4.0, 6.0)
    assert timing.limit_of(plan, on(RTX)) == 9.0
    assert timing.limit_of(plan, on(T4)) == 60.0
    assert timing.finished(plan, 60.0, on(RTX)).health is Health.DEGRADED
    assert timing.finished(plan, 60.1, on(RTX)).health is Health.UNHEALTHY


@pytest.mark.parametrize(
    ("around", "counted"),
    [
        (on(RTX), True),
        (on(RTX, cold=True), False),
        (on(RTX, busy="3 jobs in its queue"), False),
        (on(RTX, frozen=True), False),
    ],
)
def test_only_a_run_in_usual_circumstances_counts(
    *, around: Circumstances, counted: bool
) -> None:
    for plan, why in ((PLAN, ""), (UNSEEN, "unseen")):
        reached = timing.finished(plan, 1.2, around, unverified=why)
        assert timing.counts(plan, around, reached) is counted


@pytest.mark.parametrize(
    ("plan", "seconds", "unverified", "counted"),
    [
        (PLAN, 8.0, "", True),
        (PLAN, 1.0, "", True),  # too fast and good: it may have got faster
        (PLAN, 29.0, "", False),  # slow
        (PLAN, 8.0, "cannot fetch it", False),
        (UNSEEN, 8.0, "unseen", True),
        (UNSEEN, 1.0, "unseen", False),  # too fast: nobody knows
    ],
)
def test_only_an_ok_run_counts_for_the_next_ones(
    *, plan: CanaryPlan, seconds: float, unverified: str, counted: bool
) -> None:
    around = on(T4, USUAL)

    reached = timing.finished(plan, seconds, around, unverified=unverified)

    assert timing.counts(plan, around, reached) is counted


def test_a_failed_run_never_counts() -> None:
    reached = failed("processing_failed", "no output_path")

    assert not timing.counts(UNSEEN, on(RTX), reached)
