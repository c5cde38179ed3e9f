"""A climb that loses something: its monitor, its journal, a rung."""

import asyncio

import pytest

from monitor.domain.errors import CannotStore
from monitor.domain.recovery.climb import Tread
from monitor.domain.recovery.words import Action, Outcome, State
from monitor.engine.events import ChangeTold, Forgot
from monitor.engine.recovery.climb_waiting import (
    CARRIED_WITHIN,
)
from tests.domain.recovery.situations import BOB, diagnosis
from tests.engine.recovery.ladder import Fate, Ladder
from tests.engine.recovery.theatre import play


async def at_the_reboot(ladder: Ladder) -> asyncio.Task[None]:
    """Climb to the rung that waits for people."""
    ladder.eyes.found = diagnosis("gpu_lost")
    climbs = ladder.begin(await ladder.recover())
    await asyncio.sleep(20.0)
    return climbs


async def on_the_restart(ladder: Ladder, after: float) -> asyncio.Task[None]:
    climbs = ladder.begin(await ladder.recover())
    await asyncio.sleep(after)
    return climbs


async def cut_off(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_a_climb_without_its_plan_is_interrupted() -> None:
    async def story() -> None:
        ladder = Ladder()
        change = await ladder.recover()
        record = ladder.journal.records.pop("p-c1")
        climbs = ladder.begin(change)
        await asyncio.sleep(0.0)

        ladder.journal.records["p-c1"] = record

        await climbs
        assert ladder.change().outcome is Outcome.INTERRUPTED

    play(story)


def test_a_monitor_that_stops_says_so_and_closes_the_rung() -> None:
    async def story() -> None:
        ladder = Ladder()
        climbs = await at_the_reboot(ladder)

        await cut_off(climbs)

        assert ladder.change().outcome is Outcome.INTERRUPTED
        assert "nobody climbs on" in ladder.change().because
        record = ladder.journal.records["plan-reboot"]
        assert record.outcome is Outcome.CANCELLED

    play(story)


def test_a_monitor_that_stops_leaves_a_rung_that_is_carried() -> None:
    async def story() -> None:
        ladder = Ladder()
        climbs = await on_the_restart(ladder, 30.0)

        await cut_off(climbs)
        await asyncio.sleep(60.0)

        assert ladder.change().outcome is Outcome.INTERRUPTED
        assert ladder.change("change-restart").outcome is Outcome.FAILED

    play(story)


def test_a_climb_that_was_ended_by_others_is_left_alone() -> None:
    async def story() -> None:
        ladder = Ladder()
        climbs = await on_the_restart(ladder, 30.0)
        before = ladder.change()
        over = await ladder.moved_by_others(before)

        await cut_off(climbs)

        assert ladder.change() == over

    play(story)


def test_a_climb_that_was_ended_by_others_stops_by_itself() -> None:
    async def story() -> None:
        ladder = Ladder()
        climbs = await on_the_restart(ladder, 30.0)
        over = await ladder.moved_by_others(ladder.change())

        await climbs

        assert ladder.change() == over
        assert ladder.climbed == [Action.RESTART]
        told = [o for o in ladder.theatre.told if isinstance(o, ChangeTold)]
        assert [o.change for o in told if o.change.id == "c1"][-1] == over

    play(story)


def test_a_journal_that_is_full_for_a_while_loses_no_rung() -> None:
    async def story() -> None:
        ladder = Ladder()
        climbs = await at_the_reboot(ladder)
        ladder.journal.full = True
        await asyncio.sleep(300.0)

        ladder.journal.full = False
        ladder.fates[Action.REBOOT] = Fate(Outcome.SUCCEEDED)
        await ladder.apply("plan-reboot", BOB)
        await climbs

        assert ladder.change().outcome is Outcome.SUCCEEDED

    play(story)


def test_a_journal_that_stays_full_is_told_and_left_to_the_sweeper() -> None:
    async def story() -> None:
        ladder = Ladder()
        climbs = await at_the_reboot(ladder)
        ladder.journal.full = True

        await climbs

        assert any(isinstance(one, Forgot) for one in ladder.theatre.told)
        assert ladder.change().state is State.CLIMBING

    play(story)


@pytest.mark.parametrize("verb", ["plan", "apply"])
def test_a_desk_that_cannot_write_interrupts_it(verb: str) -> None:
    async def story() -> None:
        ladder = Ladder()
        full = CannotStore("cannot use the state database: disk full")
        fate = ladder.fates[Action.RESTART]
        if verb == "plan":
            fate.refuses = full
        else:
            fate.applies = full

        change = await ladder.climb()

        assert change.outcome is Outcome.INTERRUPTED
        assert "disk full" in change.because
        record = ladder.journal.records.get("plan-restart")
        assert record is None or record.outcome is Outcome.CANCELLED

    play(story)


def test_a_rung_without_an_end_is_not_waited_for_for_ever() -> None:
    async def story() -> None:
        ladder = Ladder()
        ladder.fates[Action.RESTART] = Fate(lasts=CARRIED_WITHIN + 60.0)

        change = await ladder.climb()

        assert change.outcome is Outcome.GAVE_UP
        assert "nobody knows what became of it" in change.because

    play(story)


def test_a_rung_that_was_sent_and_has_no_end_gives_up() -> None:
    async def story() -> None:
        ladder = Ladder()
        ladder.fates[Action.RESTART] = Fate(lasts=CARRIED_WITHIN * 0.9)

        change = await ladder.climb()

        assert change.outcome is Outcome.GAVE_UP
        assert change.done

    play(story)


def test_a_rung_whose_plan_or_change_is_lost_ends_it() -> None:
    async def story(lost: str) -> Tread | None:
        ladder = Ladder()
        climbs = await on_the_restart(ladder, 30.0)
        if lost == "plan":
            del ladder.journal.records["plan-restart"]
        else:
            del ladder.journal.all_changes["change-restart"]

        await climbs

        assert ladder.change().outcome is Outcome.GAVE_UP
        assert "is not kept" in ladder.change().because
        return None

    play(lambda: story("plan"))
    play(lambda: story("change"))
