"""What a dead monitor left: ended, looked after, given back."""

import asyncio
from dataclasses import replace

import pytest

from monitor.domain.errors import CannotStore, HandRefused
from monitor.domain.recovery.change import moved
from monitor.domain.recovery.plan import Approval
from monitor.domain.recovery.words import Outcome, State
from monitor.engine.events import Broke, Forgot, PlanTold
from monitor.engine.recovery.words_of import of_change, of_plan
from tests.domain.recovery.situations import ANN, BOB
from tests.engine.recovery.theatre import Theatre, play
from tests.fakes.crashing import Fuse


def test_what_was_not_sent_is_ended_once_its_lock_ran_out() -> None:
    async def story() -> None:
        there = Theatre()
        first = there.monitor("a", Fuse(2, "before"))
        await first.carry(await there.applied())
        await first.die()
        second = there.monitor("b")
        await second.sweeper.sweep()
        early = there.change().state

        await second.sweep_until_quiet()

        assert early is State.READY
        assert there.change().outcome is Outcome.INTERRUPTED
        assert "(a) is gone; no effect was sent" in there.change().because

    play(story)


def test_one_that_never_had_its_lock_is_ended_a_minute_later() -> None:
    async def story() -> None:
        there = Theatre()
        await there.applied()
        second = there.monitor("b")
        began = there.clock.monotonic()

        await second.sweep_until_quiet()

        assert there.change().outcome is Outcome.INTERRUPTED
        assert there.clock.monotonic() - began > 60

    play(story)


def test_one_of_ours_that_no_task_carries_is_a_dead_owners() -> None:
    async def story() -> None:
        there = Theatre()
        await there.applied(owner="a")

        await there.monitor("a").sweep_until_quiet()

        assert there.change().outcome is Outcome.INTERRUPTED

    play(story)


def test_what_somebody_carries_is_left_to_them() -> None:
    async def story() -> None:
        there = Theatre()
        there.users = ("a swap",)
        change = await there.applied()
        first, second = there.monitor("a"), there.monitor("b")
        first.runner.begin(change)

        for _ in range(40):
            await first.sweeper.sweep()
            await second.sweeper.sweep()
            await asyncio.sleep(5)

        assert there.change().state is State.DRAINING
        there.users = ()
        await first.until(lambda: there.change().is_over)
        assert there.change().outcome is Outcome.SUCCEEDED

    play(story)


def test_what_was_sent_is_taken_over_and_proved() -> None:
    async def story() -> None:
        there = Theatre()
        first = there.monitor("a", Fuse(5, "during"))
        await first.carry(await there.applied())
        await first.die()

        await there.monitor("b").sweep_until_quiet()

        assert there.change().outcome is Outcome.SUCCEEDED
        assert there.change().owner == "b"
        assert there.change().token == 2
        assert there.steps().count("unknown") == 2

    play(story)


def test_a_clock_that_was_set_back_keeps_no_lock_for_ever() -> None:
    async def story() -> None:
        there = Theatre()
        first = there.monitor("a", Fuse(5, "during"))
        await first.carry(await there.applied())
        await first.die()
        there.clock.jump(-86_400.0)
        began = there.clock.monotonic()

        await there.monitor("b").sweep_until_quiet()

        assert there.change().outcome is Outcome.SUCCEEDED
        assert there.clock.monotonic() - began < 300

    play(story)


def test_one_without_a_lock_is_taken_over_all_the_same() -> None:
    async def story() -> None:
        there = Theatre()
        first = there.monitor("a", Fuse(5, "during"))
        await first.carry(await there.applied())
        await first.die()
        there.journal.all_locks.clear()
        now = there.clock.now()
        await there.applied(owner="c", plan=there.plan("p2"), id_="other")
        await there.journal.lock("gpu1", "other", "c", now=now, lasts=9e9)
        second = there.monitor("b")

        for _ in range(40):
            await second.sweeper.sweep()
            await asyncio.sleep(5)

        assert there.change().outcome is Outcome.SUCCEEDED
        assert there.change().owner == "b"

    play(story)


def test_what_never_came_back_is_not_proved_by_a_takeover() -> None:
    async def story() -> None:
        there = Theatre()
        there.hand.comes = "not"
        first = there.monitor("a", Fuse(6, "after"))
        await first.carry(await there.applied())
        await first.die()

        await there.monitor("b").sweep_until_quiet()

        assert there.change().outcome is Outcome.FAILED

    play(story)


def test_a_target_that_is_gone_by_then_is_said() -> None:
    async def story() -> None:
        there = Theatre()
        first = there.monitor("a", Fuse(6, "after"))
        await first.carry(await there.applied())
        await first.die()
        there.gone = True

        await there.monitor("b").sweep_until_quiet()

        assert there.change().outcome is Outcome.INTERRUPTED
        assert "what was sent may have been done" in there.change().because

    play(story)


def test_a_machine_that_cannot_be_asked_by_then_is_said() -> None:
    async def story() -> None:
        there = Theatre()
        first = there.monitor("a", Fuse(6, "after"))
        await first.carry(await there.applied())
        await first.die()
        second = there.monitor("b")
        second.has_hand = False

        await second.sweep_until_quiet()

        assert there.change().outcome is Outcome.INTERRUPTED
        assert "no way to act on gpu1" in there.change().because

    play(story)


def test_a_gate_that_refuses_to_tell_is_asked_for_a_while() -> None:
    async def story() -> None:
        there = Theatre()
        first = there.monitor("a", Fuse(6, "after"))
        await first.carry(await there.applied())
        await first.die()
        there.hand.refuses["became"] = HandRefused(
            "cannot tell: too old", reason="version"
        )

        await there.monitor("b").sweep_until_quiet()

        assert there.change().outcome is Outcome.INTERRUPTED
        assert "cannot tell: too old" in there.change().because
        assert there.hand.asked.count("became") < 40

    play(story)


def test_what_nobody_approved_in_time_expires() -> None:
    async def story() -> None:
        there = Theatre()
        plan = replace(there.plan(), approvals=1)
        await there.applied(plan=plan, state=State.WAITING)
        second = there.monitor("b")
        await second.sweeper.sweep()
        early = there.change().state
        await asyncio.sleep(901)

        await second.sweeper.sweep()

        assert early is State.WAITING
        assert there.change().outcome is Outcome.EXPIRED

    play(story)


def test_what_was_approved_and_not_begun_is_begun() -> None:
    async def story() -> None:
        there = Theatre()
        plan = replace(there.plan(), approvals=1)
        await there.applied(plan=plan, state=State.WAITING)
        now = there.clock.now()
        word = Approval(plan="p1", digest=plan.digest, by=BOB, at=now)
        entry = of_plan("approved", plan, BOB, now)
        await there.journal.approve(word, entry)
        second = there.monitor("b")

        await second.sweeper.sweep()

        await second.until(lambda: there.change().is_over)
        assert there.change().outcome is Outcome.SUCCEEDED

    play(story)


def test_a_plan_that_nobody_applied_is_closed() -> None:
    async def story() -> None:
        there = Theatre()
        plan, now = there.plan(), there.clock.now()
        entry = of_plan("planned", plan, ANN, now)
        await there.journal.keep_plan(plan, entry)
        second = there.monitor("b")
        await second.sweeper.sweep()
        early = there.journal.records["p1"].outcome
        await asyncio.sleep(901)

        await second.sweeper.sweep()

        assert early is None
        assert there.outcomes() == ["planned_only"]
        told = [e for e in there.told if isinstance(e, PlanTold)]
        assert told[-1].record.outcome is Outcome.PLANNED_ONLY

    play(story)


@pytest.mark.parametrize("kept", [True, False])
def test_a_lock_without_an_open_change_is_reaped(kept: bool) -> None:  # noqa: FBT001 - a parameter
    async def story() -> None:
        there = Theatre()
        now = there.clock.now()
        if kept:
            change = await there.applied()
            over = replace(
                change, state=State.ENDED, outcome=Outcome.CANCELLED
            )
            there.journal.all_changes["c1"] = over
        there.journal.give_lock("gpu1", "c1", "a", now + 60)
        second = there.monitor("b")
        await second.sweeper.sweep()
        early = dict(there.journal.all_locks)

        await second.sweep_until_quiet()

        assert early
        entry = there.journal.chain[-1].entry
        assert (entry.what, entry.host) == ("reaped", "gpu1")
        assert entry.outcome == ""
        assert "gave the lock of gpu1 back" in entry.because

    play(story)


def test_a_lock_that_is_just_taken_is_not_reaped() -> None:
    async def story() -> None:
        there = Theatre()
        second = there.monitor("b")
        change = await there.applied()
        there.journal.give_lock("gpu1", "c1", "a", there.clock.now() - 1)
        hidden = there.journal.all_changes

        async def nothing(**_: object) -> list[object]:
            return []

        there.journal.changes = nothing  # type: ignore[method-assign,assignment] # it came in since
        await second.sweeper.sweep()

        assert there.journal.all_locks
        assert hidden["c1"] == change

    play(story)


def test_what_fails_is_told_and_keeps_nobody_waiting() -> None:
    async def story() -> None:
        there = Theatre()
        await there.applied()
        await there.applied(plan=there.plan("p2"), id_="c2")
        second = there.monitor("b")
        failed: list[str] = []

        def once(name: str) -> None:
            if name == "move" and not failed:
                failed.append(name)
                raise CannotStore("cannot use the state database: locked")

        there.journal.on_write = once
        await second.sweeper.sweep()
        await asyncio.sleep(61)

        await second.sweeper.sweep()

        ends = [one.is_over for one in there.journal.all_changes.values()]
        assert sorted(ends) == [False, True]
        assert any(isinstance(e, Forgot) for e in there.told)

    play(story)


def test_a_fault_of_ours_is_told_and_the_next_sweep_tries_again() -> None:
    async def story() -> None:
        there = Theatre()
        await there.applied()
        second = there.monitor("b")

        def breaks(_: str) -> None:
            raise ZeroDivisionError

        there.journal.on_write = breaks
        await second.sweeper.sweep()
        await asyncio.sleep(61)
        await second.sweeper.sweep()
        there.journal.on_write = lambda _: None

        await second.sweep_until_quiet()

        assert any(isinstance(e, Broke) for e in there.told)
        assert there.change().is_over

    play(story)


def test_one_that_somebody_else_ended_meanwhile_is_theirs() -> None:
    async def story() -> None:
        there = Theatre()
        change = await there.applied()
        second = there.monitor("b")
        await second.sweeper.sweep()
        await asyncio.sleep(61)

        def faster(name: str) -> None:
            there.journal.on_write = lambda _: None
            assert name == "move"
            now = there.clock.now()
            to = moved(change, State.DRAINING, "busy", now)
            there.journal.all_changes["c1"] = to
            there.journal.seal(of_change("draining", to, "a", now))

        there.journal.on_write = faster

        await second.sweeper.sweep()

        assert there.change().state is State.DRAINING
        assert not any(isinstance(e, Broke | Forgot) for e in there.told)

    play(story)


def test_a_monitor_that_is_stopping_takes_nothing_over() -> None:
    async def story() -> None:
        there = Theatre()
        first = there.monitor("a", Fuse(5, "during"))
        await first.carry(await there.applied())
        await first.die()
        await asyncio.sleep(100)
        second = there.monitor("b")
        await second.runner.close(1.0)

        await second.sweeper.sweep()

        assert there.change().owner == "a"

    play(story)
