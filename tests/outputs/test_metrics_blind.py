"""It is us: told once, without a server's name."""

from monitor.engine.board import Board
from monitor.engine.events import Forgot, Reported
from monitor.outputs.metrics.blind import DISK_SICK, GAP, Blind
from tests.fakes.clock import FakeClock
from tests.fakes.probe import STUDIO

FORGOT = Forgot(key=STUDIO, because="cannot write: disk full")


def blind(clock: FakeClock) -> Blind:
    return Blind(Board([], [], []), clock)


def failing(clock: FakeClock, seconds: float) -> Blind:
    """Return one that could not write anything for so many seconds."""
    us = blind(clock)
    for _ in range(int(seconds / 10) + 1):
        us.heard(FORGOT)
        clock.pass_time(10)
    return us


def test_all_is_well_with_us() -> None:
    us = blind(FakeClock())

    us.heard(Reported(host="gpu1", target="a", kind="exit", because="it did"))

    assert not us.is_blind(0.0)


def test_a_loop_that_is_seconds_late_sees_nothing_for_certain() -> None:
    assert blind(FakeClock()).is_blind(5.0)


def test_a_disk_that_stays_full_is_told() -> None:
    clock = FakeClock()

    assert failing(clock, DISK_SICK).is_blind(0.0)


def test_a_write_that_failed_for_a_moment_is_nothing() -> None:
    clock = FakeClock()

    assert not failing(clock, DISK_SICK - 20).is_blind(0.0)


def test_two_moments_are_no_minute() -> None:
    clock = FakeClock()
    us = failing(clock, 0)
    clock.pass_time(DISK_SICK)
    us.heard(FORGOT)

    assert not us.is_blind(0.0)


def test_a_disk_that_is_well_again_is_told_no_more() -> None:
    clock = FakeClock()
    us = failing(clock, DISK_SICK)

    clock.pass_time(GAP)

    assert not us.is_blind(0.0)
