"""When checks are due."""

from statistics import quantiles

from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.cadence import first_run, phase, stale_after

names = st.text(max_size=30)
intervals = st.floats(0.5, 86_400)
times = st.floats(0, 4e9)


@given(names, intervals)
def test_a_phase_lies_within_the_interval(name: str, interval: float) -> None:
    assert 0 <= phase(name, interval) < interval


def test_a_phase_depends_on_the_name_alone() -> None:
    assert phase("studio/status", 30) == phase("studio/status", 30)
    assert phase("studio/status", 30) != phase("attic/status", 30)


def test_a_thousand_checks_are_spread_evenly() -> None:
    phases = [phase(f"gpu{n}/gpu", 100) for n in range(1000)]

    quarters = quantiles(phases, n=4)

    assert [round(q, -1) for q in quarters] in (
        [20, 50, 80],
        [30, 50, 80],
        [20, 50, 70],
        [30, 50, 70],
    )


@given(names, intervals, times)
def test_the_first_run_is_the_next_of_its_grid(
    name: str, interval: float, now: float
) -> None:
    first = first_run(name, interval, now)

    assert -1e-3 <= first - now <= interval + 1e-3


def test_one_lost_look_does_not_make_a_reading_too_old() -> None:
    assert stale_after(30, 5) == 65
