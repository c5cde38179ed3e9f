"""A `recover` at the desk: its rungs in words, and one a server at a time."""

import asyncio
from dataclasses import replace

import pytest

from monitor.domain.recovery.change import moved
from monitor.domain.recovery.plan import BreakGlass, Plan
from monitor.domain.recovery.refusal import PlanOver, RefusedPlan
from monitor.domain.recovery.words import Action, Outcome, State
from monitor.engine.recovery.asked import Asked
from monitor.engine.recovery.words_of import of_change
from tests.engine.recovery.wards import Fleet
from tests.engine.recovery.wards_parts import ANN, BOB, reboot_steps

RECOVER = Asked(action=Action.RECOVER, target="studio", reason="it hangs")


def a_fleet() -> Fleet:
    """Return one whose studio hangs, and that can climb."""
    fleet = Fleet()
    steps = dict.fromkeys(Action, reboot_steps)
    fleet.scene = replace(fleet.scene, steps=steps)
    fleet.hangs()
    return fleet


def planned(fleet: Fleet, asked: Asked = RECOVER) -> Plan:
    return asyncio.run(fleet.a_desk().plan(asked, ANN))


async def ended(fleet: Fleet, id_: str) -> None:
    change = fleet.journal.all_changes[id_]
    over = replace(change, state=State.ENDED, outcome=Outcome.REFUSED)
    entry = of_change("outcome", over, "a", fleet.clock.now())
    await fleet.journal.move(
        over, entry, expected=change.state, owner=change.owner
    )


def test_a_recover_says_what_each_rung_would_come_to_now() -> None:
    fleet = a_fleet()

    plan = planned(fleet)

    first, *rungs = plan.aim.steps
    assert first == "keep what is known of the server"
    assert [one.split(":")[0] for one in rungs] == [
        "restart",
        "free-gpu-memory",
        "reboot",
    ]
    assert rungs[0] == "restart: run, if those before it did not help"
    assert rungs[2].startswith("reboot: needs approval")


def test_a_recover_says_which_rungs_do_not_apply() -> None:
    fleet = a_fleet()
    fleet.diagnose("gpu_lost", "status", "process")

    plan = planned(fleet)

    _, restart, free, reboot = plan.aim.steps
    assert restart.startswith("restart: not applicable, gpu_lost forbids it")
    assert free.startswith("free-gpu-memory: not applicable, gpu_lost")
    assert "not applicable" not in reboot


def test_a_recover_says_which_rungs_are_not_allowed() -> None:
    fleet = a_fleet()
    fleet.allow(allow=frozenset({Action.RECOVER, Action.RESTART}))

    plan = planned(fleet)

    _, restart, free, reboot = plan.aim.steps
    assert "not allowed" not in restart
    assert "not allowed, recovery.allow of studio does not hold" in free
    assert "not allowed, recovery.allow of studio does not hold" in reboot


def test_another_action_keeps_its_own_steps() -> None:
    fleet = a_fleet()

    plan = planned(fleet, replace(RECOVER, action=Action.RESTART))

    assert len(plan.aim.steps) == 1
    assert plan.parent == ""


def test_a_recover_skips_no_gate() -> None:
    fleet = a_fleet()
    glass = BreakGlass(gate="cooldown", reason="it burns")

    with pytest.raises(RefusedPlan, match="it skips no gate"):
        planned(fleet, replace(RECOVER, break_glass=glass))

    assert fleet.audited == ["refused refused"]


def test_a_recover_that_was_planned_is_applied_as_a_change() -> None:
    fleet = a_fleet()
    desk = fleet.a_desk()
    plan = planned(fleet)

    change = asyncio.run(desk.apply(plan.id, ANN))

    assert change.action is Action.RECOVER
    assert change.state is State.READY
    assert fleet.carrier.begun == [change]


def test_a_recover_whose_rungs_would_come_to_something_else_is_over() -> None:
    fleet = a_fleet()
    plan = planned(fleet)
    fleet.diagnose("gpu_lost", "status", "process")

    with pytest.raises(PlanOver, match="steps are others now"):
        asyncio.run(fleet.a_desk().apply(plan.id, ANN))


def test_a_second_recover_of_a_server_is_refused_and_names_the_first() -> None:
    fleet = a_fleet()
    desk = fleet.a_desk()
    first, second = planned(fleet), planned(fleet)
    under_way = asyncio.run(desk.apply(first.id, ANN))

    with pytest.raises(PlanOver, match=f"change {under_way.id} climbs"):
        asyncio.run(desk.apply(second.id, BOB))

    assert fleet.journal.records[second.id].outcome is Outcome.REFUSED
    assert fleet.journal.records[first.id].outcome is None


def test_a_recover_after_one_that_is_over_is_begun() -> None:
    fleet = a_fleet()
    desk = fleet.a_desk()
    first, second = planned(fleet), planned(fleet)
    over = asyncio.run(desk.apply(first.id, ANN))
    asyncio.run(ended(fleet, over.id))

    change = asyncio.run(desk.apply(second.id, ANN))

    assert change.state is State.READY


def test_a_restart_beside_a_recover_is_no_second_one() -> None:
    fleet = a_fleet()
    desk = fleet.a_desk()
    restart = planned(fleet, replace(RECOVER, action=Action.RESTART))
    recover = planned(fleet)
    asyncio.run(desk.apply(restart.id, ANN))

    change = asyncio.run(desk.apply(recover.id, ANN))

    assert change.action is Action.RECOVER


def a_rung(fleet: Fleet, parent: str) -> Plan:
    asked = replace(RECOVER, action=Action.RESTART, parent=parent)
    return planned(fleet, asked)


def test_a_rung_carries_the_name_of_its_climb() -> None:
    fleet = a_fleet()
    desk = fleet.a_desk()
    parent = asyncio.run(desk.apply(planned(fleet).id, ANN))

    plan = a_rung(fleet, parent.id)
    change = asyncio.run(desk.apply(plan.id, ANN))

    assert (plan.parent, change.parent) == (parent.id, parent.id)


def test_a_rung_is_not_held_back_by_the_one_below_it() -> None:
    fleet = a_fleet()
    desk = fleet.a_desk()
    climb = asyncio.run(desk.apply(planned(fleet).id, ANN))
    now = fleet.clock.now()
    below = replace(
        climb,
        id="below",
        action=Action.RESTART,
        state=State.ENDED,
        outcome=Outcome.FAILED,
        intent_at=now - 60.0,
        done=True,
        parent=climb.id,
    )
    fleet.journal.all_changes[below.id] = below
    with pytest.raises(RefusedPlan, match="cooldown"):
        a_rung(fleet, "")

    change = asyncio.run(desk.apply(a_rung(fleet, climb.id).id, ANN))

    assert change.state is State.READY


@pytest.mark.parametrize("parent", ["", "gone"])
def test_a_rung_of_a_climb_that_is_over_is_not_applied(parent: str) -> None:
    fleet = a_fleet()
    desk = fleet.a_desk()
    climb = asyncio.run(desk.apply(planned(fleet).id, ANN))
    plan = a_rung(fleet, parent or climb.id)
    asyncio.run(ended(fleet, climb.id))

    with pytest.raises(
        PlanOver, match=f"the recover {plan.parent} .* is over"
    ):
        asyncio.run(desk.apply(plan.id, ANN))

    assert fleet.journal.records[plan.id].outcome is Outcome.REFUSED


def test_a_cancel_of_a_climb_is_noted_and_its_plan_stays() -> None:
    fleet = a_fleet()
    desk = fleet.a_desk()
    change = asyncio.run(desk.apply(planned(fleet).id, ANN))
    now = fleet.clock.now()
    climbing = moved(change, State.CLIMBING, "it climbs", now)
    entry = of_change("climbing", climbing, "a", now)
    moves = fleet.journal.move(
        climbing, entry, expected=State.READY, owner=change.owner
    )
    asyncio.run(moves)

    asked = asyncio.run(desk.cancel(change.id, BOB))

    assert asked.cancel_asked_by == "bob"
    assert asked.state is State.CLIMBING
    assert fleet.carrier.woken == [change.id]
