"""Look, judge, remember, tell."""

import asyncio
from dataclasses import replace
from typing import TypeVar

import pytest
from typing_extensions import override

from monitor.domain.canary.reading import CanaryReading, Operation, Result
from monitor.domain.fleet import Target
from monitor.domain.health import Health
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.engine import watch as watching
from monitor.engine.board import Board
from monitor.engine.check import Check, Held, Rules
from monitor.engine.events import (
    Broke,
    Event,
    Forgot,
    Looked,
    Skipped,
    Started,
)
from monitor.engine.watch import Watch
from monitor.ports import Due
from tests.fakes.clock import FakeClock
from tests.fakes.probe import FakeProbe, check_of
from tests.fakes.store import FakeStore

_E = TypeVar("_E")
STUDIO = Target(name="studio", url="http://x", dialect="rest")


class House:
    """A watch with fakes all around it."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = FakeStore()
        self.events: list[Event] = []

    def watch(self, *checks: Check, rules: Rules | None = None) -> Watch:
        self.board = Board([STUDIO], [], checks)
        return Watch(
            clock=self.clock,
            board=self.board,
            store=self.store,
            tell=self.events.append,
            rules=rules,
        )

    def told(self, kind: type[_E]) -> list[_E]:
        return [e for e in self.events if isinstance(e, kind)]


async def test_a_look_reaches_the_board_and_everybody_who_listens() -> None:
    house = House()
    check = check_of(FakeProbe(house.clock))
    watch = house.watch(check)

    looked = await watch.turn(check)

    assert looked is not None
    assert looked.track.health is Health.HEALTHY
    assert house.board.entry(check.key).track == looked.track
    assert len(house.told(Looked)) == 1


async def test_a_run_tells_how_late_it_began_and_what_was_lost() -> None:
    house = House()
    check = check_of(FakeProbe(house.clock))
    watch = house.watch(check)

    await watch.turn(check, Due(at=house.clock.now() - 2.5, missed=3))

    assert house.told(Started) == [Started(check=check, lag=2.5, missed=3)]


async def test_a_check_that_still_runs_is_skipped_and_told() -> None:
    house = House()
    probe = FakeProbe(house.clock)
    probe.gate = asyncio.Event()
    check = check_of(probe)
    watch = house.watch(check)
    first = asyncio.create_task(watch.turn(check))
    await probe.begun.wait()

    second = await watch.turn(check)
    probe.gate.set()
    await first

    assert second is None
    assert probe.looks == 1
    [skipped] = house.told(Skipped)
    assert (skipped.check, skipped.reason) == (check, "overlap")
    assert house.board.entry(check.key).skipped == skipped


async def test_a_skipped_check_runs_again_the_next_time() -> None:
    house = House()
    probe = FakeProbe(house.clock)
    check = check_of(probe)
    watch = house.watch(check)

    await watch.turn(check)
    await watch.turn(check)

    assert probe.looks == 2


async def test_checks_of_one_lane_wait_for_each_other() -> None:
    house = House()
    swap, enhance = (_canary(house, name) for name in ("swap", "enhance"))
    swap.gate = asyncio.Event()
    checks = [check_of(p, lane="studio") for p in (swap, enhance)]
    watch = house.watch(*checks)
    first = asyncio.create_task(watch.turn(checks[0]))
    await swap.begun.wait()

    second = asyncio.create_task(watch.turn(checks[1]))
    await asyncio.sleep(0)
    overlapped = enhance.looks
    swap.gate.set()
    await asyncio.gather(first, second)

    assert overlapped == 0
    assert enhance.looks == 1


async def test_a_lane_that_stays_taken_is_a_skip_with_its_reason() -> None:
    house = House()
    swap, enhance = (_canary(house, name) for name in ("swap", "enhance"))
    swap.gate = asyncio.Event()
    checks = [
        check_of(p, lane="studio", interval=0.01) for p in (swap, enhance)
    ]
    watch = house.watch(*checks)
    first = asyncio.create_task(watch.turn(checks[0]))
    await swap.begun.wait()

    second = await watch.turn(checks[1])
    swap.gate.set()
    await first

    assert second is None
    [skipped] = house.told(Skipped)
    assert (skipped.check, skipped.reason) == (checks[1], "target_busy")


async def test_a_look_that_never_ends_is_cut_off_and_fails() -> None:
    house = House()
    probe = FakeProbe(house.clock)
    probe.gate = asyncio.Event()
    check = check_of(probe, deadline=0.01)
    watch = house.watch(check)

    await watch.turn(check)

    seen = house.board.entry(check.key).seen
    assert seen is not None
    assert (seen.reason, seen.health) == ("timeout", Health.UNHEALTHY)
    assert probe.cleaned


async def test_a_look_through_others_that_never_ends_tells_nothing() -> None:
    house = House()
    probe = FakeProbe(house.clock)
    probe.gate = asyncio.Event()
    check = replace(check_of(probe, deadline=0.01), overdue=Health.UNKNOWN)
    watch = house.watch(check)

    await watch.turn(check)

    seen = house.board.entry(check.key).seen
    assert seen is not None
    assert (seen.reason, seen.health) == ("timeout", Health.UNKNOWN)


async def test_a_broken_probe_is_told_and_watching_goes_on() -> None:
    house = House()
    probe = FakeProbe(house.clock)
    probe.error = error = ZeroDivisionError("division by zero")
    check = check_of(probe)
    watch = house.watch(check)

    await watch.turn(check)
    probe.error = None
    looked = await watch.turn(check)

    assert [e.error for e in house.told(Broke)] == [error]
    assert looked is not None
    assert looked.track.health is Health.HEALTHY


async def test_a_full_disk_loses_history_but_no_look() -> None:
    house = House()
    house.store.full = True
    check = check_of(FakeProbe(house.clock))
    watch = house.watch(check)

    looked = await watch.turn(check)

    assert looked is not None
    assert house.told(Forgot) == [
        Forgot(
            key=check.key,
            because="cannot use the state database: disk full",
        )
    ]


async def test_a_locked_database_holds_no_check_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watching, "REMEMBER_WAIT", 0.01)
    house = House()
    house.store.locked = asyncio.Event()
    check = check_of(FakeProbe(house.clock))
    watch = house.watch(check)

    await watch.turn(check)
    again = await watch.turn(check)

    assert again is not None
    assert ["no answer" in f.because for f in house.told(Forgot)] == [
        True,
        True,
    ]


async def test_a_canary_that_waits_is_not_begun_when_the_watch_stops() -> None:
    house = House()
    swap, enhance = (_canary(house, name) for name in ("swap", "enhance"))
    swap.gate = asyncio.Event()
    checks = [check_of(p, lane="studio") for p in (swap, enhance)]
    watch = house.watch(*checks)
    first = asyncio.create_task(watch.turn(checks[0]))
    await swap.begun.wait()
    second = asyncio.create_task(watch.turn(checks[1]))

    watch.stop()
    swap.gate.set()
    await asyncio.gather(first, second)

    assert first.result() is not None
    assert second.result() is None
    assert enhance.looks == 0


async def test_a_canary_run_and_a_transition_are_remembered() -> None:
    house = House()
    probe = _canary(house, "swap")
    probe.reading = CanaryReading(
        canary="swap",
        operation=Operation.SWAP,
        model="inswapper_128",
        result=Result.OK,
    )
    check = check_of(probe, kind="canary")
    watch = house.watch(check)

    await watch.turn(check)

    assert [s.reading for s in house.store.runs] == [probe.reading]
    assert [t.after for t in house.store.transitions] == [Health.HEALTHY]


async def test_a_turn_that_is_cancelled_cleans_up_and_frees_its_check() -> (
    None
):
    house = House()
    probe = FakeProbe(house.clock)
    probe.gate = asyncio.Event()
    check = check_of(probe)
    watch = house.watch(check)
    turn = asyncio.create_task(watch.turn(check))
    await probe.begun.wait()

    turn.cancel()
    await asyncio.wait({turn})
    probe.gate = None
    again = await watch.turn(check)

    assert turn.cancelled()
    assert probe.cleaned
    assert again is not None


def _canary(house: House, name: str) -> FakeProbe:
    key = CheckKey(kind=Kind.TARGET, subject="studio", check=f"canary.{name}")
    return FakeProbe(house.clock, key)


async def test_a_scheduled_run_that_is_held_back_says_why() -> None:
    house = House()
    check = check_of(FakeProbe(house.clock))
    held = Held(reason="busy", because="3 jobs wait")
    watch = house.watch(check, rules=Rules(hold=lambda _: held))

    looked = await watch.turn(check, Due(at=house.clock.now(), missed=2))

    assert looked is None
    [skipped] = house.told(Skipped)
    assert (skipped.reason, skipped.because) == ("busy", "3 jobs wait")
    assert skipped.at == house.clock.now()
    [started] = house.told(Started)
    assert started.missed == 2


async def test_a_look_that_somebody_asked_for_is_not_held_back() -> None:
    house = House()
    check = check_of(FakeProbe(house.clock))
    held = Held(reason="busy", because="3 jobs wait")
    watch = house.watch(check, rules=Rules(hold=lambda _: held))

    assert await watch.turn(check) is not None


async def test_what_is_seen_in_maintenance_says_so() -> None:
    house = House()
    check = check_of(FakeProbe(house.clock))
    rules = Rules(planned=lambda key: key.subject == "studio")
    watch = house.watch(check, rules=rules)

    looked = await watch.turn(check)

    assert looked is not None
    assert looked.maintenance
    assert house.store.told[0].maintenance


async def test_a_look_whose_check_was_taken_off_the_board_counts_nothing() -> (
    None
):
    house = House()
    probe = FakeProbe(house.clock)
    probe.gate = asyncio.Event()
    check = check_of(probe)
    watch = house.watch(check)
    turn = asyncio.create_task(watch.turn(check))
    await probe.begun.wait()

    house.board.rewire([], [], [])
    probe.gate.set()

    assert await turn is None
    assert house.told(Looked) == []
    assert house.store.told == []


async def test_a_look_with_settings_that_were_replaced_counts_nothing() -> (
    None
):
    house = House()
    probe = FakeProbe(house.clock)
    probe.gate = asyncio.Event()
    check = check_of(probe)
    watch = house.watch(check)
    turn = asyncio.create_task(watch.turn(check))
    await probe.begun.wait()

    anew = check_of(FakeProbe(house.clock), interval=60)
    house.board.rewire([STUDIO], [], [anew])
    probe.gate.set()

    assert await turn is None
    assert house.board.entry(anew.key).seen is None


def _two(house: House, lane: str) -> tuple[FakeProbe, FakeProbe, list[Check]]:
    """Return two canaries of one server, the first of which hangs."""
    first, second = (_canary(house, name) for name in ("swap", "enhance"))
    first.gate = asyncio.Event()
    checks = [
        check_of(probe, kind="canary", lane=lane) for probe in (first, second)
    ]
    return first, second, checks


async def test_a_canary_that_left_the_fleet_in_its_lane_sends_no_job() -> None:
    house = House()
    first, second, checks = _two(house, "studio")
    watch = house.watch(*checks)
    turns = [asyncio.create_task(watch.turn(check)) for check in checks]
    await first.begun.wait()

    house.board.rewire([], [], [])
    assert first.gate is not None
    first.gate.set()
    await asyncio.gather(*turns)

    assert second.looks == 0


async def test_a_server_that_moved_to_another_lane_runs_one_canary_still() -> (
    None
):
    house = House()
    first, _, before = _two(house, "studio")
    _, second, after = _two(house, "host gpu1")
    second.gate = asyncio.Event()
    watch = house.watch(*before)
    turn = asyncio.create_task(watch.turn(before[0]))
    await first.begun.wait()

    house.board.rewire([STUDIO], [], after)
    other = asyncio.create_task(watch.turn(after[1]))
    await asyncio.wait({other}, timeout=0.01)
    early = second.looks
    assert first.gate is not None
    first.gate.set()
    second.gate.set()
    await asyncio.gather(turn, other)

    assert early == 0
    assert second.looks == 1


async def test_canaries_that_hang_leave_room_for_quick_looks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watching, "LOOKS_AT_ONCE", 1)
    monkeypatch.setattr(watching, "CANARIES_AT_ONCE", 1)
    house = House()
    first, _, checks = _two(house, "studio")
    status = check_of(FakeProbe(house.clock))
    watch = house.watch(*checks, status)
    turn = asyncio.create_task(watch.turn(checks[0]))
    await first.begun.wait()

    looked = await watch.turn(status)

    assert looked is not None
    assert first.gate is not None
    first.gate.set()
    await turn


async def test_only_so_many_looks_are_under_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watching, "LOOKS_AT_ONCE", 1)
    house = House()
    slow = FakeProbe(house.clock)
    slow.gate = asyncio.Event()
    gpu = FakeProbe(
        house.clock, CheckKey(kind=Kind.HOST, subject="gpu1", check="gpu")
    )
    checks = [check_of(slow), check_of(gpu)]
    watch = house.watch(*checks)
    turns = [asyncio.create_task(watch.turn(check)) for check in checks]
    await slow.begun.wait()

    await asyncio.wait(turns, timeout=0.01)
    early = gpu.looks
    slow.gate.set()
    await asyncio.gather(*turns)

    assert (early, gpu.looks) == (0, 1)


class _Cancelled(FakeProbe):
    @override
    async def look(self) -> Observation:
        future: asyncio.Future[Observation] = asyncio.Future()
        future.cancel()
        return await future


async def test_a_probe_that_cancels_itself_is_told_as_broken() -> None:
    house = House()
    check = check_of(_Cancelled(house.clock))
    watch = house.watch(check)

    looked = await watch.turn(check)

    assert looked is not None
    assert looked.seen.reason == "internal"
    assert len(house.told(Broke)) == 1


async def test_lanes_of_servers_that_are_gone_are_forgotten() -> None:
    house = House()
    checks = [
        check_of(_canary(house, f"c{number}"), lane=f"lane {number}")
        for number in range(100)
    ]
    watch = house.watch(*checks)

    for check in checks:
        await watch.turn(check)

    assert watch.lanes == 0


async def test_whoever_waits_hears_of_the_end_of_a_look() -> None:
    house = House()
    probe = FakeProbe(house.clock)
    probe.gate = asyncio.Event()
    check = check_of(probe)
    watch = house.watch(check)
    looking = asyncio.create_task(watch.turn(check))
    await probe.begun.wait()

    waiting = asyncio.create_task(watch.is_over(check.key))
    await asyncio.sleep(0)
    waits = not waiting.done()
    probe.gate.set()
    async with asyncio.timeout(1):
        await asyncio.gather(looking, waiting)
        await watch.is_over(check.key)

    assert waits
