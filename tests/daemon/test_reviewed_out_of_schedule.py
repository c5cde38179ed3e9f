"""A look out of schedule ends, whatever becomes of its check meanwhile."""

import asyncio

from typing_extensions import override

from monitor.daemon.out_of_schedule import OutOfSchedule
from monitor.domain.fleet import Target
from monitor.engine.board import Board
from monitor.engine.check import Check
from monitor.engine.events import Looked
from monitor.engine.watch import Watch
from monitor.ports import Due
from tests.fakes.clock import FakeClock
from tests.fakes.probe import STUDIO, FakeProbe, check_of
from tests.fakes.store import FakeStore

TARGET = Target(name="studio", url="http://a", dialect="rest")
MOST = 20
"""Turns that no look may need: one that spins holds the whole loop, and no
time limit ends it."""


class CountedWatch(Watch):
    turns = 0

    @override
    async def turn(
        self, check: Check, due: Due | None = None
    ) -> Looked | None:
        self.turns += 1
        assert self.turns < MOST, "it spins"
        return await super().turn(check, due)


class Desk:
    def __init__(self, check: Check) -> None:
        self.board = Board([TARGET], [], [check])
        self.watch = CountedWatch(
            clock=FakeClock(),
            board=self.board,
            store=FakeStore(),
            tell=lambda _: None,
        )
        self.looks = OutOfSchedule(self.board, self.watch)


def gated() -> FakeProbe:
    probe = FakeProbe(FakeClock())
    probe.gate = asyncio.Event()
    return probe


async def test_a_reload_during_a_look_lets_the_new_check_look() -> None:
    old, new = gated(), FakeProbe(FakeClock())
    desk = Desk(check_of(old))
    asked = asyncio.create_task(desk.looks.look(STUDIO))
    await old.begun.wait()

    desk.board.rewire([TARGET], [], [check_of(new)])
    assert old.gate is not None
    old.gate.set()
    seen = await asked

    assert seen is not None
    assert (old.looks, new.looks) == (1, 1)


async def test_a_check_that_a_reload_takes_away_shows_nothing() -> None:
    probe = gated()
    desk = Desk(check_of(probe))
    asked = asyncio.create_task(desk.looks.look(STUDIO))
    await probe.begun.wait()

    desk.board.rewire([], [], [])
    assert probe.gate is not None
    probe.gate.set()

    assert await asked is None


async def test_nobody_looks_once_the_monitor_ends() -> None:
    probe = FakeProbe(FakeClock())
    desk = Desk(check_of(probe))
    desk.watch.stop()

    assert await desk.looks.look(STUDIO) is None
    assert probe.looks == 0
