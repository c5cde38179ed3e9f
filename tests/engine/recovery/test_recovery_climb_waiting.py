"""A climb that waits: for people, for a wish to stop, and with its monitor."""

import asyncio
from dataclasses import replace

import pytest

from monitor.domain.recovery.plan import PLAN_LASTS
from monitor.domain.recovery.words import Action, Outcome, State
from monitor.engine.recovery.climb_ledger import BEATS
from monitor.engine.recovery.climb_waiting import (
    LATE,
    for_people,
    takes_people,
)
from monitor.engine.recovery.runner_lease import LASTS
from tests.domain.recovery.situations import ANN, BOB, diagnosis
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


async def cancelled(ladder: Ladder) -> None:
    await ladder.cancel("c1", BOB)
    await asyncio.sleep(3.0)


async def cut_off(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_a_reboot_says_exactly_what_people_have_to_type() -> None:
    async def story() -> None:
        ladder = Ladder()

        climbs = await at_the_reboot(ladder)

        told = ladder.change().progress
        assert "`facefusion-monitor apply plan-reboot --confirm gpu1`" in told
        assert "`facefusion-monitor approve plan-reboot` by 1 other" in told
        assert not ladder.journal.all_locks
        assert ladder.applied == []
        await cut_off(climbs)

    play(story)


def test_a_reboot_that_was_applied_still_says_who_has_to_approve() -> None:
    async def story() -> None:
        ladder = Ladder()
        climbs = await at_the_reboot(ladder)

        await ladder.apply("plan-reboot", BOB)
        await asyncio.sleep(3.0)

        told = ladder.change().progress
        assert "facefusion-monitor apply" not in told
        assert "`facefusion-monitor approve plan-reboot`" in told
        await cut_off(climbs)

    play(story)


def test_two_people_are_asked_for_where_two_must_agree() -> None:
    async def story() -> None:
        ladder = Ladder()
        ladder.fates[Action.RESTART] = Fate(approvals=2)

        climbs = await on_the_restart(ladder, 10.0)

        assert "by 2 other people" in ladder.change().progress
        await cut_off(climbs)

    play(story)


def test_a_reboot_that_nobody_applies_ends_it_with_its_plan() -> None:
    async def story() -> None:
        ladder = Ladder()
        climbs = await at_the_reboot(ladder)

        await climbs

        change = ladder.change()
        assert change.outcome is Outcome.REFUSED
        assert change.updated_at - change.created_at < PLAN_LASTS + 2 * LATE
        record = ladder.journal.records["plan-reboot"]
        assert record.outcome is Outcome.EXPIRED

    play(story)


def test_a_reboot_that_is_denied_ends_it() -> None:
    async def story() -> None:
        ladder = Ladder()
        climbs = await at_the_reboot(ladder)

        await ladder.deny("plan-reboot", BOB)
        await climbs

        change = ladder.change()
        assert change.outcome is Outcome.REFUSED
        assert "reboot (denied): denied by bob" in change.because

    play(story)


def test_a_reboot_that_is_denied_after_a_restart_gives_up() -> None:
    async def story() -> None:
        ladder = Ladder()
        climbs = await on_the_restart(ladder, 200.0)

        await ladder.deny("plan-reboot", BOB)
        await climbs

        assert ladder.change().outcome is Outcome.GAVE_UP

    play(story)


def test_it_shows_life_for_as_long_as_it_waits() -> None:
    async def story() -> None:
        ladder = Ladder()
        climbs = await at_the_reboot(ladder)

        for _ in range(100):
            await asyncio.sleep(BEATS)
            age = ladder.clock.now() - ladder.change().updated_at
            assert age <= BEATS + 1.0
        await cut_off(climbs)

    assert BEATS * 5 < LASTS
    play(story)


def test_a_cancel_before_anything_is_sent_cancels_the_rung_too() -> None:
    async def story() -> None:
        ladder = Ladder()
        climbs = await on_the_restart(ladder, 10.0)

        await cancelled(ladder)
        await climbs

        assert ladder.change().outcome is Outcome.CANCELLED
        child = ladder.change("change-restart")
        assert child.outcome is Outcome.CANCELLED
        assert "bob" in child.because
        assert "bob" in ladder.change().because

    play(story)


def test_a_cancel_closes_a_plan_that_waits_for_people() -> None:
    async def story() -> None:
        ladder = Ladder()
        climbs = await at_the_reboot(ladder)

        await cancelled(ladder)
        await climbs

        assert ladder.change().outcome is Outcome.CANCELLED
        record = ladder.journal.records["plan-reboot"]
        assert record.outcome is Outcome.CANCELLED

    play(story)


def test_a_cancel_after_a_rung_was_sent_fails_after_its_end() -> None:
    async def story() -> None:
        ladder = Ladder()
        climbs = await on_the_restart(ladder, 30.0)

        await cancelled(ladder)
        assert ladder.change().state is State.CLIMBING
        await climbs

        change = ladder.change()
        assert change.outcome is Outcome.FAILED
        assert "cancelled by bob after restart failed" in change.because
        assert ladder.climbed == [Action.RESTART]
        assert ladder.change("change-restart").cancel_asked_by == "bob"

    play(story)


def test_a_cancel_too_late_leaves_what_was_healed_healed() -> None:
    async def story() -> None:
        ladder = Ladder()
        ladder.fates[Action.RESTART] = Fate(Outcome.SUCCEEDED)
        climbs = await on_the_restart(ladder, 30.0)

        await cancelled(ladder)
        await climbs

        assert ladder.change().outcome is Outcome.SUCCEEDED

    play(story)


@pytest.mark.parametrize("moment", [0.5, 1.5, 2.5])
def test_a_cancel_before_the_first_rung_plans_nothing(moment: float) -> None:
    async def story() -> None:
        ladder = Ladder()
        climbs = await on_the_restart(ladder, moment)

        await ladder.cancel("c1", BOB)
        await climbs

        assert ladder.change().outcome is Outcome.CANCELLED
        assert not ladder.applied or moment > 2.0

    play(story)


def test_a_cancel_before_it_climbs_ends_it_at_once() -> None:
    async def story() -> None:
        ladder = Ladder()
        change = await ladder.recover()

        await ladder.cancel("c1", BOB)
        await ladder.climbing(change).run()

        assert ladder.change().outcome is Outcome.CANCELLED
        assert ladder.climbed == []

    play(story)


def test_a_cancel_while_it_settles_ends_the_waiting() -> None:
    async def story() -> None:
        ladder = Ladder()
        soon = ladder.clock.now() + 20.0
        ladder.eyes.later = [(soon, diagnosis("none"))]
        climbs = await on_the_restart(ladder, 80.0)

        await ladder.cancel("c1", BOB)
        await asyncio.sleep(30.0)

        assert climbs.done()
        assert ladder.change().outcome is Outcome.FAILED

    play(story)


def test_only_the_first_of_two_climbs() -> None:
    async def story() -> None:
        ladder = Ladder()
        ladder.fates[Action.RESTART] = Fate(Outcome.SUCCEEDED)
        first = await ladder.recover("c1")
        second = await ladder.recover("c2")

        await asyncio.gather(
            ladder.climbing(second).run(), ladder.climbing(first).run()
        )

        assert ladder.change("c1").outcome is Outcome.SUCCEEDED
        assert ladder.change("c2").outcome is Outcome.REFUSED
        assert "change c1 climbs" in ladder.change("c2").because

    play(story)


def test_a_reboot_takes_people_even_where_nobody_has_to_approve_it() -> None:
    async def story() -> None:
        ladder = Ladder()
        climbs = await at_the_reboot(ladder)
        plan = ladder.journal.records["plan-reboot"].plan

        alone = replace(plan, approvals=0)

        assert takes_people(alone, ANN)
        assert for_people(alone).endswith("plan-reboot --confirm gpu1`")
        await cut_off(climbs)

    play(story)
