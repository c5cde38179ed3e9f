"""Whoever is about to act looks afresh, after whatever is under way."""

import asyncio
from collections.abc import Sequence

import pytest

from monitor.daemon import out_of_schedule
from monitor.daemon.out_of_schedule import OutOfSchedule
from monitor.domain.fleet import Target
from monitor.domain.health import Health
from monitor.domain.observation import CheckKey, Kind
from monitor.engine.board import Board
from monitor.engine.check import Check
from monitor.engine.events import Event, Skipped
from monitor.engine.watch import Watch
from tests.fakes.clock import FakeClock
from tests.fakes.probe import STUDIO, FakeProbe, check_of
from tests.fakes.store import FakeStore


class Desk:
    def __init__(self, *checks: Check) -> None:
        self.told: list[Event] = []
        target = Target(name="studio", url="http://a", dialect="rest")
        self.board = Board([target], [], checks)
        self.watch = Watch(
            clock=FakeClock(),
            board=self.board,
            store=FakeStore(),
            tell=self.told.append,
        )
        self.looks = OutOfSchedule(self.board, self.watch)

    @property
    def skipped(self) -> Sequence[Event]:
        return [one for one in self.told if isinstance(one, Skipped)]


async def test_a_look_counts_as_any_other() -> None:
    probe = FakeProbe(FakeClock())
    probe.health = Health.UNHEALTHY
    desk = Desk(check_of(probe))

    seen = await desk.looks.look(STUDIO)

    assert seen is not None
    assert seen.health is Health.UNHEALTHY
    assert desk.board.entry(STUDIO).seen == seen


async def test_one_that_is_under_way_is_waited_for_in_silence() -> None:
    probe = FakeProbe(FakeClock())
    probe.gate = asyncio.Event()
    check = check_of(probe)
    desk = Desk(check)
    regular = asyncio.create_task(desk.watch.turn(check))
    await probe.begun.wait()

    asked = asyncio.create_task(desk.looks.look(STUDIO))
    for _ in range(5):
        await asyncio.sleep(0)
    probe.gate.set()
    await asyncio.gather(regular, asked)

    assert probe.looks == 2
    assert asked.result() is not None
    assert desk.skipped == []


async def test_nobody_waits_longer_than_two_looks_may_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(out_of_schedule, "_SLACK", 0.0)
    probe = FakeProbe(FakeClock())
    probe.gate = asyncio.Event()
    check = check_of(probe, deadline=0.005)
    desk = Desk(check)
    regular = asyncio.create_task(desk.watch.turn(check))
    await probe.begun.wait()

    async with asyncio.timeout(5):
        seen = await desk.looks.look(STUDIO)
        await regular

    assert seen is None or seen.reason == "timeout"


async def test_a_check_that_is_not_there_shows_nothing() -> None:
    desk = Desk()

    assert await desk.looks.look(STUDIO) is None


def test_canaries_prove_a_server_in_their_order_without_the_batch() -> None:
    def canary(name: str, kind: str = "canary") -> Check:
        key = CheckKey(kind=Kind.TARGET, subject="studio", check=name)
        return check_of(FakeProbe(FakeClock(), key), kind=kind)

    face, batch = canary("canary.enhance"), canary("canary.batch")
    swap, status = canary("canary.swap"), canary("status", "status")
    desk = Desk(status, face, batch, swap)

    assert desk.looks.canaries("studio") == [face, swap]
    assert desk.looks.canaries("attic") == []
