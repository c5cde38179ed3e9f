"""The ladder of `recover`: climbed rung by rung, never skipped, to one end."""

import asyncio

import pytest

from monitor.domain.errors import NotConfigured
from monitor.domain.recovery.refusal import PlanOver
from monitor.domain.recovery.verdict import Verdict
from monitor.domain.recovery.words import RUNGS, Action, Outcome, State, Word
from monitor.engine.events import Broke
from monitor.engine.recovery.climb_rung import SETTLES
from tests.domain.recovery.situations import BOB, ROBOT, diagnosis
from tests.engine.recovery.ladder import Fate, Ladder, refused
from tests.engine.recovery.theatre import play

NO_WORD = Verdict(gate="mode", word=Word.WAITING, because="a person must")


async def passes(seconds: float) -> None:
    await asyncio.sleep(seconds)


def test_a_rung_that_heals_it_is_the_last_one() -> None:
    async def story() -> None:
        ladder = Ladder()
        ladder.fates[Action.RESTART] = Fate(Outcome.SUCCEEDED)

        change = await ladder.climb()

        assert change.outcome is Outcome.SUCCEEDED
        assert "restart healed it" in change.because
        assert change.done
        assert ladder.climbed == [Action.RESTART]

    play(story)


def test_a_rung_that_failed_leads_to_the_next_and_people_reboot() -> None:
    async def story() -> None:
        ladder = Ladder()
        ladder.fates[Action.REBOOT] = Fate(Outcome.SUCCEEDED)
        climbs = ladder.begin(await ladder.recover())
        await passes(200.0)
        assert ladder.climbed == list(RUNGS)
        assert ladder.change().state is State.CLIMBING
        assert ladder.change().done

        await ladder.apply("plan-reboot", BOB)
        await climbs

        assert ladder.change().outcome is Outcome.SUCCEEDED
        assert "reboot healed it" in ladder.change().because

    play(story)


def test_every_rung_is_a_plan_and_a_change_of_its_own() -> None:
    async def story() -> None:
        ladder = Ladder()
        ladder.fates[Action.FREE_GPU_MEMORY] = Fate(Outcome.SUCCEEDED)

        change = await ladder.climb()

        assert {one.parent for one in ladder.asked} == {change.id}
        assert change.intent_at is None
        assert all(change.id in one.reason for one in ladder.asked)
        assert {o.by for o in ladder.journal.all_changes.values()} == {
            change.by
        }
        assert not ladder.journal.all_locks

    play(story)


def test_what_is_known_is_kept_before_the_first_rung() -> None:
    async def story() -> None:
        ladder = Ladder()

        await ladder.climb()

        entries = [one.entry for one in ladder.journal.chain]
        words = [e.what for e in entries if e.change == "c1"]
        assert words[:4] == ["applied", "climbing", "captured", "rung"]
        assert "hung" in ladder.journal.all_captured["c1"].text

    play(story)


def test_after_the_last_rung_it_gives_up() -> None:
    async def story() -> None:
        ladder = Ladder()
        climbs = ladder.begin(await ladder.recover())
        await passes(200.0)

        await ladder.apply("plan-reboot", BOB)
        await climbs

        assert ladder.change().outcome is Outcome.GAVE_UP
        assert "no rung is left" in ladder.change().because

    play(story)


@pytest.mark.parametrize("cause", ["gpu_lost", "gpu_wedged"])
def test_what_the_diagnosis_forbids_is_skipped_and_audited(cause: str) -> None:
    async def story() -> None:
        ladder = Ladder()
        ladder.eyes.found = diagnosis(cause)
        ladder.fates[Action.REBOOT] = Fate(Outcome.SUCCEEDED)
        climbs = ladder.begin(await ladder.recover())
        await passes(60.0)

        await ladder.apply("plan-reboot", BOB)
        await climbs

        assert ladder.climbed == [Action.REBOOT]
        told = ladder.rungs()
        assert told[0].startswith("restart is not applicable: ")
        assert told[1].startswith("free-gpu-memory is not applicable: ")
        assert ladder.change().outcome is Outcome.SUCCEEDED

    play(story)


def test_it_goes_back_once_to_a_milder_rung_that_helps_by_now() -> None:
    """The card is back, and what is left a restart would mend."""

    async def story() -> None:
        ladder = Ladder()
        ladder.eyes.found = diagnosis("gpu_lost")
        back = ladder.clock.now() + 2.5
        down = diagnosis("process_down")
        ladder.eyes.later = [(back, down)]
        ladder.fates[Action.RESTART] = Fate(Outcome.SUCCEEDED)

        change = await ladder.climb()

        assert ladder.climbed == [Action.RESTART]
        assert change.outcome is Outcome.SUCCEEDED
        assert ladder.rungs()[0].startswith("restart is not applicable: ")

    play(story)


def test_it_goes_back_only_once() -> None:
    async def story() -> None:
        ladder = Ladder()
        lost = diagnosis("gpu_lost")
        ladder.eyes.found = lost
        now = ladder.clock.now()
        down = diagnosis("process_down")
        ladder.eyes.later = [(now + 2.5, down), (now + 15.0, lost)]
        climbs = ladder.begin(await ladder.recover())
        await passes(400.0)

        await ladder.apply("plan-reboot", BOB)
        await climbs

        assert ladder.climbed == [Action.RESTART, Action.REBOOT]

    play(story)


def test_a_server_that_moved_to_another_machine_is_climbed_for_no_more() -> (
    None
):
    async def story() -> None:
        ladder = Ladder()
        ladder.eyes.moves_at = ladder.clock.now() + 30.0

        change = await ladder.climb()

        assert ladder.climbed == [Action.RESTART]
        assert change.outcome is Outcome.GAVE_UP
        assert "studio is on gpu9 now" in change.because

    play(story)


def test_where_no_rung_is_applicable_it_is_refused() -> None:
    async def story() -> None:
        ladder = Ladder()
        ladder.eyes.found = diagnosis("disk_full")

        change = await ladder.climb()

        assert change.outcome is Outcome.REFUSED
        assert not change.done
        assert ladder.climbed == []

    play(story)


@pytest.mark.parametrize("error", [refused(), NotConfigured("cannot: gone")])
def test_a_first_rung_that_is_refused_refuses_it(error: NotConfigured) -> None:
    async def story() -> None:
        ladder = Ladder()
        ladder.fates[Action.RESTART] = Fate(refuses=error)

        change = await ladder.climb()

        assert change.outcome is Outcome.REFUSED
        assert str(error) in change.because
        assert ladder.climbed == [Action.RESTART]

    play(story)


def test_a_later_rung_that_is_refused_gives_up() -> None:
    async def story() -> None:
        ladder = Ladder()
        ladder.fates[Action.FREE_GPU_MEMORY] = Fate(refuses=refused())

        change = await ladder.climb()

        assert change.outcome is Outcome.GAVE_UP
        assert "budget: it refuses; before it restart failed" in change.because
        assert ladder.climbed == [Action.RESTART, Action.FREE_GPU_MEMORY]

    play(story)


@pytest.mark.parametrize(
    "outcome", [Outcome.INTERRUPTED, Outcome.FAILED, Outcome.GAVE_UP]
)
def test_a_rung_that_may_not_have_been_done_ends_it(outcome: Outcome) -> None:
    async def story() -> None:
        ladder = Ladder()
        ladder.fates[Action.RESTART] = Fate(outcome, done=False)

        change = await ladder.climb()

        assert change.outcome is Outcome.GAVE_UP
        assert change.done
        assert ladder.climbed == [Action.RESTART]

    play(story)


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.TIMED_OUT])
def test_a_rung_of_which_nothing_was_sent_refuses_it(outcome: Outcome) -> None:
    async def story() -> None:
        ladder = Ladder()
        ladder.fates[Action.RESTART] = Fate(outcome, sent=False)

        change = await ladder.climb()

        assert change.outcome is Outcome.REFUSED
        assert not change.done

    play(story)


def test_it_says_at_once_that_a_rung_was_sent() -> None:
    async def story() -> None:
        ladder = Ladder()
        climbs = ladder.begin(await ladder.recover())
        await passes(30.0)

        assert ladder.change("change-restart").state is State.INTENT
        assert ladder.change().done
        climbs.cancel()
        await asyncio.gather(climbs, return_exceptions=True)

    play(story)


def test_a_plan_that_does_not_hold_when_it_is_applied_ends_it() -> None:
    async def story() -> None:
        ladder = Ladder()
        fate = Fate(applies=PlanOver("cannot apply it: another boot"))
        ladder.fates[Action.RESTART] = fate

        change = await ladder.climb()

        assert change.outcome is Outcome.REFUSED
        assert "another boot" in change.because
        record = ladder.journal.records["plan-restart"]
        assert record.outcome is Outcome.REFUSED

    play(story)


def test_a_plan_that_somebody_else_applied_is_followed() -> None:
    async def story() -> None:
        ladder = Ladder()
        fate = ladder.fates[Action.RESTART] = Fate(Outcome.SUCCEEDED)
        applies = ladder.apply

        async def too_late(plan_id: str, *_: object) -> object:
            await applies(plan_id, BOB)
            raise PlanOver("cannot apply it: it was applied")

        ladder.apply = too_late  # type: ignore[assignment,method-assign]

        change = await ladder.climb()

        assert fate.outcome is change.outcome
        assert ladder.change("change-restart").by == BOB

    play(story)


def test_a_rung_waits_until_what_the_last_one_did_is_believed() -> None:
    async def story() -> None:
        ladder = Ladder()
        soon = ladder.clock.now() + 130.0
        ladder.eyes.later = [
            (ladder.clock.now() + 20.0, diagnosis("none")),
            (soon, diagnosis("gpu_memory_exhausted")),
        ]
        ladder.fates[Action.FREE_GPU_MEMORY] = Fate(Outcome.SUCCEEDED)

        change = await ladder.climb()

        assert change.outcome is Outcome.SUCCEEDED
        assert "free-gpu-memory waits for healthy" in str(ladder.said())
        assert ladder.change("change-free-gpu-memory").created_at >= soon

    play(story)


def test_it_does_not_wait_for_ever_to_be_sick_again() -> None:
    async def story() -> None:
        ladder = Ladder()
        fate = ladder.fates[Action.FREE_GPU_MEMORY]
        fate.refuses = refused("healthy")
        soon = ladder.clock.now() + 20.0
        ladder.eyes.later = [(soon, diagnosis("none"))]

        change = await ladder.climb(within=SETTLES + 200.0)

        assert change.outcome is Outcome.GAVE_UP
        assert "healthy: it refuses" in change.because
        assert change.updated_at - change.created_at > SETTLES

    play(story)


def test_nothing_is_waited_for_before_the_first_rung() -> None:
    async def story() -> None:
        ladder = Ladder()
        ladder.eyes.found = diagnosis("none")
        ladder.fates[Action.RESTART] = Fate(refuses=refused("healthy"))

        change = await ladder.climb(within=30.0)

        assert change.outcome is Outcome.REFUSED

    play(story)


def test_each_rung_is_weighed_as_one_of_this_climb() -> None:
    async def story() -> None:
        ladder = Ladder()
        ladder.fates[Action.RESTART] = Fate(Outcome.SUCCEEDED)

        await ladder.climb()

        assert set(ladder.eyes.weighed) == {
            (Action.RECOVER, "c1"),
            (Action.RESTART, "c1"),
        }

    play(story)


def test_a_look_that_takes_too_long_ends_it() -> None:
    async def story() -> None:
        ladder = Ladder()
        ladder.eyes.takes = 1e9

        change = await ladder.climb()

        assert change.outcome is Outcome.REFUSED
        assert "took longer than 120 s" in change.because

    play(story)


def test_a_look_that_takes_too_long_later_gives_up() -> None:
    async def story() -> None:
        ladder = Ladder()
        climbs = ladder.begin(await ladder.recover())
        await passes(30.0)
        ladder.eyes.takes = 1e9

        await climbs

        assert ladder.change().outcome is Outcome.GAVE_UP

    play(story)


def test_automation_that_may_not_act_alone_waits_for_a_person() -> None:
    async def story() -> None:
        ladder = Ladder()
        fate = Fate(Outcome.SUCCEEDED, gates=(NO_WORD,))
        ladder.fates[Action.RESTART] = fate
        climbs = ladder.begin(await ladder.recover(by=ROBOT))
        await passes(60.0)
        told = ladder.change().progress

        await ladder.apply("plan-restart", BOB)
        await climbs

        assert told.endswith("`facefusion-monitor apply plan-restart`")
        assert ladder.change().outcome is Outcome.SUCCEEDED

    play(story)


def test_a_fault_of_ours_is_told_and_has_an_end() -> None:
    async def story() -> None:
        ladder = Ladder()
        ladder.fates[Action.RESTART].refuses = None

        async def faulty(*_: object) -> None:
            raise ZeroDivisionError

        ladder.plan = faulty  # type: ignore[assignment,method-assign]

        change = await ladder.climb()

        assert change.outcome is Outcome.INTERRUPTED
        assert "ZeroDivisionError" in change.because
        assert any(isinstance(one, Broke) for one in ladder.theatre.told)

    play(story)


def test_a_server_that_left_the_configuration_refuses_it() -> None:
    async def story() -> None:
        ladder = Ladder()
        ladder.eyes.is_gone = True

        change = await ladder.climb()

        assert change.outcome is Outcome.REFUSED
        assert "no target has this name" in change.because

    play(story)
