"""Planning at the desk: a request becomes a plan, or is refused."""

from dataclasses import replace

import pytest

from monitor.domain.errors import CannotStore, NotConfigured
from monitor.domain.joblog.reading import JobsReading, StartedJob
from monitor.domain.recovery.audit import Entry, flaws
from monitor.domain.recovery.digest import digest
from monitor.domain.recovery.plan import (
    PLAN_LASTS,
    BreakGlass,
    Plan,
    PlanRecord,
)
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.refusal import RefusedPlan
from monitor.domain.recovery.words import Action, Word
from monitor.engine.recovery.asked import Asked
from monitor.engine.recovery.desk_asking import MOST_OPEN
from tests.engine.recovery.wards import Fleet
from tests.engine.recovery.wards_lost import lose_gpu
from tests.engine.recovery.wards_parts import ANN, BOB, RULE

ASKED = Asked(action=Action.RESTART, target="studio", reason="it hangs")
REBOOT = replace(ASKED, action=Action.REBOOT)


async def _plan(
    fleet: Fleet,
    asked: Asked = ASKED,
    *,
    by: Principal = ANN,
    glass: BreakGlass | None = None,
) -> Plan:
    asked = replace(asked, break_glass=glass)
    return await fleet.a_desk().plan(asked, by)


async def _refused(
    fleet: Fleet,
    *,
    by: Principal = ANN,
    reason: str = "it hangs",
    glass: BreakGlass | None = None,
) -> RefusedPlan:
    asked = replace(ASKED, reason=reason)
    with pytest.raises(RefusedPlan) as caught:
        await _plan(fleet, asked, by=by, glass=glass)
    return caught.value


def _last(fleet: Fleet) -> Entry:
    return fleet.journal.chain[-1].entry


async def test_a_plan_says_what_would_be_done_and_is_kept() -> None:
    fleet = Fleet()
    fleet.hangs()

    plan = await _plan(fleet)

    assert fleet.journal.records[plan.id].plan == plan
    assert plan.digest == digest(plan.aim)
    assert plan.expires_at == fleet.clock.now() + PLAN_LASTS
    assert (plan.reason, plan.by, plan.cause) == ("it hangs", ANN, "hung")
    assert [one.gate for one in plan.gates][:2] == ["mode", "allowed"]
    assert plan.approvals == 0
    assert fleet.carrier.begun == []


async def test_a_plan_is_audited_and_told_with_the_head() -> None:
    fleet = Fleet()
    fleet.hangs()

    plan = await _plan(fleet)

    entry = _last(fleet)
    assert fleet.audited == ["planned"]
    assert (entry.plan, entry.who, entry.host) == (plan.id, "ann", "gpu1")
    assert ("token", "oncall-ann") in entry.detail
    assert ("digest", plan.digest) in entry.detail
    assert [one.record.plan for one in fleet.plans_told] == [plan]
    assert fleet.heads == [1]


async def test_a_plan_ends_and_changes_nothing() -> None:
    """The plan is the dry run."""
    fleet = Fleet()
    fleet.hangs()

    await _plan(fleet)

    assert fleet.journal.all_changes == {}
    assert fleet.journal.all_locks == {}


async def test_a_restart_is_confirmed_by_target_and_a_reboot_by_machine() -> (
    None
):
    fleet = Fleet()
    fleet.hangs()

    restart = await _plan(fleet)
    lose_gpu(fleet)
    reboot = await _plan(fleet, REBOOT)

    assert restart.confirm == "studio"
    assert (reboot.confirm, reboot.approvals) == ("gpu1", 1)


@pytest.mark.parametrize("is_well", [False, True])
async def test_the_steps_by_hand_are_told_where_only_we_are_in_the_way(
    *, is_well: bool
) -> None:
    """What another gate refuses is no better where people do it."""
    fleet = Fleet()
    fleet.hangs()
    fleet.hands.clear()
    lose_gpu(fleet)
    if is_well:
        fleet.diagnose("none")

    with pytest.raises(RefusedPlan, match="hand: ") as caught:
        await _plan(fleet, REBOOT)

    assert bool(caught.value.by_hand) is not is_well


async def test_whose_gate_is_skipped_needs_another_person() -> None:
    fleet = Fleet()
    glass = BreakGlass(gate="healthy", reason="a driver test")
    fleet.hangs()
    fleet.diagnose("none")

    plan = await _plan(fleet, glass=glass)

    skipped = [one for one in plan.gates if one.word is Word.SKIPPED]
    assert [one.gate for one in skipped] == ["healthy"]
    assert plan.approvals == 1
    assert ("break-glass", "healthy: a driver test") in _last(fleet).detail


async def test_automation_may_plan_what_a_person_has_to_apply() -> None:
    fleet = Fleet()
    fleet.hangs()

    plan = await _plan(fleet, by=RULE)

    assert plan.by == RULE
    assert _last(fleet).trigger == "automation"
    assert [k for k, _ in _last(fleet).detail if k == "gate mode"]


async def test_an_unknown_server_is_not_configured_and_audited() -> None:
    fleet = Fleet()
    name = "studio; rm -rf /" + "x" * 5_000

    with pytest.raises(NotConfigured, match=r"^cannot act: no target"):
        await _plan(fleet, replace(ASKED, target=name))

    assert fleet.audited == ["refused refused"]
    assert _last(fleet).target == name[:100]
    assert fleet.heads == [1]


async def test_an_empty_name_means_nobody_and_never_everybody() -> None:
    with pytest.raises(NotConfigured):
        await _plan(Fleet(), replace(ASKED, target=""))


async def test_what_a_gate_refuses_is_told_with_all_gates_and_steps() -> None:
    fleet = Fleet()

    error = await _refused(fleet)

    assert str(error).startswith("cannot restart studio: healthy: ")
    assert len(error.gates) > 10
    assert "systemctl restart" in error.steps[0]


async def test_a_refusal_is_audited_once_under_its_own_id() -> None:
    fleet = Fleet()

    await _refused(fleet)
    await _refused(fleet)

    ids = [one.entry.plan for one in fleet.journal.chain]
    assert fleet.audited == ["refused refused"] * 2
    assert len(set(ids)) == 2
    assert _last(fleet).host == "gpu1"
    assert fleet.journal.records == {}
    assert fleet.heads == [1, 2]


async def test_where_recovery_is_off_nobody_even_looks() -> None:
    fleet = Fleet()
    fleet.hangs()
    fleet.allow(mode="off")

    error = await _refused(fleet)

    assert "recovery.mode of studio is off" in str(error)
    assert (error.steps, error.gates) == ((), ())
    assert fleet.eye("studio", "status").looks == 0
    assert fleet.audited == ["refused refused"]


@pytest.mark.parametrize(
    "gate", ["identity", "lock", "approval", "hand", "audit", "host key", ""]
)
async def test_what_guards_the_blow_is_never_skipped(gate: str) -> None:
    fleet = Fleet()
    fleet.hangs()

    error = await _refused(
        fleet, glass=BreakGlass(gate=gate, reason="I am in a hurry")
    )

    assert "cannot skip the gate" in str(error)
    assert fleet.eye("studio", "status").looks == 0
    assert fleet.audited == ["refused refused"]


async def test_breaking_glass_takes_a_reason() -> None:
    fleet = Fleet()
    fleet.hangs()

    error = await _refused(
        fleet, glass=BreakGlass(gate="cooldown", reason=" \n")
    )

    assert "break_glass.reason is empty" in str(error)


async def test_a_reason_longer_than_anybody_reads_is_refused() -> None:
    fleet = Fleet()
    fleet.hangs()

    error = await _refused(fleet, reason="x" * 501)

    assert "501 characters" in str(error)


async def test_automation_breaks_no_glass() -> None:
    fleet = Fleet()
    fleet.hangs()

    error = await _refused(
        fleet, by=RULE, glass=BreakGlass(gate="cooldown", reason="hurry")
    )

    assert "only a person may skip a gate" in str(error)


async def test_an_action_that_is_not_built_is_refused_with_the_reason() -> (
    None
):
    fleet = Fleet()
    fleet.hangs()
    fleet.scene = replace(fleet.scene, steps={})

    with pytest.raises(RefusedPlan, match="this version cannot do"):
        await _plan(fleet, ASKED)


async def _as_many_as_anybody_reads(fleet: Fleet) -> None:
    plan = await _plan(fleet)
    for number in range(1, MOST_OPEN):
        copy = replace(plan, id=f"{plan.id}-{number}")
        fleet.journal.records[copy.id] = PlanRecord(plan=copy)


async def test_more_plans_than_anybody_reads_are_refused() -> None:
    fleet = Fleet()
    fleet.hangs()
    await _as_many_as_anybody_reads(fleet)

    with pytest.raises(RefusedPlan, match="200 plans are open already"):
        await _plan(fleet, by=BOB)

    assert len(fleet.journal.records) == MOST_OPEN


async def test_one_plan_less_than_anybody_reads_is_fine() -> None:
    fleet = Fleet()
    fleet.hangs()
    await _as_many_as_anybody_reads(fleet)
    fleet.journal.records.popitem()

    await _plan(fleet, by=BOB)

    assert len(fleet.journal.records) == MOST_OPEN


async def test_plans_whose_time_is_over_are_in_nobodys_way() -> None:
    fleet = Fleet()
    fleet.hangs()
    await _as_many_as_anybody_reads(fleet)
    fleet.clock.pass_time(PLAN_LASTS)
    fleet.hangs()

    plan = await _plan(fleet, by=BOB)

    assert plan.id in fleet.journal.records


async def test_with_a_full_disk_nothing_is_planned() -> None:
    fleet = Fleet()
    fleet.hangs()
    fleet.journal.full = True

    with pytest.raises(CannotStore):
        await _plan(fleet)

    assert fleet.told == []


async def test_what_is_audited_holds_together() -> None:
    fleet = Fleet()
    await _refused(fleet)
    fleet.hangs()
    await _plan(fleet)

    assert list(flaws(fleet.journal.chain, None)) == []


async def test_users_work_that_would_be_lost_is_told() -> None:
    fleet = Fleet()
    fleet.hangs()
    job = StartedJob(id="wedding", updated_at=999_990.0)
    fleet.eye("studio", "jobs").reading = JobsReading(
        directory="/opt/facefusion/.jobs", started=(job,)
    )

    plan = await _plan(fleet)

    assert plan.in_flight == ("job wedding",)
