"""A change that is carried out: each step, and each way to end."""

import asyncio
from dataclasses import replace

import pytest

from monitor.domain.canary.reading import Result
from monitor.domain.errors import CannotStore, HandRefused
from monitor.domain.recovery.change import ended
from monitor.domain.recovery.digest import digest
from monitor.domain.recovery.plan import Approval
from monitor.domain.recovery.words import Outcome, State
from monitor.engine.events import Audited, Broke, ChangeTold, Forgot, PlanTold
from monitor.engine.recovery.words_of import of_change, of_plan
from monitor.ports.recovery import HandAnswer
from tests.domain.recovery.situations import BOB, ROBOT, glass
from tests.engine.recovery.theatre import Theatre, play
from tests.fakes.hand import Comes


async def carried(there: Theatre) -> None:
    change = await there.applied()
    await there.monitor("a").carry(change)


def test_a_hung_server_is_restarted_once_and_proved() -> None:
    async def story() -> None:
        there = Theatre()

        await carried(there)

        over = there.change()
        assert over.outcome is Outcome.SUCCEEDED, over.because
        assert "process 5000 is new, owns port 9002" in over.because
        assert "canary enhance-gfpgan_1.4 was cold" in over.because
        assert there.hand.effects == ["c1"]
        assert there.steps() == [
            "applied",
            "captured",
            "intent",
            "sent",
            "verifying",
            "outcome",
        ]
        assert not there.flaws()
        assert not there.journal.all_locks
        assert not there.held

    play(story)


def test_every_step_is_told_and_so_is_the_head_of_the_audit() -> None:
    async def story() -> None:
        there = Theatre()

        await carried(there)

        told = [e for e in there.told if isinstance(e, ChangeTold)]
        states = [one.change.state for one in told]
        assert states[0] is State.INTENT
        assert states[-1] is State.ENDED
        plans = [e for e in there.told if isinstance(e, PlanTold)]
        assert plans[-1].record.outcome is Outcome.SUCCEEDED
        heads = [e for e in there.told if isinstance(e, Audited)]
        assert heads[-1].sealed == there.journal.chain[-1]

    play(story)


@pytest.mark.parametrize(
    ("comes", "words"),
    [
        ("not", "slower than its grace: no new process that serves"),
        ("slow", "slower than its grace: process 5000 did not listen"),
        ("other_port", "process 5000 listens on port 9003 and not on 9002"),
        ("crash_loop", "a crash loop: the new process 5000 ended"),
        ("same", "slower than its grace: no new process that serves"),
        ("stopped", "it was stopped meanwhile"),
    ],
)
def test_what_does_not_come_back_well_is_a_failed_change(
    comes: Comes, words: str
) -> None:
    async def story() -> None:
        there = Theatre()
        there.hand.comes = comes

        await carried(there)

        over = there.change()
        assert over.outcome is Outcome.FAILED
        assert words in over.because
        assert there.hand.effects == ["c1"]

    play(story)


def test_a_server_whose_canaries_fail_is_a_failed_change() -> None:
    async def story() -> None:
        there = Theatre()
        there.results = [Result.SLOW]

        await carried(there)

        over = there.change()
        assert over.outcome is Outcome.FAILED
        assert "no canary passed" in over.because
        assert "was slow" in over.because

    play(story)


def test_another_run_may_prove_what_the_first_did_not() -> None:
    async def story() -> None:
        there = Theatre()
        there.results = [Result.SLOW, Result.UNVERIFIED]

        await carried(there)

        over = there.change()
        assert over.outcome is Outcome.SUCCEEDED
        assert "its output was not looked at" in over.because

    play(story)


def test_a_server_without_canaries_is_proved_by_its_status() -> None:
    async def story() -> None:
        there = Theatre()
        there.canaries = ()

        await carried(there)

        over = there.change()
        assert over.outcome is Outcome.SUCCEEDED
        assert "it has no canaries" in over.because

    play(story)


def test_the_third_failure_in_a_row_gives_up() -> None:
    async def story() -> None:
        there = Theatre()
        there.hand.fails = "systemctl said no"
        outcomes = []

        for number in range(3):
            plan = there.plan(f"p{number}")
            change = await there.applied(plan=plan, id_=f"c{number}")
            await there.monitor("a").carry(change)
            outcomes.append(there.change(f"c{number}").outcome)
            await asyncio.sleep(1000)

        assert outcomes == [Outcome.FAILED, Outcome.FAILED, Outcome.GAVE_UP]

    play(story)


def test_a_success_begins_the_count_anew() -> None:
    async def story() -> None:
        there = Theatre()
        outcomes = []

        for number, fails in enumerate(("no", "", "no", "no")):
            there.hand.fails = fails
            change = await there.applied(
                plan=there.plan(f"p{number}"), id_=f"c{number}"
            )
            await there.monitor("a").carry(change)
            outcomes.append(there.change(f"c{number}").outcome)
            await asyncio.sleep(5000)

        assert outcomes[1] is Outcome.SUCCEEDED
        assert Outcome.GAVE_UP not in outcomes

    play(story)


def test_users_work_is_waited_for() -> None:
    async def story() -> None:
        there = Theatre()
        there.users = ("a swap",)
        change = await there.applied()
        monitor = there.monitor("a")
        monitor.runner.begin(change)
        await asyncio.sleep(30)
        draining = there.change()
        there.users = ()

        await monitor.until(lambda: there.change().is_over)

        assert draining.state is State.DRAINING
        assert "a swap" in draining.because
        assert there.change().outcome is Outcome.SUCCEEDED

    play(story)


def test_work_that_does_not_end_in_time_times_out() -> None:
    async def story() -> None:
        there = Theatre()
        there.users = ("a film",)

        await carried(there)

        assert there.change().outcome is Outcome.TIMED_OUT
        assert not there.hand.effects
        assert not there.journal.all_locks

    play(story)


def test_a_gate_that_refuses_while_it_waits_refuses_it() -> None:
    async def story() -> None:
        there = Theatre()
        there.users = ("a swap",)
        change = await there.applied()
        monitor = there.monitor("a")
        monitor.runner.begin(change)
        await asyncio.sleep(20)
        there.agrees = False

        await monitor.until(lambda: there.change().is_over)

        assert there.change().outcome is Outcome.REFUSED
        assert "second_vantage" in there.change().because

    play(story)


def test_what_is_well_again_is_left_alone() -> None:
    async def story() -> None:
        there = Theatre()
        there.agrees = False

        await carried(there)

        assert there.change().outcome is Outcome.REFUSED
        assert there.hand.asked == []

    play(story)


def test_another_process_than_the_planned_one_is_left_alone() -> None:
    async def story() -> None:
        there = Theatre()
        plan = there.plan()
        first = replace(plan.aim.processes[0], start_ticks=1)
        aim = replace(plan.aim, processes=(first,))
        change = await there.applied(
            plan=replace(plan, aim=aim, digest=digest(aim))
        )

        await there.monitor("a").carry(change)

        over = there.change()
        assert over.outcome is Outcome.REFUSED
        assert "the plan no longer holds: process 4000" in over.because
        assert not there.hand.effects

    play(story)


def test_root_may_see_what_the_plan_could_not() -> None:
    async def story() -> None:
        there = Theatre()
        plan = there.plan()
        unseen = replace(plan.aim.processes[0], cwd="")
        aim = replace(plan.aim, processes=(unseen,))
        change = await there.applied(
            plan=replace(plan, aim=aim, digest=digest(aim))
        )

        await there.monitor("a").carry(change)

        assert there.change().outcome is Outcome.SUCCEEDED

    play(story)


def test_a_higher_token_on_the_machine_is_gone_above_once() -> None:
    async def story() -> None:
        there = Theatre()
        there.hand.highest = 41

        await carried(there)

        assert there.change().outcome is Outcome.SUCCEEDED
        assert there.change().token == 42
        assert "fencing_raised" in there.steps()
        assert there.hand.asked.count("prepare") == 2

    play(story)


@pytest.mark.parametrize("reason", ["fenced", "unknown_service"])
def test_a_gate_that_refuses_to_prepare_refuses_the_change(
    reason: str,
) -> None:
    async def story() -> None:
        there = Theatre()
        there.hand.refuses["prepare"] = HandRefused(
            "cannot prepare: no", reason=reason, highest=3
        )

        await carried(there)

        over = there.change()
        assert over.outcome is Outcome.REFUSED
        assert "nothing was sent" in over.because

    play(story)


def test_a_machine_that_is_not_reached_is_told_nothing() -> None:
    async def story() -> None:
        there = Theatre()
        there.hand.line = "gone"

        await carried(there)

        assert there.change().outcome is Outcome.REFUSED
        assert "nothing was sent" in there.change().because

    play(story)


def test_a_machine_without_a_hand_is_left_alone() -> None:
    async def story() -> None:
        there = Theatre()
        monitor = there.monitor("a")
        monitor.has_hand = False

        await monitor.carry(await there.applied())

        assert there.change().outcome is Outcome.REFUSED
        assert "nothing can be done on gpu1" in there.change().because

    play(story)


def test_a_gate_that_does_not_answer_is_cut_off() -> None:
    async def story() -> None:
        there = Theatre()
        there.hand.answers_after = 15.0
        change = await there.applied()
        monitor = there.monitor("a")

        await monitor.carry(change)

        assert there.change().outcome is Outcome.SUCCEEDED
        there.hand.answers_after = 1e6
        other = await there.applied(plan=there.plan("p2"), id_="c2")
        await asyncio.sleep(5000)
        await monitor.carry(other)
        assert there.change("c2").outcome is Outcome.REFUSED

    play(story)


def test_what_the_machine_refuses_to_do_has_failed() -> None:
    async def story() -> None:
        there = Theatre()
        error = HandRefused("cannot act: locked", reason="locked")
        there.hand.refuses["act"] = error

        await carried(there)

        over = there.change()
        assert over.outcome is Outcome.FAILED
        assert "the machine refused" in over.because
        assert "nothing was done" in over.because

    play(story)


def test_a_cut_line_is_looked_after_and_never_sent_again() -> None:
    async def story() -> None:
        there = Theatre()
        there.hand.line = "after"

        await carried(there)

        assert there.change().outcome is Outcome.SUCCEEDED
        assert there.hand.effects == ["c1"]
        assert "unknown" in there.steps()

    play(story)


def test_what_never_arrived_is_interrupted() -> None:
    async def story() -> None:
        there = Theatre()
        there.hand.line = "before"

        await carried(there)

        over = there.change()
        assert over.outcome is Outcome.INTERRUPTED
        assert "no effect was made there" in over.because
        assert not there.hand.effects

    play(story)


def test_none_is_not_believed_while_it_may_still_begin() -> None:
    async def story() -> None:
        there = Theatre()
        there.hand.line = "before"
        change = await there.applied()
        monitor = there.monitor("a")
        monitor.runner.begin(change)

        await asyncio.sleep(30)

        assert there.change().state is State.UNKNOWN
        await monitor.until(lambda: there.change().is_over)

    play(story)


@pytest.mark.parametrize("looks", [True, False])
def test_nobody_who_can_tell_is_said(looks: bool) -> None:  # noqa: FBT001 - a parameter
    async def story() -> None:
        there = Theatre()
        there.hand.answers_after = 0.0
        change = await there.applied()
        monitor = there.monitor("a")
        monitor.runner.begin(change)
        await monitor.until(lambda: "act" in there.hand.asked)
        there.hand.line = "gone"
        there.status_looks = looks

        await monitor.until(lambda: there.change().is_over)

        over = there.change()
        assert over.outcome is Outcome.INTERRUPTED
        assert "nobody knows whether it was done" in over.because
        assert "process: process is well" in over.because
        assert ("status: " in over.because) is looks

    play(story)


def test_an_effect_that_failed_there_has_failed() -> None:
    async def story() -> None:
        there = Theatre()
        there.hand.fails = "systemctl said no"
        there.hand.line = "after"

        await carried(there)

        assert there.change().outcome is Outcome.FAILED
        assert "systemctl said no" in there.change().because

    play(story)


def test_too_many_intents_in_the_journal_refuse_it() -> None:
    async def story() -> None:
        there = Theatre()
        for number in range(2):
            change = await there.applied(
                plan=there.plan(f"p{number}"), id_=f"c{number}"
            )
            await there.monitor("a").carry(change)

        assert there.change("c1").outcome is Outcome.REFUSED
        assert "cooling down" in there.change("c1").because
        assert there.hand.effects == ["c0"]

    play(story)


def test_a_machine_that_another_change_has_is_left_to_it() -> None:
    async def story() -> None:
        there = Theatre()
        await there.applied(plan=there.plan("p2"), id_="other")
        now = there.clock.now()
        await there.journal.lock("gpu1", "other", "b", now=now, lasts=60)

        await carried(there)

        assert there.change().outcome is Outcome.REFUSED
        assert "holds the lock of gpu1" in there.change().because

    play(story)


def test_a_lost_lock_stops_it_before_anything_is_sent() -> None:
    async def story() -> None:
        there = Theatre()
        there.users = ("a film",)
        change = await there.applied()
        monitor = there.monitor("a")
        monitor.runner.begin(change)
        await asyncio.sleep(15)
        del there.journal.all_locks["gpu1"]

        await monitor.until(lambda: there.change().is_over)

        assert there.change().outcome is Outcome.REFUSED
        assert "the lock was lost" in there.change().because

    play(story)


def test_an_intent_that_is_too_old_is_not_sent() -> None:
    async def story() -> None:
        there = Theatre()
        there.journal.written = lambda name: (
            there.clock.jump(31.0) if name == "intend" else None
        )

        await carried(there)

        over = there.change()
        assert over.outcome is Outcome.INTERRUPTED
        assert "it was not sent" in over.because
        assert "act" not in there.hand.asked

    play(story)


def test_more_changes_than_there_is_room_for_are_refused() -> None:
    async def story() -> None:
        there = Theatre()
        monitor = there.monitor("a")
        await monitor.runner.close(1.0)

        await monitor.carry(await there.applied())

        assert there.change().outcome is Outcome.REFUSED
        assert "50 changes are under way" in there.change().because

    play(story)


def test_a_change_is_carried_once_however_often_it_is_begun() -> None:
    async def story() -> None:
        there = Theatre()
        change = await there.applied()
        monitor = there.monitor("a")
        monitor.runner.begin(change)

        await monitor.carry(change)

        assert there.hand.effects == ["c1"]

    play(story)


def test_the_pager_hears_of_it_from_the_intent_on() -> None:
    async def story() -> None:
        there = Theatre()
        there.users = ("a swap",)
        change = await there.applied()
        monitor = there.monitor("a")
        monitor.runner.begin(change)
        await asyncio.sleep(12)
        before = monitor.runner.changing("studio")
        there.users = ()
        await monitor.until(lambda: bool(there.hand.effects))

        during = monitor.runner.changing("studio")

        assert before == ""
        assert during == "restart is under way (change c1)"
        assert monitor.runner.changing("annex") == ""
        assert there.held == ["studio"]
        await monitor.until(lambda: not monitor.runner.carries("c1"))
        assert monitor.runner.changing("studio") == ""

    play(story)


def test_a_target_that_is_gone_is_refused() -> None:
    async def story() -> None:
        there = Theatre()
        there.gone = True

        await carried(there)

        assert there.change().outcome is Outcome.REFUSED

    play(story)


def test_a_fault_of_ours_before_anything_was_sent_ends_it() -> None:
    async def story() -> None:
        there = Theatre()
        there.broken = ZeroDivisionError("oh")

        await carried(there)

        over = there.change()
        assert over.outcome is Outcome.INTERRUPTED
        assert "a fault of ours (ZeroDivisionError)" in over.because
        assert "nothing was sent" in over.because
        assert any(isinstance(e, Broke) for e in there.told)
        assert not there.held

    play(story)


def test_a_fault_of_ours_while_it_is_proved_says_what_may_be() -> None:
    async def story() -> None:
        there = Theatre()
        change = await there.applied()
        monitor = there.monitor("a")
        monitor.runner.begin(change)
        await monitor.until(lambda: bool(there.hand.effects))
        there.broken = ZeroDivisionError("oh")

        await monitor.until(lambda: there.change().is_over)

        over = there.change()
        assert over.outcome is Outcome.INTERRUPTED
        assert "what was sent may have been done" in over.because

    play(story)


def test_a_plan_that_is_not_kept_any_more_ends_it() -> None:
    async def story() -> None:
        there = Theatre()
        change = await there.applied()
        record = there.journal.records.pop("p1")
        there.journal.on_write = lambda _: there.journal.records.update(
            p1=record
        )

        await there.monitor("a").carry(change)

        assert there.change().outcome is Outcome.INTERRUPTED

    play(story)


@pytest.mark.parametrize("full_for", [20.0, 500.0])
def test_a_disk_that_is_full_loses_nothing(full_for: float) -> None:
    async def story() -> None:
        there = Theatre()
        change = await there.applied()
        monitor = there.monitor("a")
        monitor.runner.begin(change)
        await monitor.until(lambda: bool(there.hand.effects))
        there.journal.full = True
        await asyncio.sleep(full_for)
        there.journal.full = False

        await monitor.sweep_until_quiet()

        assert there.change().outcome is Outcome.SUCCEEDED
        assert there.hand.effects == ["c1"]
        forgot = [e for e in there.told if isinstance(e, Forgot)]
        assert bool(forgot) is (full_for > 100)

    play(story)


def test_a_full_disk_before_the_intent_sends_nothing() -> None:
    async def story() -> None:
        there = Theatre()

        def full(name: str) -> None:
            if name == "capture":
                raise CannotStore("cannot use the state database: disk full")

        there.journal.on_write = full

        await carried(there)

        assert there.change().outcome is Outcome.INTERRUPTED
        assert "nothing was sent" in there.change().because
        assert not there.hand.effects

    play(story)


@pytest.mark.parametrize("name", ["intend", "move"])
def test_a_write_of_which_nobody_knows_is_read_back(name: str) -> None:
    async def story() -> None:
        there = Theatre()
        failed: list[str] = []

        def lost(what: str) -> None:
            if what == name and not failed:
                failed.append(what)
                raise CannotStore("cannot use the state database: locked")

        there.journal.written = lost

        await carried(there)

        outcome = there.change().outcome
        expected = {"intend": Outcome.INTERRUPTED, "move": Outcome.SUCCEEDED}
        assert outcome is expected[name]
        assert len(there.hand.effects) == (name == "move")
        assert not there.flaws()

    play(story)


def test_a_journal_that_hangs_is_given_up_on() -> None:
    async def story() -> None:
        there = Theatre()
        change = await there.applied()
        monitor = there.monitor("a")
        monitor.runner.begin(change)
        await monitor.until(lambda: bool(there.hand.effects))
        there.journal.locked = asyncio.Event()
        await asyncio.sleep(40)
        there.journal.locked.set()

        await monitor.until(lambda: there.change().is_over)

        assert there.change().outcome is Outcome.SUCCEEDED

    play(story)


def test_what_waits_begins_with_the_last_approval() -> None:
    async def story() -> None:
        there = Theatre()
        plan = replace(there.plan(), approvals=1)
        change = await there.applied(plan=plan, state=State.WAITING)
        monitor = there.monitor("a")
        monitor.runner.wake("c1")
        await asyncio.sleep(5)
        early = there.change().state
        await approve(there)

        monitor.runner.wake("c1")

        await monitor.until(lambda: there.change().is_over)
        assert early is State.WAITING
        assert change.owner == ""
        assert there.change().owner == "a"
        assert there.change().outcome is Outcome.SUCCEEDED

    play(story)


async def approve(there: Theatre) -> None:
    record = there.journal.records["p1"]
    word = Approval(
        plan="p1",
        digest=record.plan.digest,
        by=BOB,
        at=there.clock.now(),
    )
    entry = of_plan("approved", record.plan, BOB, there.clock.now())
    await there.journal.approve(word, entry)


def test_waking_what_nobody_knows_does_nothing() -> None:
    async def story() -> None:
        there = Theatre()
        monitor = there.monitor("a")

        monitor.runner.wake("nobody")
        await asyncio.sleep(1)

        assert not monitor.runner.carries("nobody")

    play(story)


def test_one_that_somebody_cancelled_is_let_go_of() -> None:
    async def story() -> None:
        there = Theatre()
        there.users = ("a film",)
        change = await there.applied()
        monitor = there.monitor("a")
        monitor.runner.begin(change)
        await asyncio.sleep(12)
        await cancel(there)

        monitor.runner.wake("c1")

        await asyncio.sleep(1)
        assert not monitor.runner.carries("c1")
        assert there.outcomes() == ["cancelled"]
        assert not there.held

    play(story)


async def cancel(there: Theatre) -> None:

    kept, now = there.change(), there.clock.now()
    over = ended(kept, Outcome.CANCELLED, "cancelled by bob", now)
    entry = of_change("outcome", over, "bob", now)
    await there.journal.move(
        over, entry, expected=kept.state, owner=kept.owner
    )


def test_one_that_was_cancelled_is_noticed_without_being_told() -> None:
    async def story() -> None:
        there = Theatre()
        there.users = ("a swap",)
        change = await there.applied()
        monitor = there.monitor("a")
        monitor.runner.begin(change)
        await asyncio.sleep(12)
        await cancel(there)
        there.users = ()

        await monitor.until(lambda: not monitor.runner.carries("c1"))

        assert there.outcomes() == ["cancelled"]
        assert not there.hand.effects

    play(story)


def test_closing_ends_what_was_not_sent() -> None:
    async def story() -> None:
        there = Theatre()
        there.users = ("a film",)
        change = await there.applied()
        monitor = there.monitor("a")
        monitor.runner.begin(change)
        await asyncio.sleep(12)
        monitor.runner.wake("c1")

        await monitor.runner.close(10.0)

        assert there.change().outcome is Outcome.INTERRUPTED
        assert "told to stop" in there.change().because
        assert not there.held

    play(story)


def test_closing_leaves_what_was_sent_to_the_next_monitor() -> None:
    async def story() -> None:
        there = Theatre()
        change = await there.applied()
        monitor = there.monitor("a")
        monitor.runner.begin(change)
        await monitor.until(lambda: bool(there.hand.effects))

        await monitor.runner.close(2.0)

        assert there.change().state is State.INTENT
        assert not there.held
        await there.monitor("b").sweep_until_quiet()
        assert there.change().outcome is Outcome.SUCCEEDED
        assert there.hand.effects == ["c1"]

    play(story)


def test_closing_waits_for_what_is_nearly_done() -> None:
    async def story() -> None:
        there = Theatre()
        change = await there.applied()
        monitor = there.monitor("a")
        monitor.runner.begin(change)
        await monitor.until(lambda: bool(there.hand.effects))

        await monitor.runner.close(300.0)

        assert there.change().outcome is Outcome.SUCCEEDED

    play(story)


def test_automation_may_not_do_what_waits_for_a_persons_word() -> None:
    async def story() -> None:
        there = Theatre()
        plan = there.plan(by=ROBOT)
        change = await there.applied(plan=plan)
        there.journal.all_changes["c1"] = replace(change, by=ROBOT)
        there.mode = "suggest"

        await there.monitor("a").carry(there.change())

        assert there.change().outcome is Outcome.REFUSED

    play(story)


def test_approvals_that_are_too_old_expire_it() -> None:
    async def story() -> None:
        there = Theatre()
        there.glass = glass("busy")
        plan = replace(there.plan(), approvals=1)
        change = await there.applied(plan=plan)

        await there.monitor("a").carry(change)

        assert there.change().outcome is Outcome.EXPIRED

    play(story)


def test_looks_that_never_end_refuse_it() -> None:
    async def story() -> None:
        there = Theatre()
        there.looks_take = 1e5

        await carried(there)

        assert there.change().outcome is Outcome.REFUSED
        assert "took longer than 120 s" in there.change().because

    play(story)


def test_looks_that_never_end_prove_nothing() -> None:
    async def story() -> None:
        there = Theatre()
        change = await there.applied()
        monitor = there.monitor("a")
        monitor.runner.begin(change)
        await monitor.until(lambda: bool(there.hand.effects))
        there.looks_take = 1e5

        await monitor.until(lambda: there.change().is_over)

        assert there.change().outcome is Outcome.FAILED
        assert "took too long to prove" in there.change().because

    play(story)


@pytest.mark.parametrize("reason", ["timeout", "internal"])
def test_a_canary_that_was_cut_off_proves_nothing(reason: str) -> None:
    async def story() -> None:
        there = Theatre()
        there.cut_off = reason

        await carried(there)

        assert there.change().outcome is Outcome.FAILED
        word = "timeout" if reason == "timeout" else "error"
        assert f"was {word} at" in there.change().because

    play(story)


def test_a_canary_that_runs_already_is_waited_for() -> None:
    async def story() -> None:
        there = Theatre()
        there.skips_canaries = 2

        await carried(there)

        assert there.change().outcome is Outcome.SUCCEEDED

    play(story)


def test_there_is_room_for_so_many_changes_and_no_more() -> None:
    async def story() -> None:
        there = Theatre()
        there.users = ("a film",)
        monitor = there.monitor("a")
        for number in range(51):
            change = await there.applied(
                plan=there.plan(f"p{number}"), id_=f"c{number}"
            )
            alone = replace(change, host=f"gpu{number}")
            there.journal.all_changes[change.id] = alone
            monitor.runner.begin(alone)

        await asyncio.sleep(10)

        changes = there.journal.all_changes.values()
        over = [one for one in changes if one.is_over]
        assert [one.id for one in over] == ["c50"]
        assert "50 changes are under way" in over[0].because

    play(story)


def test_a_wait_that_no_gate_ends_ends_all_the_same() -> None:
    async def story() -> None:
        there = Theatre()
        there.users = ("a film",)
        there.counts_waiting = False

        await carried(there)

        assert there.change().outcome is Outcome.TIMED_OUT

    play(story)


def test_a_gate_that_tells_nothing_of_the_service_is_not_trusted() -> None:
    async def story() -> None:
        there = Theatre()
        there.hand.tells_service = False

        await carried(there)

        assert there.change().outcome is Outcome.REFUSED
        assert "told nothing of the service" in there.change().because

    play(story)


@pytest.mark.parametrize("state", ["running", "none"])
def test_an_answer_that_says_nothing_is_looked_after(state: str) -> None:
    async def story() -> None:
        there = Theatre()
        there.hand.says = HandAnswer(state=state)

        await carried(there)

        assert "unknown" in there.steps()
        assert there.change().outcome is Outcome.SUCCEEDED

    play(story)


def test_one_that_was_cancelled_as_it_began_to_wait_is_let_go_of() -> None:
    async def story() -> None:
        there = Theatre()
        there.users = ("a film",)

        def cancelled(name: str) -> None:
            if name == "move":
                kept = there.change()
                there.journal.all_changes["c1"] = ended(
                    kept, Outcome.CANCELLED, "by bob", there.clock.now()
                )

        there.journal.on_write = cancelled

        await carried(there)

        assert there.change().outcome is Outcome.CANCELLED
        assert not there.held
        assert not any(isinstance(e, Broke | Forgot) for e in there.told)

    play(story)


def test_what_cannot_even_begin_is_left_to_the_sweeper() -> None:
    async def story() -> None:
        there = Theatre()
        there.cannot_hold = True
        monitor = there.monitor("a")
        await monitor.carry(await there.applied())
        carries_on = there.change().is_over

        await monitor.sweep_until_quiet()

        assert not carries_on
        assert any(isinstance(e, Broke) for e in there.told)
        assert there.change().outcome is Outcome.INTERRUPTED

    play(story)


def test_where_nobody_can_count_a_failure_is_a_failure() -> None:
    async def story() -> None:
        there = Theatre()
        there.hand.fails = "systemctl said no"

        async def full(**_: object) -> list[object]:
            raise CannotStore("cannot use the state database: disk full")

        there.journal.deeds = full  # type: ignore[method-assign,assignment] # a full disk

        await carried(there)

        assert there.change().outcome is Outcome.FAILED

    play(story)


def test_failures_of_others_are_not_counted() -> None:
    async def story() -> None:
        there = Theatre()
        there.hand.fails = "systemctl said no"
        for number in range(3):
            other = await there.applied(
                plan=there.plan(f"p{number}"), id_=f"c{number}"
            )
            there.journal.all_changes[other.id] = replace(
                other,
                target="annex",
                state=State.ENDED,
                outcome=Outcome.FAILED,
                intent_at=there.clock.now(),
            )
        await asyncio.sleep(10)
        change = await there.applied(plan=there.plan("p9"), id_="c9")

        await there.monitor("a").carry(change)

        assert there.change("c9").outcome is Outcome.FAILED

    play(story)


def test_a_plan_that_cannot_be_read_back_keeps_no_outcome_away() -> None:
    async def story() -> None:
        there = Theatre()

        def forget(_: str) -> None:
            changes = there.journal.all_changes.values()
            if any(one.is_over for one in changes):
                there.journal.records.pop("p1", None)

        there.journal.written = forget

        await carried(there)

        assert there.change().outcome is Outcome.SUCCEEDED
        assert not any(isinstance(e, PlanTold) for e in there.told)

    play(story)


def test_a_lock_lives_through_beats_that_fail() -> None:
    async def story() -> None:
        there = Theatre()
        there.users = ("a swap",)
        change = await there.applied()
        monitor = there.monitor("a")
        monitor.runner.begin(change)
        await asyncio.sleep(8)
        until = there.journal.all_locks["gpu1"].until

        def fails(name: str) -> None:
            if name == "beat":
                raise CannotStore("cannot use the state database: locked")

        there.journal.on_write = fails
        await asyncio.sleep(35)
        assert there.journal.all_locks["gpu1"].until == until
        there.journal.on_write = lambda _: None
        await asyncio.sleep(12)
        there.users = ()

        await monitor.until(lambda: there.change().is_over)

        assert there.change().outcome is Outcome.SUCCEEDED

    play(story)


def test_waking_one_that_goes_on_changes_nothing() -> None:
    async def story() -> None:
        there = Theatre()
        there.users = ("a swap",)
        change = await there.applied()
        monitor = there.monitor("a")
        monitor.runner.begin(change)
        await asyncio.sleep(12)

        monitor.runner.wake("c1")

        await asyncio.sleep(12)
        assert monitor.runner.carries("c1")
        assert there.change().state is State.DRAINING

    play(story)
