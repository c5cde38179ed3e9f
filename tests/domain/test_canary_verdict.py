from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.canary import verdict
from monitor.domain.canary.image import Flaw
from monitor.domain.canary.plan import CanaryPlan
from monitor.domain.canary.reading import Operation, Result
from monitor.domain.errors import CannotReach
from monitor.domain.health import Health

PLAN = CanaryPlan(
    canary="face",
    operation=Operation.ENHANCE,
    model="gfpgan_1.4",
    timeout=60,
)
RTX = "NVIDIA GeForce RTX 3090"
T4 = "Tesla T4"


def test_a_fast_and_valid_run_is_ok() -> None:
    said = verdict.finished(PLAN, 1.2, RTX)

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
    said = verdict.finished(PLAN, duration, RTX)

    assert (said.result, said.health) == (result, health)
    assert said.output_valid is True


def test_a_slow_run_says_from_where_on() -> None:
    said = verdict.finished(PLAN, 4.5, None)

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
    assert verdict.limit_of(plan, gpu) == pytest.approx(limit)


def test_on_another_gpu_only_the_guides_30_s_judge() -> None:
    assert verdict.finished(PLAN, 12.0, T4).result is Result.OK
    assert verdict.finished(PLAN, 31.0, T4).health is Health.UNHEALTHY


def test_a_factor_may_allow_more_than_30_s() -> None:
    patient = replace(PLAN, factor=20.0)

    assert verdict.finished(patient, 45.0, T4).result is Result.OK


def test_a_run_without_a_benchmark_names_none() -> None:
    plan = replace(PLAN, operation=Operation.BATCH, model="")

    assert verdict.finished(plan, 1.0, RTX).because == "batch took 1.00 s"


def test_an_output_that_cannot_be_fetched_leaves_it_open() -> None:
    said = verdict.finished(PLAN, 1.2, RTX, unverified="cannot fetch it")

    assert said.result is Result.UNVERIFIED
    assert said.health is Health.UNKNOWN
    assert said.output_valid is None
    assert said.reason == "unverified"
    assert said.because.endswith("; cannot fetch it")


def test_where_nothing_can_be_fetched_a_job_that_is_done_is_healthy() -> None:
    plan = replace(PLAN, verifiable=False)

    said = verdict.finished(plan, 1.2, RTX, unverified="cannot fetch it")

    assert said.result is Result.UNVERIFIED
    assert said.health is Health.HEALTHY
    assert said.output_valid is None


def test_a_run_is_slow_whether_or_not_its_output_can_be_fetched() -> None:
    said = verdict.finished(PLAN, 40.0, RTX, unverified="cannot fetch it")

    assert said.result is Result.SLOW
    assert said.health is Health.UNHEALTHY
    assert said.output_valid is None
    assert said.because.endswith("; slow above 3 s; cannot fetch it")


@pytest.mark.parametrize(
    ("reason", "result", "health"),
    [
        ("refused", Result.ERROR, Health.UNHEALTHY),
        ("reset", Result.ERROR, Health.UNHEALTHY),
        ("too_large", Result.ERROR, Health.UNHEALTHY),
        ("timeout", Result.TIMEOUT, Health.UNHEALTHY),
        ("failed", Result.ERROR, Health.UNKNOWN),
    ],
)
def test_a_server_that_does_not_answer_is_named_by_its_reason(
    reason: str, result: Result, health: Health
) -> None:
    said = verdict.no_answer(CannotReach("cannot reach it", reason=reason))

    assert (said.result, said.health, said.reason) == (result, health, reason)
    assert said.because == "cannot reach it"


def test_an_invalid_output_keeps_the_flaw() -> None:
    said = verdict.flawed(Flaw(reason="blank", because="it is blank"))

    assert said.result is Result.INVALID_OUTPUT
    assert said.health is Health.UNHEALTHY
    assert (said.reason, said.because) == ("blank", "it is blank")
    assert said.output_valid is False


def test_an_unreadable_output_is_an_invalid_one() -> None:
    said = verdict.unreadable("cannot read it")

    assert said.result is Result.INVALID_OUTPUT
    assert said.output_valid is False


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (verdict.not_placed("cannot upload"), "files"),
        (verdict.invalid_job("cannot run"), "invalid_job"),
        (verdict.rejected("answered 404"), "input_rejected"),
    ],
)
def test_what_is_our_own_fault_says_nothing_about_the_server(
    said: verdict.Verdict, reason: str
) -> None:
    assert said.result is Result.ERROR
    assert said.health is Health.UNKNOWN
    assert said.reason == reason


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

    said = verdict.finished(plan, duration, gpu, unverified=unverified)

    ok = said.result is Result.OK
    assert ok == (said.health is Health.HEALTHY) == (said.reason == "")
    assert said.output_valid is (None if unverified else True)
