"""Whoever looks out of schedule hears that the watch ends."""

from monitor.engine.board import Board
from monitor.engine.watch import Watch
from tests.fakes.clock import FakeClock
from tests.fakes.store import FakeStore


def test_a_watch_says_that_it_begins_no_more_looks() -> None:
    watch = Watch(
        clock=FakeClock(),
        board=Board([], [], []),
        store=FakeStore(),
        tell=lambda _: None,
    )

    before = watch.is_stopping
    watch.stop()

    assert not before
    assert watch.is_stopping
