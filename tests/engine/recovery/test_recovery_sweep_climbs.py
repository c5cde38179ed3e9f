"""A climb whose monitor died: ended, and its open rung closed with it."""

import asyncio
from dataclasses import replace

from monitor.domain.recovery.words import Action, Outcome, State
from monitor.engine.events import PlanTold
from monitor.engine.recovery.runner_lease import LASTS
from tests.domain.recovery.situations import ANN, BOB, diagnosis
from tests.engine.recovery.ladder import Fate, Ladder
from tests.engine.recovery.theatre import play


async def died(ladder: Ladder, after: float) -> None:
    """Climb for a while, and be gone as `kill -9` does it."""
    climbs = ladder.begin(await ladder.recover())
    await asyncio.sleep(after)
    ladder.monitor.fuse.blown = True
    climbs.cancel()
    await asyncio.gather(climbs, return_exceptions=True)


async def swept(ladder: Ladder, seconds: float) -> None:
    """Sweep as another monitor does."""
    sweeper = ladder.theatre.monitor("b").sweeper
    for _ in range(int(seconds / 5)):
        await sweeper.sweep()
        await asyncio.sleep(5)


def test_a_climb_of_a_dead_monitor_is_interrupted() -> None:
    async def story() -> None:
        ladder = Ladder()
        await died(ladder, after=30.0)
        assert ladder.change().state is State.CLIMBING

        await swept(ladder, LASTS + 20.0)

        change = ladder.change()
        assert change.outcome is Outcome.INTERRUPTED
        assert "(a) is gone; nobody climbs on" in change.because
        assert change.done
        assert ladder.theatre.outcomes("p-c1") == ["interrupted"]

    play(story)


def test_the_reboot_that_waits_for_people_is_closed_with_it() -> None:
    async def story() -> None:
        ladder = Ladder()
        ladder.eyes.found = diagnosis("gpu_lost")
        await died(ladder, after=30.0)
        other = ladder.theatre.plan("other")
        await ladder.journal.keep_plan(other, ladder.entry(other))

        await swept(ladder, LASTS + 20.0)

        record = ladder.journal.records["plan-reboot"]
        assert record.outcome is Outcome.CANCELLED
        assert "nobody climbs on" in record.because
        assert ladder.journal.records["other"].is_open
        told = [o for o in ladder.theatre.told if isinstance(o, PlanTold)]
        assert told[-1].record == record

    play(story)


def test_a_climb_that_shows_life_is_left_alone() -> None:
    async def story() -> None:
        ladder = Ladder()
        ladder.eyes.found = diagnosis("gpu_lost")
        climbs = ladder.begin(await ladder.recover())
        await asyncio.sleep(20.0)

        await swept(ladder, LASTS * 5)

        assert ladder.change().state is State.CLIMBING
        climbs.cancel()
        await asyncio.gather(climbs, return_exceptions=True)

    play(story)


def test_a_recover_that_never_began_is_interrupted_as_any_change() -> None:
    async def story() -> None:
        ladder = Ladder()
        await ladder.recover()

        await swept(ladder, LASTS + 20.0)

        change = ladder.change()
        assert change.outcome is Outcome.INTERRUPTED
        assert "no effect was sent" in change.because

    play(story)


def test_a_rung_that_is_open_still_when_its_climb_is_over_is_closed() -> None:
    async def story() -> None:
        ladder = Ladder()
        ladder.fates[Action.RESTART] = Fate(Outcome.SUCCEEDED)
        change = await ladder.climb()
        late = replace(ladder.theatre.plan("late"), parent=change.id)
        await ladder.journal.keep_plan(late, ladder.entry(late))
        open_ = replace(ladder.theatre.plan("open"), parent="c2")
        await ladder.journal.keep_plan(open_, ladder.entry(open_))

        await swept(ladder, 5.0)

        assert ladder.journal.records["late"].outcome is Outcome.CANCELLED
        assert ladder.journal.records["open"].is_open

    play(story)


def test_a_rung_that_was_applied_just_now_goes_its_own_way() -> None:
    async def story() -> None:
        ladder = Ladder()
        ladder.eyes.found = diagnosis("gpu_lost")
        await died(ladder, after=30.0)
        plans = ladder.journal.plans

        async def just_before(
            *, limit: int, only_open: bool = False
        ) -> object:
            found = await plans(limit=limit, only_open=only_open)
            if not ladder.applied and ladder.change().is_over:
                await ladder.apply("plan-reboot", BOB)
            return found

        ladder.journal.plans = just_before  # type: ignore[assignment,method-assign]

        await swept(ladder, LASTS + 60.0)

        assert ladder.change().outcome is Outcome.INTERRUPTED
        record = ladder.journal.records["plan-reboot"]
        assert record.change == "change-reboot"
        assert ladder.change("change-reboot").by == BOB != ANN

    play(story)
