"""What people say at the desk: yes, no, and that they did it by hand."""

from dataclasses import replace

import pytest

from monitor.domain.errors import CannotStore
from monitor.domain.recovery.audit import Entry
from monitor.domain.recovery.change import moved
from monitor.domain.recovery.plan import PLAN_LASTS, Plan
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.refusal import (
    NotYours,
    PlanOver,
    UnknownRequest,
)
from monitor.domain.recovery.words import Action, Outcome, State
from monitor.engine.recovery.asked import Asked
from monitor.engine.recovery.desk import Desk
from tests.engine.recovery.wards import Fleet
from tests.engine.recovery.wards_lost import lose_gpu
from tests.engine.recovery.wards_parts import (
    ANN,
    ANN_AGAIN,
    BOB,
    CLEO,
    NOBODY,
    RULE,
)

REBOOT = Asked(action=Action.REBOOT, target="studio", reason="it hangs")


async def _planned(by: Principal = ANN) -> tuple[Fleet, Desk, Plan]:
    """A plan that needs another person, or two where automation asked."""
    fleet = Fleet()
    lose_gpu(fleet)
    desk = fleet.a_desk()
    return fleet, desk, await desk.plan(REBOOT, by)


async def _waiting(by: Principal = ANN) -> tuple[Fleet, Desk, Plan, str]:
    fleet, desk, plan = await _planned(by)
    change = await desk.apply(plan.id, ANN, confirm="gpu1")
    return fleet, desk, plan, change.id


def _last(fleet: Fleet) -> Entry:
    return fleet.journal.chain[-1].entry


def _go_on(fleet: Fleet, change_id: str, *states: State) -> None:
    """Let the runner bring a change as far as this."""
    kept = fleet.journal.all_changes
    for state in states:
        change = moved(kept[change_id], state, "on it goes", 1_000_001.0)
        kept[change_id] = replace(change, owner="monitor-1")


async def test_another_person_approves_what_was_planned() -> None:
    fleet, desk, plan = await _planned()

    record = await desk.approve(plan.id, BOB)

    assert [one.by for one in record.approvals] == [BOB]
    assert record.approvals[0].digest == plan.digest
    assert fleet.audited == ["planned", "approved"]
    assert (_last(fleet).who, _last(fleet).plan) == ("bob", plan.id)
    assert fleet.plans_told[-1].record == record
    assert fleet.heads == [1, 2]
    assert fleet.carrier.woken == []


@pytest.mark.parametrize("by", [ANN, ANN_AGAIN])
async def test_nobody_approves_their_own_plan_under_any_token(
    by: Principal,
) -> None:
    fleet, desk, plan = await _planned()

    with pytest.raises(NotYours, match="ann asked for it"):
        await desk.approve(plan.id, by)

    assert fleet.journal.records[plan.id].approvals == ()
    assert fleet.audited == ["planned", "refused"]
    assert _last(fleet).who == "ann"
    assert "ann asked for it" in _last(fleet).because
    assert fleet.heads == [1, 2]


@pytest.mark.parametrize("by", [NOBODY, RULE, replace(RULE, person="bob")])
async def test_only_a_person_approves_denies_or_attests(
    by: Principal,
) -> None:
    fleet, desk, plan = await _planned()

    with pytest.raises(NotYours, match="it takes a person"):
        await desk.approve(plan.id, by)
    with pytest.raises(NotYours, match="it takes a person"):
        await desk.deny(plan.id, by, reason="no")
    with pytest.raises(NotYours, match="it takes a person"):
        await desk.attest(plan.id, by, done="it")

    assert fleet.audited == ["planned", *["refused"] * 3]
    assert fleet.journal.records[plan.id].is_open


async def test_a_full_disk_hides_no_answer() -> None:
    """Nothing was done, whether or not that could be noted."""
    fleet, desk, plan = await _planned()

    def full(_: str) -> None:
        raise CannotStore("cannot use the state database: disk full")

    fleet.journal.on_write = full

    with pytest.raises(NotYours):
        await desk.approve(plan.id, ANN)


async def test_an_unknown_plan_has_no_word() -> None:
    desk = Fleet().a_desk()

    with pytest.raises(UnknownRequest):
        await desk.approve("p404", BOB)
    with pytest.raises(UnknownRequest):
        await desk.deny("p404", BOB, reason="no")
    with pytest.raises(UnknownRequest):
        await desk.attest("p404", BOB, done="it")


async def test_a_person_counts_once_under_any_token() -> None:
    fleet, desk, plan = await _planned(RULE)
    await desk.approve(plan.id, BOB)

    again = await desk.approve(plan.id, replace(BOB, name="phone-bob"))

    assert len(again.approvals) == 1
    assert fleet.audited == ["planned", "approved"]


async def test_the_last_word_wakes_the_change_that_waits() -> None:
    fleet, desk, plan, change = await _waiting()

    await desk.approve(plan.id, BOB)

    assert fleet.carrier.woken == [change]
    assert _last(fleet).change == change


async def test_one_word_of_two_wakes_nobody() -> None:
    fleet, desk, plan, change = await _waiting(RULE)

    await desk.approve(plan.id, BOB)
    before = list(fleet.carrier.woken)
    await desk.approve(plan.id, CLEO)

    assert (before, fleet.carrier.woken) == ([], [change])


async def test_a_plan_that_expired_is_not_approved() -> None:
    fleet, desk, plan = await _planned()
    fleet.clock.pass_time(PLAN_LASTS)

    with pytest.raises(PlanOver, match="expired"):
        await desk.approve(plan.id, BOB)

    assert fleet.outcomes == {plan.id: ["expired"]}


async def test_a_waiting_change_that_expired_is_not_approved() -> None:
    fleet, desk, plan, _ = await _waiting()
    fleet.clock.pass_time(PLAN_LASTS)

    with pytest.raises(PlanOver, match="applied as change"):
        await desk.approve(plan.id, BOB)

    assert fleet.journal.records[plan.id].approvals == ()


async def test_what_is_begun_needs_no_word_any_more() -> None:
    fleet, desk, plan, change = await _waiting()
    await desk.approve(plan.id, BOB)
    _go_on(fleet, change, State.READY)

    with pytest.raises(PlanOver):
        await desk.approve(plan.id, CLEO)


async def test_a_plan_that_was_denied_is_not_approved() -> None:
    _, desk, plan = await _planned()
    await desk.deny(plan.id, BOB, reason="not now")

    with pytest.raises(PlanOver, match="it is denied: denied by bob: not now"):
        await desk.approve(plan.id, CLEO)


async def test_with_a_full_disk_no_word_is_kept() -> None:
    fleet, desk, plan = await _planned()
    fleet.journal.full = True

    with pytest.raises(CannotStore):
        await desk.approve(plan.id, BOB)

    assert fleet.journal.records[plan.id].approvals == ()


@pytest.mark.parametrize("by", [ANN, BOB])
async def test_a_plan_is_denied_by_another_or_by_who_asked(
    by: Principal,
) -> None:
    fleet, desk, plan = await _planned()

    record = await desk.deny(plan.id, by, reason=" not now ")

    assert (record.outcome, record.is_open) == (Outcome.DENIED, False)
    assert record.because == f"denied by {by.person}: not now"
    assert fleet.outcomes == {plan.id: ["denied"]}
    assert _last(fleet).what == "denied"
    assert fleet.plans_told[-1].record == record
    assert fleet.heads == [1, 2]


async def test_denying_takes_no_reason_and_no_more_than_anybody_reads() -> (
    None
):
    _, desk, plan = await _planned()
    other = await desk.plan(REBOOT, ANN)

    short = await desk.deny(plan.id, BOB, reason="")
    long = await desk.deny(other.id, BOB, reason="x" * 10_000)

    assert short.because == "denied by bob: no reason given"
    assert len(long.because) < 600


async def test_a_plan_that_was_denied_is_never_applied() -> None:
    fleet, desk, plan = await _planned()
    await desk.deny(plan.id, BOB, reason="no")

    with pytest.raises(PlanOver, match="denied"):
        await desk.apply(plan.id, ANN, confirm="gpu1")

    assert fleet.outcomes == {plan.id: ["denied"]}


async def test_a_plan_is_denied_once() -> None:
    fleet, desk, plan = await _planned()
    await desk.deny(plan.id, BOB, reason="no")

    with pytest.raises(PlanOver):
        await desk.deny(plan.id, CLEO, reason="no")

    assert fleet.outcomes == {plan.id: ["denied"]}


async def test_a_plan_that_expired_is_not_denied() -> None:
    fleet, desk, plan = await _planned()
    fleet.clock.pass_time(PLAN_LASTS)

    with pytest.raises(PlanOver):
        await desk.deny(plan.id, BOB, reason="no")

    assert fleet.outcomes == {plan.id: ["expired"]}


@pytest.mark.parametrize(
    "states",
    [(), (State.READY,), (State.READY, State.DRAINING)],
)
async def test_a_change_is_denied_until_anything_is_sent(
    states: tuple[State, ...],
) -> None:
    fleet, desk, plan, change = await _waiting()
    _go_on(fleet, change, *states)

    record = await desk.deny(plan.id, BOB, reason="no")

    assert (record.change, record.outcome) == (change, Outcome.DENIED)
    kept = fleet.journal.all_changes[change]
    assert (kept.state, kept.outcome) == (State.ENDED, Outcome.DENIED)
    assert fleet.outcomes == {plan.id: ["denied"]}
    assert fleet.carrier.woken == [change]
    assert fleet.changes_told[-1].change == kept


@pytest.mark.parametrize(
    "states",
    [
        (State.READY, State.INTENT),
        (State.READY, State.INTENT, State.SENT),
        (State.READY, State.INTENT, State.UNKNOWN),
    ],
)
async def test_what_may_have_been_done_is_not_called_denied(
    states: tuple[State, ...],
) -> None:
    fleet, desk, plan, change = await _waiting()
    _go_on(fleet, change, *states)

    with pytest.raises(PlanOver, match=f"applied as change {change}"):
        await desk.deny(plan.id, BOB, reason="no")

    assert fleet.outcomes == {}
    assert fleet.journal.all_changes[change].state is states[-1]


async def test_a_change_that_ended_is_not_denied() -> None:
    fleet, desk, plan, change = await _waiting()
    await desk.cancel(change, ANN)

    with pytest.raises(PlanOver, match="which ended: cancelled"):
        await desk.deny(plan.id, BOB, reason="no")

    assert fleet.outcomes == {plan.id: ["cancelled"]}


async def test_what_was_done_by_hand_is_attested() -> None:
    fleet, desk, plan = await _planned()

    record = await desk.attest(plan.id, ANN, done=" systemctl restart ")

    assert record.outcome is Outcome.PLANNED_ONLY
    assert fleet.audited == [
        "planned",
        "attested",
        "outcome planned_only",
    ]
    attested = fleet.journal.chain[1].entry
    assert ("done", "systemctl restart") in attested.detail
    assert fleet.heads == [1, 2, 3]


async def test_what_was_attested_is_never_applied() -> None:
    fleet, desk, plan = await _planned()
    await desk.attest(plan.id, ANN, done="it")

    with pytest.raises(PlanOver, match="planned_only: done by hand, says ann"):
        await desk.apply(plan.id, ANN, confirm="gpu1")

    assert fleet.outcomes == {plan.id: ["planned_only"]}


@pytest.mark.parametrize("how", [Outcome.EXPIRED, Outcome.PLANNED_ONLY])
async def test_work_by_hand_may_take_longer_than_a_plan_lasts(
    how: Outcome,
) -> None:
    fleet, desk, plan = await _planned()
    record = fleet.journal.records[plan.id]
    fleet.journal.records[plan.id] = replace(record, outcome=how)

    late = await desk.attest(plan.id, ANN, done="a reboot by hand")

    assert late.outcome is how
    assert _last(fleet).what == "attested"
    assert fleet.outcomes == {}
    assert fleet.heads == [1, 2]


async def test_what_was_denied_is_not_attested() -> None:
    fleet, desk, plan = await _planned()
    await desk.deny(plan.id, BOB, reason="no")

    with pytest.raises(PlanOver, match="denied"):
        await desk.attest(plan.id, ANN, done="it")

    assert "attested" not in fleet.audited


async def test_a_word_for_a_plan_that_became_another_is_not_kept() -> None:
    fleet, desk, plan = await _planned()
    other = replace(plan, digest="another")

    def swap(_: str) -> None:
        record = fleet.journal.records[plan.id]
        fleet.journal.records[plan.id] = replace(record, plan=other)

    fleet.journal.on_write = swap

    with pytest.raises(PlanOver, match="not what it was when it was read"):
        await desk.approve(plan.id, BOB)

    assert fleet.journal.records[plan.id].approvals == ()


async def test_what_we_did_ourselves_is_not_attested() -> None:
    fleet, desk, plan, change = await _waiting()
    await desk.cancel(change, ANN)

    with pytest.raises(PlanOver):
        await desk.attest(plan.id, ANN, done="it")

    assert "attested" not in fleet.audited


async def test_a_change_that_expired_is_not_attested_as_a_plan() -> None:
    fleet, desk, plan, change = await _waiting()
    record = fleet.journal.records[plan.id]
    fleet.journal.records[plan.id] = replace(record, outcome=Outcome.EXPIRED)

    with pytest.raises(PlanOver, match=f"applied as change {change}"):
        await desk.attest(plan.id, ANN, done="it")
