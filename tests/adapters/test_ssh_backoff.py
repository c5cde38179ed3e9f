from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.ssh.backoff import LONGEST, BackOff


def _pauses(chance: float, failures: int) -> list[float]:
    backoff = BackOff(lambda: chance)
    pauses = []
    for _ in range(failures):
        backoff.failed(1000.0)
        pauses.append(backoff.remaining(1000.0))
    return pauses


def test_pauses_double_up_to_a_minute() -> None:
    assert _pauses(1.0, 7) == [2, 4, 8, 16, 32, 60, 60]


def test_chance_halves_a_pause_at_most() -> None:
    assert _pauses(0.0, 7) == [1, 2, 4, 8, 16, 30, 30]


@given(st.floats(0, 1), st.integers(1, 40))
def test_no_pause_is_longer_than_a_minute(
    chance: float, failures: int
) -> None:
    assert all(0 < pause <= LONGEST for pause in _pauses(chance, failures))


def test_a_pause_passes() -> None:
    backoff = BackOff(lambda: 1.0)
    backoff.failed(1000.0)

    assert backoff.remaining(1001.5) == 0.5
    assert backoff.remaining(1002.0) == 0
    assert backoff.remaining(2000.0) == 0


def test_success_forgets_all_failures() -> None:
    backoff = BackOff(lambda: 1.0)
    for _ in range(5):
        backoff.failed(1000.0)

    backoff.worked()

    assert backoff.remaining(1000.0) == 0
    backoff.failed(1000.0)
    assert backoff.remaining(1000.0) == 2
