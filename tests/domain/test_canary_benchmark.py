import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.canary import benchmark
from monitor.domain.canary.reading import Operation

E, A, S = Operation.ENHANCE, Operation.AGE, Operation.SWAP
SECONDS = st.floats(0, 1000)


@pytest.mark.parametrize(
    ("operation", "model", "expected"),
    [
        (E, "gfpgan_1.4", (1, 2)),
        (E, "codeformer", (2, 3)),
        (E, "restoreformer_plus_plus", (3, 5)),
        (A, "", (2, 3)),
        (S, "inswapper_128", (3, 4)),
        (S, "inswapper_256", (3, 4)),
        (E, "gpen_bfr_512", None),
        (Operation.BATCH, "", None),
    ],
)
def test_the_table_is_the_guides(
    operation: Operation, model: str, expected: tuple[float, float] | None
) -> None:
    assert benchmark.bounds(operation, model) == expected


@pytest.mark.parametrize(
    ("table", "low", "high", "expected"),
    [
        ((1, 2), None, None, (1, 2)),
        ((1, 2), 0.5, None, (0.5, 2)),
        ((1, 2), None, 6, (1, 6)),
        ((1, 2), None, 0.5, (0.5, 0.5)),
        ((1, 2), 3, None, (2, 2)),
        ((1, 2), 4, 8, (4, 8)),
        (None, 4, 8, (4, 8)),
        (None, None, 8, (8, 8)),
        (None, 4, None, None),
        (None, None, None, None),
    ],
)
def test_a_canary_may_set_its_own_bounds(
    table: tuple[float, float] | None,
    low: float | None,
    high: float | None,
    expected: tuple[float, float] | None,
) -> None:
    assert benchmark.overridden(table, low=low, high=high) == expected


def test_a_canary_that_takes_one_point_two_seconds_reads_ratio_0_6() -> None:
    assert benchmark.ratio(1.2, 2.0) == pytest.approx(0.6)


def test_a_bound_of_zero_has_no_ratio() -> None:
    assert benchmark.ratio(1.2, 0.0) is None


@pytest.mark.parametrize(
    ("duration", "slow"), [(1.2, False), (3.0, False), (3.01, True), (4.5, 1)]
)
def test_gfpgan_is_slow_above_three_seconds(
    duration: float, slow: object
) -> None:
    assert benchmark.is_slow(duration, 2.0, 1.0, 1.5) is bool(slow)


@pytest.mark.parametrize(
    ("gpu", "factor", "judges"),
    [
        ("NVIDIA GeForce RTX 3090", None, True),
        ("GeForce RTX 3090", None, True),
        ("NVIDIA GeForce RTX 3090 Ti", None, False),
        ("NVIDIA GeForce RTX 3090Ti", None, False),
        ("NVIDIA GeForce RTX 4090", None, False),
        ("Tesla T4", None, False),
        ("Tesla T4", 2.5, True),
        ("Tesla T4", 1.0, True),
        (None, None, True),
        ("", None, True),
    ],
)
def test_the_benchmark_judges_only_the_gpu_it_is_for(
    gpu: str | None,
    factor: float | None,
    judges: bool,  # noqa: FBT001  # the expected value of a table
) -> None:
    assert benchmark.judges(gpu, factor) is judges


@given(SECONDS, SECONDS, st.floats(0.01, 100), st.floats(1, 10))
def test_a_longer_run_is_never_less_slow(
    one: float, other: float, high: float, tolerance: float
) -> None:
    shorter, longer = sorted((one, other))

    if benchmark.is_slow(shorter, high, 1.0, tolerance):
        assert benchmark.is_slow(longer, high, 1.0, tolerance)


@given(
    st.none() | st.tuples(SECONDS, SECONDS).map(lambda b: (min(b), max(b))),
    st.none() | SECONDS,
    st.none() | SECONDS,
)
def test_the_low_bound_never_lies_above_the_high_one(
    table: tuple[float, float] | None, low: float | None, high: float | None
) -> None:
    bounds = benchmark.overridden(table, low=low, high=high)

    assert bounds is None or bounds[0] <= bounds[1]


def test_a_batch_is_compared_with_the_sum_of_its_parts() -> None:
    parts = [(Operation.ENHANCE, "gfpgan_1.4"), (Operation.AGE, "")]

    assert benchmark.summed(parts) == (3.0, 5.0)
    assert benchmark.summed([*parts, (Operation.SWAP, "other")]) is None
