"""Applying at the desk: what still holds is begun, all else is ended."""

from dataclasses import replace

import pytest

from monitor.domain.errors import CannotStore
from monitor.domain.recovery.audit import Entry
from monitor.domain.recovery.plan import (
    PLAN_LASTS,
    Approval,
    BreakGlass,
    Plan,
)
from monitor.domain.recovery.policy import Policy
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.refusal import (
    NotYours,
    PlanOver,
    RefusedPlan,
    UnknownRequest,
    WrongConfirmation,
)
from monitor.domain.recovery.words import Action, Outcome, State
from monitor.engine.recovery.asked import Asked
from monitor.engine.recovery.desk import Desk
from tests.engine.recovery.wards import Fleet
from tests.engine.recovery.wards_lost import lose_gpu
from tests.engine.recovery.wards_parts import (
    ANN,
    BOB,
    CHILD,
    CLEO,
    OTHER_BOOT,
    RULE,
    SERVER,
)

GLASS = BreakGlass(gate="cooldown", reason="a customer waits")


async def _planned(
    by: Principal = ANN,
    action: Action = Action.RESTART,
    glass: BreakGlass | None = None,
) -> tuple[Fleet, Desk, Plan]:
    fleet = Fleet()
    fleet.hangs()
    if action is Action.REBOOT:
        lose_gpu(fleet)
    desk = fleet.a_desk()
    asked = Asked(
        action=action, target="studio", reason="it hangs", break_glass=glass
    )
    return fleet, desk, await desk.plan(asked, by)


def _last(fleet: Fleet) -> Entry:
    return fleet.journal.chain[-1].entry


async def test_a_plan_that_holds_becomes_a_change_and_goes_on_by_itself() -> (
    None
):
    fleet, desk, plan = await _planned()

    change = await desk.apply(plan.id, BOB)

    assert (change.plan, change.state, change.owner) == (
        plan.id,
        State.READY,
        "monitor-1",
    )
    assert (change.target, change.host, change.by) == ("studio", "gpu1", BOB)
    assert change.expires_at == plan.expires_at
    assert fleet.carrier.begun == [change]
    assert fleet.journal.all_changes == {change.id: change}
    assert fleet.journal.records[plan.id].change == change.id


async def test_applying_is_audited_and_told_with_the_head() -> None:
    fleet, desk, plan = await _planned()

    change = await desk.apply(plan.id, BOB)

    assert fleet.audited == ["planned", "applied"]
    assert (_last(fleet).who, _last(fleet).change) == ("bob", change.id)
    assert ("token", "oncall-bob") in _last(fleet).detail
    assert [one.change for one in fleet.changes_told] == [change]
    assert fleet.plans_told[-1].record.change == change.id
    assert fleet.heads == [1, 2]


@pytest.mark.parametrize("id_", ["p404", "", "../p1", "x" * 65, "a\nb", "é"])
async def test_an_unknown_plan_cannot_be_applied(id_: str) -> None:
    fleet = Fleet()

    with pytest.raises(UnknownRequest, match=r"^cannot find the plan"):
        await fleet.a_desk().apply(id_, ANN)

    assert fleet.audited == []


@pytest.mark.parametrize("id_", ["", "../p1", "x" * 65, "a\nb", "é", "\0"])
async def test_what_is_no_id_is_not_even_looked_for(id_: str) -> None:
    fleet = Fleet()
    fleet.journal.full = True

    with pytest.raises(UnknownRequest):
        await fleet.a_desk().plan_record(id_)
    with pytest.raises(UnknownRequest):
        await fleet.a_desk().change(id_)


async def test_a_plan_is_applied_once() -> None:
    fleet, desk, plan = await _planned()
    change = await desk.apply(plan.id, ANN)
    looks = fleet.eye("studio", "status").looks

    with pytest.raises(PlanOver, match=f"applied as change {change.id}"):
        await desk.apply(plan.id, ANN)

    assert list(fleet.journal.all_changes) == [change.id]
    assert fleet.eye("studio", "status").looks == looks
    assert len(fleet.carrier.begun) == 1
    assert fleet.audited == ["planned", "applied", "refused"]
    assert _last(fleet).change == change.id


async def test_a_plan_whose_time_is_over_expires() -> None:
    fleet, desk, plan = await _planned()
    fleet.clock.pass_time(PLAN_LASTS)

    with pytest.raises(PlanOver, match="expired: nobody applied it by"):
        await desk.apply(plan.id, ANN)

    assert fleet.outcomes == {plan.id: ["expired"]}
    assert fleet.journal.records[plan.id].outcome is Outcome.EXPIRED
    assert fleet.plans_told[-1].record.outcome is Outcome.EXPIRED
    assert fleet.heads == [1, 2]


async def test_a_plan_that_expired_stays_expired() -> None:
    fleet, desk, plan = await _planned()
    fleet.clock.pass_time(PLAN_LASTS)
    for _ in range(2):
        with pytest.raises(PlanOver):
            await desk.apply(plan.id, ANN)

    assert fleet.outcomes == {plan.id: ["expired"]}


async def test_a_clock_that_was_set_back_ends_a_plan() -> None:
    fleet, desk, plan = await _planned()
    fleet.clock.jump(-3_600.0)

    with pytest.raises(PlanOver, match="our clock was set back"):
        await desk.apply(plan.id, ANN)

    assert fleet.outcomes == {plan.id: ["expired"]}


async def test_a_restart_needs_no_typing_but_what_is_typed_must_fit() -> None:
    fleet, desk, plan = await _planned()

    with pytest.raises(WrongConfirmation, match="type studio to confirm"):
        await desk.apply(plan.id, ANN, confirm="attic")
    change = await desk.apply(plan.id, ANN, confirm="studio")

    assert change.state is State.READY
    assert fleet.audited == ["planned", "refused", "applied"]


@pytest.mark.parametrize("typed", ["", "studio", "GPU1", "gpu1 "])
async def test_a_reboot_takes_the_name_of_the_machine(typed: str) -> None:
    fleet, desk, plan = await _planned(action=Action.REBOOT)

    with pytest.raises(WrongConfirmation, match="type gpu1 to confirm"):
        await desk.apply(plan.id, ANN, confirm=typed)

    assert fleet.journal.all_changes == {}


async def test_a_change_lasts_as_long_as_its_plan_and_no_longer() -> None:
    fleet, desk, plan = await _planned()
    fleet.clock.pass_time(60.0)

    change = await desk.apply(plan.id, ANN)

    assert change.created_at == plan.created_at + 60.0
    assert change.expires_at == plan.expires_at


async def test_a_change_waits_for_people_without_an_owner() -> None:
    fleet, desk, plan = await _planned(action=Action.REBOOT)

    change = await desk.apply(plan.id, ANN, confirm="gpu1")

    assert (change.state, change.owner) == (State.WAITING, "")
    assert fleet.carrier.begun == []
    assert fleet.carrier.woken == []
    assert fleet.journal.all_locks == {}


async def test_a_plan_that_was_approved_before_goes_on_at_once() -> None:
    fleet, desk, plan = await _planned(action=Action.REBOOT)
    await desk.approve(plan.id, BOB)

    change = await desk.apply(plan.id, ANN, confirm="gpu1")

    assert change.state is State.READY
    assert fleet.carrier.begun == [change]


async def test_a_reboot_that_automation_planned_needs_two_people() -> None:
    """Whoever applies it."""
    _, desk, plan = await _planned(by=RULE, action=Action.REBOOT)
    await desk.approve(plan.id, BOB)

    change = await desk.apply(plan.id, ANN, confirm="gpu1")

    assert plan.approvals == 2
    assert change.state is State.WAITING


async def test_what_breaks_glass_waits_for_another_person() -> None:
    _, desk, plan = await _planned(glass=GLASS)

    change = await desk.apply(plan.id, ANN)

    assert change.state is State.WAITING


@pytest.mark.parametrize("children", [(), (CHILD,)])
async def test_children_come_and_go_and_the_plan_holds(
    children: tuple[object, ...],
) -> None:
    fleet, desk, _ = await _planned()
    fleet.runs(SERVER, CHILD)
    plan = await desk.plan(
        Asked(action=Action.RESTART, target="studio", reason="x"), ANN
    )
    fleet.runs(SERVER, *children)  # type: ignore[arg-type] # processes

    change = await desk.apply(plan.id, ANN)

    assert change.state is State.READY


async def test_a_process_that_was_started_since_ends_the_plan() -> None:
    fleet, desk, plan = await _planned()
    fleet.runs(replace(SERVER, start_ticks=200_000))

    with pytest.raises(PlanOver) as caught:
        await desk.apply(plan.id, ANN)

    assert "the plan no longer holds: process 4242" in str(caught.value)
    assert fleet.audited == ["planned", "refused refused"]
    assert fleet.outcomes == {plan.id: ["refused"]}
    assert fleet.journal.all_changes == {}
    assert fleet.heads == [1, 2]


async def test_a_machine_that_was_booted_since_ends_the_plan() -> None:
    fleet, desk, plan = await _planned()
    fleet.reads(lambda one: replace(one, boot_id=OTHER_BOOT))

    with pytest.raises(PlanOver, match="its machine was booted since"):
        await desk.apply(plan.id, ANN)

    assert fleet.journal.records[plan.id].outcome is Outcome.REFUSED


async def test_another_unit_since_a_reload_ends_the_plan() -> None:
    fleet, desk, plan = await _planned()
    place = fleet.services["studio"]
    fleet.services["studio"] = replace(place, unit="other.service")

    with pytest.raises(PlanOver, match=r"its unit is other\.service now"):
        await desk.apply(plan.id, ANN)


async def test_a_server_that_is_gone_since_a_reload_ends_the_plan() -> None:
    fleet, desk, plan = await _planned()
    fleet.board.rewire([], [], [])

    with pytest.raises(PlanOver, match="no longer holds: cannot act"):
        await desk.apply(plan.id, ANN)

    assert fleet.outcomes == {plan.id: ["refused"]}


async def test_a_server_that_heals_meanwhile_is_left_alone() -> None:
    fleet, desk, plan = await _planned()
    fleet.heals()

    with pytest.raises(RefusedPlan) as caught:
        await desk.apply(plan.id, ANN)

    assert "second_vantage: " in str(caught.value)
    assert caught.value.steps == plan.aim.steps
    assert fleet.outcomes == {plan.id: ["refused"]}
    assert fleet.carrier.begun == []


async def test_recovery_switched_off_meanwhile_ends_the_plan() -> None:
    fleet, desk, plan = await _planned()
    fleet.allow(mode="off")

    with pytest.raises(RefusedPlan, match=r"recovery\.mode of studio is off"):
        await desk.apply(plan.id, ANN)

    assert fleet.outcomes == {plan.id: ["refused"]}


async def test_where_a_person_must_apply_automation_may_not() -> None:
    """The plan stays for a person."""
    fleet, desk, plan = await _planned(by=RULE)

    with pytest.raises(NotYours, match="a person must apply it"):
        await desk.apply(plan.id, RULE)
    change = await desk.apply(plan.id, ANN)

    assert fleet.audited == ["planned", "refused", "applied"]
    assert fleet.heads == [1, 2, 3]
    assert change.by == ANN


async def test_in_auto_automation_applies_alone() -> None:
    fleet, desk, plan = await _planned(by=RULE)
    fleet.allow(mode="auto", auto=frozenset({Action.RESTART}))

    change = await desk.apply(plan.id, RULE)

    assert (change.state, change.by) == (State.READY, RULE)


async def test_automation_gets_no_persons_leave_by_applying_their_plan() -> (
    None
):
    fleet, desk, plan = await _planned(by=ANN)

    with pytest.raises(NotYours):
        await desk.apply(plan.id, RULE)

    assert fleet.journal.records[plan.id].is_open


async def test_with_a_full_disk_nothing_is_begun() -> None:
    fleet, desk, plan = await _planned()
    fleet.journal.full = True

    with pytest.raises(CannotStore):
        await desk.apply(plan.id, ANN)

    assert fleet.carrier.begun == []


async def test_what_was_begun_goes_on_when_the_disk_is_full_just_then() -> (
    None
):
    fleet, desk, plan = await _planned()
    fleet.journal.written = lambda name: _fill(fleet, name, "apply")

    change = await desk.apply(plan.id, ANN)

    assert fleet.carrier.begun == [change]
    assert fleet.heads == [1]


async def test_a_waiting_change_is_woken_when_its_plan_cannot_be_read() -> (
    None
):
    """It may have been approved just then: the runner asks again."""
    fleet, desk, plan = await _planned(glass=GLASS)
    fleet.journal.written = lambda name: _fill(fleet, name, "apply")

    change = await desk.apply(plan.id, ANN)

    assert fleet.carrier.woken == [change.id]


def _fill(fleet: Fleet, name: str, after: str) -> None:
    fleet.journal.full = name == after


async def test_a_last_word_that_comes_while_it_is_applied_is_not_lost() -> (
    None
):
    fleet, desk, plan = await _planned(glass=GLASS)
    held = fleet.journal.records

    def approve_now(name: str) -> None:
        if name == "apply":
            word = _approval(plan)
            record = held[plan.id]
            held[plan.id] = replace(record, approvals=(word,))

    fleet.journal.on_write = approve_now

    change = await desk.apply(plan.id, ANN)

    assert change.state is State.WAITING
    assert fleet.carrier.woken == [change.id]


def _approval(plan: Plan) -> Approval:
    return Approval(plan=plan.id, digest=plan.digest, by=CLEO, at=1_000_000.0)


async def test_a_policy_that_is_gone_lets_nothing_be_done() -> None:
    fleet, desk, plan = await _planned()
    fleet.policies["studio"] = Policy()

    with pytest.raises(RefusedPlan, match=r"recovery\.allow of studio"):
        await desk.apply(plan.id, ANN)
