"""What a canary usually takes, and how far from it is too far."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.canary import baseline
from monitor.domain.canary.baseline import ENOUGH, Baseline, Same
from monitor.domain.canary.reading import CanaryReading, Operation, Result

seconds = st.floats(0.0, 300.0)


def test_nine_runs_are_no_baseline_and_ten_are() -> None:
    assert baseline.of([2.0] * 9) is None
    assert baseline.of([2.0] * 10) == Baseline(median=2.0, spread=0.0, runs=10)


def test_one_wild_run_moves_nothing() -> None:
    usual = baseline.of([1.9, 2.0, 2.1] * 5)
    wild = baseline.of([*[1.9, 2.0, 2.1] * 5, 300.0])

    assert usual is not None
    assert wild is not None
    assert usual.median == pytest.approx(wild.median, abs=0.1)
    assert wild.slow_above < 4.0


def test_steady_runs_may_differ_by_half() -> None:
    steady = Baseline(median=4.0, spread=0.0, runs=50)

    assert (steady.fast_below, steady.slow_above) == (2.0, 6.0)


def test_short_runs_may_differ_by_a_quarter_second() -> None:
    short = Baseline(median=0.2, spread=0.0, runs=50)

    assert short.slow_above == pytest.approx(0.45)
    assert short.fast_below < 0.0


def test_scattered_runs_may_differ_by_six_deviations() -> None:
    scattered = Baseline(median=10.0, spread=0.8, runs=50)

    assert scattered.slow_above == pytest.approx(10.0 + 6 * 1.4826 * 0.8)
    assert scattered.fast_below == pytest.approx(10.0 - 6 * 1.4826 * 0.8)


def test_spread_is_the_median_deviation() -> None:
    found = baseline.of([1, 1, 2, 2, 4, 6, 9, 9, 9, 9, 9])

    assert found is not None
    assert (found.median, found.spread) == (6, 3)


def test_runs_are_compared_by_job_gpu_and_version() -> None:
    run = CanaryReading(
        canary="face",
        operation=Operation.ENHANCE,
        model="codeformer",
        result=Result.OK,
        gpu="Tesla T4",
        version="3.5.0",
    )

    assert baseline.same("studio", run) == Same(
        target="studio",
        canary="face",
        operation=Operation.ENHANCE,
        model="codeformer",
        gpu="Tesla T4",
        version="3.5.0",
    )


@given(st.lists(seconds, min_size=ENOUGH, max_size=60))
def test_the_usual_time_is_never_far_from_itself(runs: list[float]) -> None:
    found = baseline.of(runs)

    assert found is not None
    assert min(runs) <= found.median <= max(runs)
    assert found.fast_below < found.median < found.slow_above


@given(seconds.filter(lambda s: s > 0.5), st.integers(ENOUGH, 50))
def test_the_same_time_again_and_again_allows_no_fraction(
    usual: float, runs: int
) -> None:
    found = baseline.of([usual] * runs)

    assert found is not None
    assert usual * 0.49 < found.fast_below < usual * 0.51
