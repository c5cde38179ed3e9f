"""A diagnosis sets its rule off, and again while it holds."""

from dataclasses import replace

from monitor.domain.alerts.alert import Outcome
from monitor.domain.alerts.rules import Rule
from monitor.domain.recovery.words import Action
from monitor.engine.automation.causes import AGAIN_AFTER, SOONEST
from tests.engine.automation.automatic import APPLIES, Automatic

RESTARTS = Rule(action=Action.RESTART, applies=True, diagnosis="hung")


async def test_a_cause_is_acted_on_as_soon_as_it_is_believed() -> None:
    house = Automatic(APPLIES, RESTARTS)

    await house.causes.work_off()
    await house.causes.work_off()

    assert house.came == [Outcome.APPLIED]
    (plan,) = await house.plans()
    assert plan.reason.startswith("it was diagnosed as hung at 1970-")
    assert plan.by.name == "automation: diagnosis hung"


async def test_what_is_refused_is_tried_again_after_a_while() -> None:
    house = Automatic(RESTARTS)
    house.fleet.heals()  # nobody believes it yet, but a second look does
    await house.causes.work_off()
    house.fleet.clock.pass_time(AGAIN_AFTER - 1)
    await house.causes.work_off()
    house.fleet.clock.pass_time(1.0)
    house.fleet.hangs()

    await house.causes.work_off()

    assert house.came == [Outcome.REFUSED, Outcome.APPLIED]


async def test_a_cause_that_comes_and_goes_is_acted_on_once_a_minute() -> None:
    house = Automatic(replace(RESTARTS, applies=False))
    for _ in range(7):
        house.fleet.diagnose("none")
        await house.causes.work_off()
        house.fleet.hangs()
        await house.causes.work_off()
        house.fleet.clock.pass_time(SOONEST / 5)

    assert house.came == [Outcome.PLANNED] * 2
    assert len(await house.plans()) == 1  # it is open yet


async def test_another_cause_is_acted_on_at_once() -> None:
    frees = replace(RESTARTS, diagnosis="process_down", applies=False)
    house = Automatic(RESTARTS, frees)
    house.fleet.heals()
    await house.causes.work_off()
    house.fleet.hangs()
    house.fleet.diagnose("process_down", "status", "process")

    await house.causes.work_off()

    assert house.came == [Outcome.REFUSED, Outcome.PLANNED]


async def test_a_server_that_is_being_changed_is_left_alone() -> None:
    house = Automatic(RESTARTS)
    house.busy["studio"] = "it is being restarted"

    await house.causes.work_off()
    meanwhile = list(house.came)
    house.busy.clear()
    await house.causes.work_off()

    assert meanwhile == []
    assert house.came == [Outcome.APPLIED]


async def test_what_was_believed_before_a_restart_waits_for_looks() -> None:
    house = Automatic(RESTARTS)
    held = house.fleet.ward.diagnoses["studio"]
    house.fleet.ward.diagnoses["studio"] = replace(held, recalled=True)

    await house.causes.work_off()

    assert house.came == []


async def test_without_rules_nothing_is_asked() -> None:
    house = Automatic(APPLIES)

    await house.causes.work_off()

    assert (house.came, await house.plans()) == ([], [])
