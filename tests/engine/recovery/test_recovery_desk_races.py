"""Two at the desk at once, or at two desks: one end, and at most one deed."""

import asyncio
from dataclasses import replace

import pytest

from monitor.domain.recovery.audit import flaws
from monitor.domain.recovery.change import Change, moved
from monitor.domain.recovery.plan import PLAN_LASTS, BreakGlass, Plan
from monitor.domain.recovery.refusal import PlanOver
from monitor.domain.recovery.words import Action, Outcome, State
from monitor.engine.recovery.asked import Asked
from monitor.engine.recovery.desk import Desk
from monitor.engine.recovery.words_of import of_change
from monitor.ports.recovery import Limits
from tests.engine.recovery.wards import Fleet
from tests.engine.recovery.wards_parts import ANN, BOB, CLEO
from tests.engine.recovery.wards_turns import TurnsJournal, orders, race

GLASS = BreakGlass(gate="cooldown", reason="a customer waits")


class Race:
    """A fleet, two desks that share the journal, and a plan."""

    def __init__(self) -> None:
        self.fleet = Fleet()
        self.journal = TurnsJournal()
        self.fleet.journal = self.journal
        self.fleet.scene = replace(self.fleet.scene, journal=self.journal)
        self.fleet.hangs()
        self.here: Desk = self.fleet.a_desk("monitor-1")
        self.there: Desk = self.fleet.a_desk("monitor-2")

    async def planned(self, glass: BreakGlass | None = None) -> Plan:
        asked = Asked(
            action=Action.RESTART,
            target="studio",
            reason="it hangs",
            break_glass=glass,
        )
        return await self.here.plan(asked, ANN)

    async def intend(self, change: Change) -> None:
        """Do what a runner does first: lock the machine, and intend."""
        now = self.fleet.clock.now()
        lock = await self.journal.lock(
            change.host, change.id, change.owner, now=now, lasts=60.0
        )
        meant = replace(
            moved(change, State.INTENT, "about to restart", now),
            token=lock.token,
        )
        await self.journal.intend(
            meant,
            of_change("intent", meant, change.owner, now),
            lock=lock,
            limits=Limits(since=0.0, most=3, quiet_since=None, at_once=1),
        )

    async def too_late(self, plan: Plan) -> object:
        """Apply a plan elsewhere when its time is over."""
        self.fleet.clock.pass_time(PLAN_LASTS)
        return await self.there.apply(plan.id, BOB)

    def check(self, plan: Plan) -> None:
        """Check what holds whatever happened, in whatever order."""
        record = self.journal.records[plan.id]
        outcomes = self.fleet.outcomes.get(plan.id, [])
        assert len(self.journal.all_changes) <= 1
        assert list(self.journal.all_changes) == [record.change] * bool(
            record.change
        )
        assert outcomes == ([record.outcome.value] if record.outcome else [])
        assert len(self.fleet.carrier.begun) <= 1
        assert self.fleet.heads == sorted(set(self.fleet.heads))
        assert self.fleet.heads[-1] == len(self.journal.chain)
        assert list(flaws(self.journal.chain, None)) == []

    @property
    def change(self) -> Change:
        (found,) = self.journal.all_changes.values()
        return found


def _same_head(one: Race) -> None:
    """Two desks have two heralds: each tells the head, so twice is fine."""
    seen = dict.fromkeys(one.fleet.heads)
    assert list(seen) == sorted(seen)


async def test_two_who_apply_at_once_make_one_change() -> None:
    for order in orders(9):
        one = Race()
        plan = await one.planned()

        became = await race(
            one.journal,
            order,
            one.here.apply(plan.id, ANN),
            one.here.apply(plan.id, BOB),
        )

        one.check(plan)
        done = [each for each in became if isinstance(each, Change)]
        lost = [each for each in became if isinstance(each, PlanOver)]
        assert [each.id for each in done] == [one.change.id], order
        assert one.change.id in str(lost[0]), order
        assert one.fleet.carrier.begun == done


async def test_two_monitors_that_apply_at_once_make_one_change() -> None:
    for order in orders(9):
        one = Race()
        plan = await one.planned()

        await race(
            one.journal,
            order,
            one.here.apply(plan.id, ANN),
            one.there.apply(plan.id, ANN),
        )

        (begun,) = one.fleet.carrier.begun
        assert begun == one.change, order
        _same_head(one)


async def test_a_plan_is_applied_or_denied_and_never_both() -> None:
    seen = set()
    for order in orders(9):
        one = Race()
        plan = await one.planned()

        applied, denied = await race(
            one.journal,
            order,
            one.here.apply(plan.id, ANN),
            one.here.deny(plan.id, BOB, reason="no"),
        )

        one.check(plan)
        assert not isinstance(denied, PlanOver), order
        assert one.journal.records[plan.id].outcome is Outcome.DENIED, order
        seen.add(isinstance(applied, Change))
        if isinstance(applied, Change):
            assert one.change.outcome is Outcome.DENIED, order
    assert seen == {True, False}


async def test_a_plan_is_denied_once_by_two() -> None:
    for order in orders(5):
        one = Race()
        plan = await one.planned()

        became = await race(
            one.journal,
            order,
            one.here.deny(plan.id, BOB, reason="no"),
            one.here.deny(plan.id, CLEO, reason="no"),
        )

        one.check(plan)
        lost = [each for each in became if isinstance(each, PlanOver)]
        assert len(lost) == 1, order


async def test_an_approval_is_kept_or_the_plan_was_denied_before() -> None:
    for order in orders(6):
        one = Race()
        plan = await one.planned(GLASS)

        approved, _ = await race(
            one.journal,
            order,
            one.here.approve(plan.id, BOB),
            one.here.deny(plan.id, CLEO, reason="no"),
        )

        one.check(plan)
        record = one.journal.records[plan.id]
        assert record.outcome is Outcome.DENIED
        assert bool(record.approvals) is not isinstance(approved, PlanOver)


async def test_the_last_word_is_never_lost_while_a_plan_is_applied() -> None:
    """Either the change is ready at once, or its runner is woken."""
    seen = set()
    for order in orders(9):
        one = Race()
        plan = await one.planned(GLASS)

        await race(
            one.journal,
            order,
            one.here.apply(plan.id, ANN),
            one.here.approve(plan.id, BOB),
        )

        one.check(plan)
        carrier, state = one.fleet.carrier, one.change.state
        seen.add(state)
        assert one.journal.records[plan.id].approvals, order
        if state is State.READY:
            assert carrier.begun == [one.change], order
        else:
            assert one.change.id in carrier.woken, order
    assert seen == {State.READY, State.WAITING}


async def test_the_same_person_twice_at_once_counts_once() -> None:
    for order in orders(5):
        one = Race()
        plan = await one.planned(GLASS)

        became = await race(
            one.journal,
            order,
            one.here.approve(plan.id, BOB),
            one.here.approve(plan.id, replace(BOB, name="phone-bob")),
        )

        one.check(plan)
        assert len(one.journal.records[plan.id].approvals) == 1, order
        assert not any(isinstance(each, Exception) for each in became), order


async def test_what_is_attested_is_not_done_again() -> None:
    for order in orders(9):
        one = Race()
        plan = await one.planned()

        applied, attested = await race(
            one.journal,
            order,
            one.here.apply(plan.id, ANN),
            one.here.attest(plan.id, BOB, done="a restart by hand"),
        )

        one.check(plan)
        assert isinstance(applied, Change) is isinstance(attested, PlanOver)


@pytest.mark.parametrize("way", ["cancel", "deny"])
async def test_a_change_is_stopped_or_intended_and_never_both(
    way: str,
) -> None:
    seen = set()
    for order in orders(6):
        one = Race()
        plan = await one.planned()
        change = await one.here.apply(plan.id, ANN)
        stop = (
            one.here.cancel(change.id, BOB)
            if way == "cancel"
            else one.here.deny(plan.id, BOB, reason="no")
        )

        await race(one.journal, order, stop, one.intend(change))

        was_intended = "intent" in one.fleet.audited
        seen.add(was_intended)
        assert one.change.is_over is not was_intended, order
        assert len(one.fleet.outcomes.get(plan.id, [])) == (
            0 if was_intended else 1
        ), order
        assert bool(one.journal.all_locks) is was_intended, order
    assert seen == {True, False}


async def test_a_plan_expires_or_is_applied_and_never_both() -> None:
    for order in orders(9):
        one = Race()
        plan = await one.planned()

        applied, _ = await race(
            one.journal,
            order,
            one.here.apply(plan.id, ANN),
            one.too_late(plan),
        )

        record = one.journal.records[plan.id]
        assert bool(record.change) is isinstance(applied, Change), order
        assert (record.outcome is Outcome.EXPIRED) is not bool(record.change)


async def test_a_plan_whose_time_ends_while_we_look_expires() -> None:
    one = Race()
    plan = await one.planned()
    eye = one.fleet.eye("studio", "status")
    eye.held, eye.begun = asyncio.Event(), asyncio.Event()
    applying = asyncio.ensure_future(one.here.apply(plan.id, ANN))
    await eye.begun.wait()

    one.fleet.clock.pass_time(PLAN_LASTS)
    eye.held.set()
    with pytest.raises(PlanOver):
        await applying

    assert one.fleet.outcomes == {plan.id: ["expired"]}


async def test_an_approval_that_comes_while_we_look_counts() -> None:
    one = Race()
    plan = await one.planned(GLASS)
    eye = one.fleet.eye("studio", "status")
    eye.held, eye.begun = asyncio.Event(), asyncio.Event()
    applying = asyncio.ensure_future(one.here.apply(plan.id, ANN))
    await eye.begun.wait()

    await one.here.approve(plan.id, BOB)
    eye.held.set()
    change = await applying

    assert change.state is State.READY
