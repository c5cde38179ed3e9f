"""The scene: what gates and plans see, looked at afresh."""

from dataclasses import replace

import pytest

from monitor.domain.errors import NotConfigured
from monitor.domain.health import Health
from monitor.domain.joblog.reading import JobsReading, StartedJob
from monitor.domain.recovery.change import Change
from monitor.domain.recovery.digest import digest
from monitor.domain.recovery.past import Deed
from monitor.domain.recovery.plan import BreakGlass
from monitor.domain.recovery.situation import SecondLook, Situation
from monitor.domain.recovery.words import Action, State
from monitor.engine.recovery.scene import Scene
from monitor.ports.recovery import Lock
from tests.engine.recovery.wards import Fleet
from tests.engine.recovery.wards_parts import (
    ANN,
    BOOT,
    CHILD,
    OTHER_BOOT,
    SERVER,
    key,
)

RESTART = Action.RESTART


def _only_restarts(scene: Scene) -> Scene:
    return replace(scene, steps={RESTART: scene.steps[RESTART]})


async def _second(fleet: Fleet) -> SecondLook:
    return (await fleet.scene.observe("studio", RESTART)).second


async def _situation(
    fleet: Fleet, target: str = "studio", action: Action = RESTART
) -> Situation:
    seen = await fleet.scene.observe(target, action)
    return await fleet.scene.situation(target, action, seen, by=ANN)


def _under_way(fleet: Fleet, target: str, state: State) -> Change:
    now = fleet.clock.now()
    host = fleet.board.targets[target].host
    change = Change(
        id=f"change-{target}",
        plan=f"plan-{target}",
        action=RESTART,
        target=target,
        host=host,
        by=ANN,
        state=state,
        because="it goes on",
        created_at=now - 60,
        updated_at=now - 60,
        expires_at=now + 600,
        owner="monitor-2",
        intent_at=now - 60 if state is State.SENT else None,
    )
    fleet.journal.all_changes[change.id] = change
    return change


async def test_a_status_that_fails_just_now_agrees() -> None:
    fleet = Fleet()
    fleet.hangs()

    second = await _second(fleet)

    assert second.agrees is True
    assert "no answer within 5 s" in second.because


async def test_a_server_that_answers_again_is_not_sick() -> None:
    fleet = Fleet()
    fleet.hangs()
    fleet.heals()

    second = await _second(fleet)

    assert second.agrees is False
    assert second.because.startswith("it answers just now")


async def test_an_answer_counts_more_than_a_process_that_looks_gone() -> None:
    fleet = Fleet()
    fleet.hangs()
    fleet.heals()
    fleet.eye("studio", "process").fails("process_down")

    assert (await _second(fleet)).agrees is False


async def test_a_gpu_fact_does_not_outweigh_a_server_that_came_back() -> None:
    """Its status was down before: the diagnosis did rest on that."""
    fleet = Fleet()
    fleet.hangs()
    fleet.diagnose("oom_killed", "host", "gpu", "status")
    fleet.heals()

    assert (await _second(fleet)).agrees is False


@pytest.mark.parametrize("check", ["logs", "gpu", "canary.enhance"])
async def test_what_lies_beside_the_status_is_a_second_opinion(
    check: str,
) -> None:
    fleet = Fleet()
    fleet.diagnose("cuda_fault", check, "status")

    second = await _second(fleet)

    assert second.agrees is True
    assert f"{check} speaks for it" in second.because


async def test_a_fact_that_is_too_old_is_no_second_opinion() -> None:
    fleet = Fleet()
    fleet.clock.pass_time(1_000.0)
    fleet.diagnose("cuda_fault", "logs")

    assert (await _second(fleet)).agrees is False


async def test_a_fact_of_a_check_that_fell_silent_is_too_old() -> None:
    """The status is known and well: only the log is old."""
    fleet = Fleet()
    fleet.diagnose("cuda_fault", "logs")
    del fleet.eyes[key("studio", "logs")]
    fleet.clock.pass_time(100.0)
    fleet.believe()

    assert (await _second(fleet)).agrees is False


async def test_what_was_ill_before_a_restart_of_ours_waits_for_looks() -> None:
    fleet = Fleet()
    held = fleet.diagnose("cuda_fault")
    fleet.ward.diagnoses["studio"] = replace(held, recalled=True)

    answers = await _second(fleet)
    fleet.hangs()
    hangs = await _second(fleet)

    assert (answers.agrees, answers.is_early) == (None, True)
    assert "was not looked at again yet" in answers.because
    assert (hangs.agrees, hangs.is_early) == (True, False)


async def test_a_status_that_is_well_outweighs_what_it_said_itself() -> None:
    fleet = Fleet()
    fleet.diagnose("hung", "status", "process")

    assert (await _second(fleet)).agrees is False


async def test_a_fact_of_a_check_that_is_gone_is_no_second_opinion() -> None:
    fleet = Fleet()
    fleet.diagnose("cuda_fault", "canary.removed")

    assert (await _second(fleet)).agrees is False


async def test_the_host_is_a_second_vantage() -> None:
    fleet = Fleet()
    fleet.hangs()
    fleet.eye("studio", "status").is_there = False
    fleet.eye("studio", "process").fails("process_down", "it does not run")

    second = await _second(fleet)

    assert second.agrees is True
    assert "it does not run" in second.because


async def test_nobody_knows_where_nobody_could_look() -> None:
    fleet = Fleet()
    fleet.hangs()
    for check in ("status", "process"):
        fleet.eye("studio", check).is_there = False

    second = await _second(fleet)

    assert second == SecondLook(
        agrees=None, because="nobody could look at it just now"
    )


async def test_looks_that_tell_nothing_are_repeated_in_words() -> None:
    fleet = Fleet()
    fleet.hangs()
    fleet.eye("studio", "status").fails("404", "not ours", Health.UNKNOWN)
    fleet.eye("studio", "process").fails("auth", "no key", Health.UNKNOWN)

    second = await _second(fleet)

    assert second.agrees is None
    assert "studio/status: not ours" in second.because
    assert "studio/process: no key" in second.because


async def test_looking_at_an_unknown_server_is_an_error() -> None:
    with pytest.raises(NotConfigured, match=r"^cannot act: no target"):
        await Fleet().scene.observe("nobody", RESTART)


async def test_a_look_shows_what_it_read() -> None:
    fleet = Fleet()
    fleet.clock.pass_time(5.0)

    seen = await fleet.scene.observe("studio", RESTART)

    assert seen.at == fleet.clock.now()
    assert seen.service is not None
    assert seen.service.boot_id == BOOT
    assert seen.status is not None
    assert seen.status.at == fleet.clock.now()


async def test_a_host_that_tells_nothing_has_no_service() -> None:
    fleet = Fleet()
    fleet.eye("studio", "process").is_there = False

    assert (await fleet.scene.observe("studio", RESTART)).service is None


async def test_control_addresses_that_fail_just_now_blind_us() -> None:
    fleet = Fleet()
    fleet.hangs()
    fleet.control.fails("unreachable", "none of 2 addresses answers")

    assert (await _situation(fleet)).blind == "none of 2 addresses answers"


async def test_control_addresses_that_answer_again_blind_nobody() -> None:
    fleet = Fleet()
    fleet.control.fails("unreachable")
    fleet.believe()
    fleet.control.works()

    assert (await _situation(fleet)).blind == ""


async def test_without_a_look_now_the_last_one_at_the_control_counts() -> None:
    fleet = Fleet()
    fleet.control.fails("unreachable", "none answers")
    fleet.believe()
    fleet.control.is_there = False

    assert (await _situation(fleet)).blind == "none answers"


async def test_without_control_addresses_nobody_says_that_we_are_blind() -> (
    None
):
    fleet = Fleet()
    fleet.control.is_there = False

    assert (await _situation(fleet)).blind == ""


async def test_a_monitor_that_is_late_is_blind() -> None:
    fleet = Fleet()
    fleet.diagnose("monitor_blind", because="the monitor was 9 s late")

    assert (await _situation(fleet)).blind == "the monitor was 9 s late"


async def test_the_diagnosis_in_force_is_told() -> None:
    fleet = Fleet()
    fleet.diagnose("none", since=999_000.0)

    situation = await _situation(fleet)

    assert situation.diagnosis == fleet.ward.diagnosis("studio")


async def test_no_data_are_no_diagnosis() -> None:
    fleet = Fleet()
    fleet.diagnose("no_data")

    situation = await _situation(fleet)

    assert situation.diagnosis is None


@pytest.mark.parametrize(
    ("seconds", "is_known"), [(120.0, True), (121.0, False)]
)
async def test_a_diagnosis_that_nobody_weighs_any_more_is_none(
    seconds: float, *, is_known: bool
) -> None:
    fleet = Fleet()
    fleet.hangs()
    fleet.clock.pass_time(seconds)

    assert ((await _situation(fleet)).diagnosis is not None) is is_known


async def test_planned_work_is_told_in_words() -> None:
    fleet = Fleet()
    fleet.book.plan("studio", "new power supply")

    assert (await _situation(fleet)).maintenance == (
        "new power supply (by cleo, until 1970-01-24 03:33:20 UTC)"
    )


async def test_users_work_is_read_from_a_look_just_now() -> None:
    fleet = Fleet()
    fleet.hangs()
    jobs = JobsReading(
        directory="/opt/facefusion/.jobs",
        started=(StartedJob(id="wedding", updated_at=999_990.0),),
    )
    fleet.eye("studio", "jobs").reading = jobs

    seen = await fleet.scene.observe("studio", RESTART)
    situation = await fleet.scene.situation(
        "studio", RESTART, seen, by=ANN, waited=42.0
    )

    assert situation.work.jobs == ("job wedding",)
    assert situation.work.waited == 42.0


async def test_peers_are_all_servers_and_whether_they_serve() -> None:
    fleet = Fleet()
    fleet.hangs()
    fleet.eye("attic", "status").fails("404", "not ours", Health.UNKNOWN)
    fleet.believe()

    peers = {one.name: one.serves for one in (await _situation(fleet)).peers}

    assert peers == {
        "annex": True,
        "attic": None,
        "porch": True,
        "studio": False,
    }


async def test_a_server_without_a_status_check_serves_as_nobody_knows() -> (
    None
):
    fleet = Fleet()
    left = [
        one.check
        for one in fleet.board.entries()
        if one.check.key != key("annex", "status")
    ]
    fleet.board.rewire(
        fleet.board.targets.values(), fleet.board.hosts.values(), left
    )

    peers = {one.name: one.serves for one in await fleet.scene.peers()}

    assert peers["annex"] is None


@pytest.mark.parametrize(
    ("state", "is_changing"),
    [
        (State.WAITING, False),
        (State.READY, False),
        (State.DRAINING, False),
        (State.INTENT, True),
        (State.UNKNOWN, True),
        (State.ENDED, False),
    ],
)
async def test_a_server_is_being_changed_from_the_intent_on(
    state: State, *, is_changing: bool
) -> None:
    fleet = Fleet()
    _under_way(fleet, "annex", state)

    peers = {one.name: one.is_changing for one in await fleet.scene.peers()}

    assert peers["annex"] is is_changing


async def test_a_change_is_not_in_its_own_way() -> None:
    fleet = Fleet()
    change = _under_way(fleet, "annex", State.SENT)

    peers = await fleet.scene.peers(besides=change.id)

    assert not any(one.is_changing for one in peers)


async def test_the_past_is_that_of_this_server() -> None:
    fleet = Fleet()
    mine = _under_way(fleet, "studio", State.SENT)
    _under_way(fleet, "annex", State.SENT)

    assert (await _situation(fleet)).past == (
        Deed(
            change=mine.id,
            action=RESTART,
            target="studio",
            intent_at=fleet.clock.now() - 60,
        ),
    )


@pytest.mark.parametrize(
    ("days", "cooldown", "counts"),
    [(6.9, 600.0, True), (7.1, 600.0, False), (7.1, 8 * 86_400.0, True)],
)
async def test_the_past_reaches_back_as_far_as_anything_counts(
    days: float, cooldown: float, *, counts: bool
) -> None:
    fleet = Fleet()
    _under_way(fleet, "studio", State.SENT)
    fleet.allow(cooldown=cooldown)
    fleet.clock.pass_time(days * 86_400.0)

    assert bool((await _situation(fleet)).past) is counts


async def test_a_budget_over_weeks_counts_weeks() -> None:
    fleet = Fleet()
    _under_way(fleet, "studio", State.SENT)
    budgets = fleet.policies["studio"].budgets
    month = replace(budgets[RESTART], window=30 * 86_400.0)
    fleet.allow(budgets={**budgets, RESTART: month})
    fleet.clock.pass_time(29 * 86_400.0)

    assert (await _situation(fleet)).past


async def test_a_lock_on_its_machine_says_who_acts_there() -> None:
    fleet = Fleet()
    _lock(fleet, "gpu1", "c7")
    _lock(fleet, "gpu2", "c8")

    assert (await _situation(fleet)).lock == (
        "change c7 of monitor-2 acts on gpu1; its lock lasts until"
        " 1970-01-12 13:46:40 UTC"
    )


async def test_a_lock_that_ran_out_is_still_in_the_way() -> None:
    fleet = Fleet()
    _lock(fleet, "gpu1", "c7")
    fleet.clock.pass_time(3_600.0)

    assert "change c7" in (await _situation(fleet)).lock


async def test_a_lock_elsewhere_is_in_nobodys_way() -> None:
    fleet = Fleet()
    _lock(fleet, "gpu2", "c8")

    assert (await _situation(fleet)).lock == ""


async def test_its_own_lock_and_intent_are_not_in_its_way() -> None:
    fleet = Fleet()
    _lock(fleet, "gpu1", "c7")
    mine = replace(_under_way(fleet, "studio", State.SENT), id="c7")
    fleet.journal.all_changes = {"c7": mine}
    seen = await fleet.scene.observe("studio", RESTART)

    situation = await fleet.scene.situation(
        "studio", RESTART, seen, by=ANN, change="c7"
    )

    assert situation.lock == ""
    assert not any(one.is_changing for one in situation.peers)


def _lock(fleet: Fleet, host: str, change: str) -> None:
    fleet.journal.all_locks[host] = Lock(
        host=host, change=change, owner="monitor-2", token=3, until=1_000_000.0
    )


async def test_a_machine_that_lets_us_act_has_a_hand() -> None:
    assert (await _situation(Fleet())).hand == ""


async def test_a_machine_without_a_key_says_so() -> None:
    fleet = Fleet()
    fleet.hands.clear()

    assert (await _situation(fleet)).hand == "gpu1 has no act_key_file"


async def test_a_server_without_a_machine_cannot_be_acted_on() -> None:
    hand = (await _situation(Fleet(), "porch")).hand

    assert "targets[].host" in hand


async def test_a_server_without_a_service_cannot_be_acted_on() -> None:
    fleet = Fleet()
    del fleet.services["studio"]

    assert "targets[].service" in (await _situation(fleet)).hand


async def test_an_action_that_is_not_built_cannot_be_done() -> None:
    fleet = Fleet()
    fleet.scene = _only_restarts(fleet.scene)

    situation = await _situation(fleet, action=Action.FREE_GPU_MEMORY)

    assert situation.hand == "this version cannot do free-gpu-memory itself"


async def test_a_server_without_a_policy_lets_nothing_be_done() -> None:
    fleet = Fleet()
    del fleet.policies["studio"]

    assert (await _situation(fleet)).policy.allow == frozenset()


async def test_the_aim_names_exactly_what_is_ended() -> None:
    fleet = Fleet()
    fleet.runs(CHILD, SERVER)
    glass = BreakGlass(gate="cooldown", reason="a customer waits")
    seen = await fleet.scene.observe("studio", RESTART)

    aim = fleet.scene.aim("studio", RESTART, seen, glass)

    assert (aim.host, aim.manager, aim.unit, aim.port, aim.boot_id) == (
        "gpu1",
        "systemd",
        "facefusion.service",
        9002,
        BOOT,
    )
    assert [one.pid for one in aim.processes] == [4242, 4300]
    assert "systemctl restart -- facefusion.service" in aim.steps[0]
    assert aim.break_glass == glass


async def test_the_aim_at_a_server_that_nobody_could_see_names_nothing() -> (
    None
):
    fleet = Fleet()
    seen = await fleet.scene.observe("porch", RESTART)

    aim = fleet.scene.aim("porch", RESTART, seen)

    assert (aim.boot_id, aim.processes, aim.steps) == ("", (), ())


async def test_an_action_that_is_not_built_has_no_steps() -> None:
    fleet = Fleet()
    seen = await fleet.scene.observe("studio", RESTART)

    scene = _only_restarts(fleet.scene)
    aim = scene.aim("studio", Action.FREE_GPU_MEMORY, seen)

    assert aim.steps == ()


async def test_the_same_look_gives_the_same_digest_and_a_reboot_another() -> (
    None
):
    fleet = Fleet()
    seen = await fleet.scene.observe("studio", RESTART)
    before = digest(fleet.scene.aim("studio", RESTART, seen))
    again = digest(fleet.scene.aim("studio", RESTART, seen))
    fleet.reads(lambda one: replace(one, boot_id=OTHER_BOOT))
    later = await fleet.scene.observe("studio", RESTART)

    assert before == again
    assert before != digest(fleet.scene.aim("studio", RESTART, later))


def test_a_scene_can_do_every_action_by_itself() -> None:
    fleet = Fleet()
    scene = fleet.scene

    plain = Scene(
        clock=scene.clock,
        board=scene.board,
        evidence=scene.evidence,
        ward=scene.ward,
        book=scene.book,
        journal=scene.journal,
        policies=scene.policies,
        services=scene.services,
        look=scene.look,
        hands=scene.hands,
        why_no_hand=scene.why_no_hand,
    )

    assert set(plain.steps) == set(Action)
