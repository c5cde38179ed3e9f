"""An alert becomes one plan or one change at most, by people's own gates."""

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from monitor.domain.alerts.alert import Alert, Outcome
from monitor.domain.alerts.rules import STALE_AFTER
from monitor.domain.errors import CannotStore
from monitor.domain.recovery.plan import PLAN_LASTS, Plan, PlanRecord
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.refusal import PlanOver
from monitor.domain.recovery.words import Action, Trigger
from monitor.engine.automation import alerts as working
from monitor.engine.automation.setting_off import SetOff, SettingOff, Wish
from monitor.engine.events import AlertsTold
from monitor.engine.recovery.asked import Recovery
from tests.engine.automation.automatic import APPLIES, PLANS, Automatic
from tests.engine.recovery.wards_parts import ANN
from tests.fakes.alerts import HUNG, OVER, other


class OneOver:
    """A desk with an open plan that holds no more, and one that does."""

    def __init__(self, old: PlanRecord, fresh: Plan) -> None:
        self._old = old
        self._fresh = fresh
        self.asked: list[str] = []

    async def plans(self, *, limit: int) -> list[PlanRecord]:
        return [self._old][:limit]

    async def plan(self, *_: object) -> Plan:
        self.asked.append("planned")
        return self._fresh

    async def apply(self, id_: str, *_: object) -> SimpleNamespace:
        self.asked.append(id_)
        if id_ == self._old.plan.id:
            raise PlanOver("cannot apply: it no longer holds")
        return SimpleNamespace(id=f"c-{id_}")


async def test_an_alert_is_kept_at_once_and_worked_off_afterwards() -> None:
    house = Automatic()

    kept = await house.alerts.take([HUNG])
    before = await house.changes()
    await house.alerts.work_off()

    assert (list(kept), before) == ([None], 0)
    assert house.outcomes == [(Outcome.APPLIED, 1)]
    assert await house.changes() == 1
    (plan,) = await house.plans()
    assert plan.by == Principal(
        name="automation: alert FaceFusionPage", trigger=Trigger.AUTOMATION
    )
    assert plan.aim.action is Action.RESTART
    assert plan.reason == (
        "alert FaceFusionPage fires since 2026-11-23T19:15:02.331Z"
        " (fingerprint d4c1b2a390e87f65)"
    )


async def test_a_rule_that_plans_leaves_the_rest_to_people() -> None:
    house = Automatic(PLANS)
    await house.alerts.take([HUNG])

    await house.alerts.work_off()

    assert house.outcomes == [(Outcome.PLANNED, 1)]
    assert (len(await house.plans()), await house.changes()) == (1, 0)


async def test_in_suggest_a_person_applies_what_it_planned() -> None:
    house = Automatic(mode="suggest")
    await house.alerts.take([HUNG])

    await house.alerts.work_off()

    assert house.outcomes == [(Outcome.PLANNED, 1)]
    assert "a person must apply it" in house.because
    assert await house.changes() == 0
    (plan,) = await house.plans()
    change = await house.fleet.a_desk().apply(plan.id, ANN)
    assert change.by == ANN


@pytest.mark.parametrize("mode", ["off", "auto"])
async def test_a_gate_that_refuses_is_heard(mode: str) -> None:
    house = Automatic(mode=mode)
    house.fleet.heals()
    await house.alerts.take([HUNG])

    await house.alerts.work_off()

    assert house.outcomes == [(Outcome.REFUSED, 1)]
    assert house.because.startswith("cannot restart studio")
    assert await house.changes() == 0


async def test_the_same_alert_again_is_a_duplicate() -> None:
    house = Automatic()
    await house.alerts.take([HUNG, HUNG])
    await house.alerts.work_off()

    kept = await house.alerts.take([HUNG])
    await house.alerts.work_off()

    assert list(kept) == [Outcome.DUPLICATE]
    assert house.outcomes == [
        (Outcome.DUPLICATE, 1),
        (Outcome.APPLIED, 1),
        (Outcome.DUPLICATE, 1),
    ]
    assert await house.changes() == 1


async def test_one_that_is_over_sets_nothing_off() -> None:
    house = Automatic()

    first = await house.alerts.take([HUNG, OVER])
    late = await house.alerts.take([HUNG])
    await house.alerts.work_off()

    assert list(first) == [None, Outcome.RESOLVED]
    assert list(late) == [Outcome.DUPLICATE]
    assert await house.plans() == []


async def test_several_alerts_of_one_server_share_its_open_plan() -> None:
    house = Automatic(PLANS)
    await house.alerts.take([HUNG, other(2)])

    await house.alerts.work_off()

    assert house.outcomes == [(Outcome.PLANNED, 1)] * 2
    assert len(await house.plans()) == 1


async def test_a_persons_plan_is_not_taken_for_its_own() -> None:
    house = Automatic(PLANS)
    await house.alerts.take([HUNG])
    await house.alerts.work_off()
    (ours,) = await house.plans()
    await house.fleet.a_desk().deny(ours.id, ANN, reason="not now")
    record = house.fleet.journal.records[ours.id]
    theirs = replace(ours, id="theirs", by=ANN)
    house.fleet.journal.records["theirs"] = replace(
        record, plan=theirs, outcome=None
    )

    await house.alerts.take([other(2)])
    await house.alerts.work_off()

    assert len(await house.plans()) == 3


async def test_what_a_dead_monitor_had_planned_is_not_planned_again() -> None:
    house = Automatic(PLANS)
    await house.alerts.take([HUNG])
    house.fleet.journal.written = _full_from("keep_plan", house)
    with pytest.raises(CannotStore):
        await house.alerts.work_off()
    house.inbox.fails = False
    house.fleet.clock.pass_time(60.0)

    alerts, _ = house.begun()
    await alerts.work_off()

    assert house.outcomes == [(Outcome.PLANNED, 1)]
    assert len(await house.plans()) == 1


async def test_what_a_dead_monitor_had_applied_is_not_applied_again() -> None:
    house = Automatic()
    await house.alerts.take([HUNG])
    house.fleet.journal.written = _full_from("apply", house)
    with pytest.raises(CannotStore):
        await house.alerts.work_off()
    house.inbox.fails = False

    alerts, _ = house.begun()
    await alerts.work_off()

    assert house.outcomes == [(Outcome.APPLIED, 1)]
    assert (len(await house.plans()), await house.changes()) == (1, 1)


def _full_from(name: str, house: Automatic):  # type: ignore[no-untyped-def] # noqa: ANN202 - a hook
    def written(what: str) -> None:
        house.inbox.fails = house.inbox.fails or what == name

    return written


async def test_a_plan_of_this_alert_that_is_over_is_not_made_anew() -> None:
    house = Automatic(PLANS)
    await house.alerts.take([HUNG])
    house.fleet.journal.written = _full_from("keep_plan", house)
    with pytest.raises(CannotStore):
        await house.alerts.work_off()
    house.inbox.fails = False
    (plan,) = await house.plans()
    await house.fleet.a_desk().deny(plan.id, ANN, reason="not now")

    await house.alerts.work_off()

    assert house.outcomes == [(Outcome.PLANNED, 1)]
    assert len(await house.plans()) == 1


async def test_a_plan_that_holds_no_more_when_applied_is_refused() -> None:
    house = Automatic()
    await house.alerts.take([HUNG])
    journal = house.fleet.journal

    def heals(what: str) -> None:
        if what == "keep_plan":
            house.fleet.heals()

    journal.written = heals
    await house.alerts.work_off()

    assert house.outcomes == [(Outcome.REFUSED, 1)]
    assert await house.changes() == 0


async def test_a_server_that_leaves_just_then_is_unknown() -> None:
    sets_off = SettingOff(Automatic().fleet.a_desk())

    came = await sets_off(Wish(rule=APPLIES, target="gone", reason="it fires"))

    assert came.outcome is Outcome.UNKNOWN_TARGET
    assert came.because.startswith("cannot act")


async def test_what_automation_may_no_more_do_alone_stays_planned() -> None:
    house = Automatic()
    await house.alerts.take([HUNG])

    def reloads(what: str) -> None:
        if what == "keep_plan":
            house.fleet.allow(auto=frozenset())

    house.fleet.journal.written = reloads
    await house.alerts.work_off()

    assert house.outcomes == [(Outcome.PLANNED, 1)]
    assert await house.changes() == 0


async def test_while_nothing_can_be_kept_nothing_is_lost() -> None:
    house = Automatic()
    house.inbox.fails = True
    with pytest.raises(CannotStore):
        await house.alerts.take([HUNG])
    house.inbox.fails = False
    await house.alerts.take([HUNG])
    house.inbox.fails = True
    with pytest.raises(CannotStore):
        await house.alerts.work_off()
    house.inbox.fails = False

    await house.alerts.work_off()

    assert house.outcomes == [(Outcome.APPLIED, 1)]


async def test_what_waited_too_long_is_stale() -> None:
    house = Automatic()
    await house.alerts.take([HUNG])
    house.fleet.clock.pass_time(STALE_AFTER + 1)

    await house.alerts.work_off()

    assert house.outcomes == [(Outcome.STALE, 1)]
    assert STALE_AFTER < PLAN_LASTS


async def test_many_are_worked_off_in_turns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(working, "AT_ONCE", 3)
    house = Automatic()
    await house.alerts.take(
        [other(n, replace(HUNG, name="SomethingElse")) for n in range(7)]
    )

    for _ in range(4):
        await house.alerts.work_off()

    assert house.outcomes == [(Outcome.NO_RULE, 1)] * 7


async def test_where_nothing_waits_the_disk_is_left_alone() -> None:
    house = Automatic()
    await house.alerts.work_off()
    house.inbox.fails = True

    await house.alerts.work_off()


async def test_the_wish_of_another_alert_is_another_plan() -> None:
    house = Automatic(APPLIES)
    house.fleet.allow(cooldown=0.0)
    await house.alerts.take([HUNG])
    await house.alerts.work_off()

    await house.alerts.take([other(2)])
    await house.alerts.work_off()

    assert len({plan.reason for plan in await house.plans()}) == 2


async def test_one_that_is_over_while_another_is_worked_off_is_left() -> None:
    """Each alert is judged when its turn comes, by what holds then."""
    house = Automatic()
    house.fleet.heals()
    late = replace(other(2), fingerprint="0" * 16)
    await house.alerts.take([HUNG, late])

    async def meanwhile(wish: Wish) -> SetOff:
        await house.alerts.take([replace(late, is_firing=False)])
        return SetOff(outcome=Outcome.PLANNED, because=wish.target)

    house.sets_off(meanwhile)

    await house.alerts.work_off()

    assert house.outcomes == [(Outcome.RESOLVED, 1), (Outcome.PLANNED, 1)]


async def test_one_that_breaks_keeps_no_other_from_its_turn() -> None:
    house = Automatic()
    late = replace(other(2), fingerprint="0" * 16)
    tries: list[str] = []

    async def breaks(wish: Wish) -> SetOff:
        tries.append(wish.reason)
        if len(tries) == 1:
            raise RuntimeError("a flaw of ours")
        return SetOff(outcome=Outcome.PLANNED, because="")

    house.sets_off(breaks)
    await house.alerts.take([HUNG, late])

    await house.alerts.work_off()
    await house.alerts.work_off()

    assert len(tries) == 2
    assert house.outcomes == [(Outcome.REFUSED, 1), (Outcome.PLANNED, 1)]
    first = next(o for o in house.fleet.told if isinstance(o, AlertsTold))
    assert "RuntimeError" in first.because


async def test_a_journal_that_fails_meanwhile_loses_no_alert() -> None:
    house = Automatic()
    fails = [CannotStore("cannot write the state: the disk is full")]

    async def sets_off(wish: Wish) -> SetOff:
        if fails:
            raise fails.pop()
        return SetOff(outcome=Outcome.APPLIED, because=wish.reason)

    house.sets_off(sets_off)
    await house.alerts.take([HUNG])
    with pytest.raises(CannotStore):
        await house.alerts.work_off()

    await house.alerts.work_off()

    assert house.outcomes == [(Outcome.APPLIED, 1)]


async def test_what_a_gate_refused_is_not_planned_for_each_alert() -> None:
    house = Automatic()
    tries: list[str] = []

    async def refuses(wish: Wish) -> SetOff:
        tries.append(wish.target)
        return SetOff(outcome=Outcome.REFUSED, because="it is well")

    house.sets_off(refuses)
    await house.alerts.take([HUNG, *(other(n) for n in range(2, 9))])

    await house.alerts.work_off()

    assert house.outcomes == [(Outcome.REFUSED, 1)] * 8
    assert tries == ["studio"]


async def test_an_open_plan_that_holds_no_more_is_made_anew() -> None:
    house = Automatic(PLANS)
    sets_off = SettingOff(house.fleet.a_desk())
    await sets_off(Wish(rule=PLANS, target="studio", reason="1"))
    (old,) = await house.fleet.journal.plans(limit=10)
    fresh = replace(old.plan, id="p2", reason="2")
    desk = OneOver(old, fresh)

    came = await SettingOff(cast("Recovery", desk))(
        Wish(rule=APPLIES, target="studio", reason="2")
    )

    assert came == SetOff(outcome=Outcome.APPLIED, because="change c-p2")
    assert desk.asked == [old.plan.id, "planned", "p2"]


async def test_what_was_applied_for_it_counts_before_a_newer_open_plan() -> (
    None
):
    """A monitor that died over it does nothing twice for one alert."""
    house = Automatic(PLANS)
    sets_off = SettingOff(house.fleet.a_desk())
    wish = Wish(rule=PLANS, target="studio", reason="alert 1")
    await sets_off(wish)
    (older,) = await house.fleet.journal.plans(limit=10)
    done = replace(older, change="c1")
    newer = replace(older, plan=replace(older.plan, id="p2", reason="2"))

    class Desk:
        async def plans(self, *, limit: int) -> list[PlanRecord]:
            return [newer, done][:limit]

    came = await SettingOff(cast("Recovery", Desk()))(wish)

    assert came == SetOff(outcome=Outcome.APPLIED, because="change c1")


async def test_a_plan_for_another_server_is_never_taken() -> None:
    house = Automatic()
    sets_off = SettingOff(house.fleet.a_desk())
    await sets_off(Wish(rule=APPLIES, target="studio", reason="one"))

    came = await sets_off(Wish(rule=APPLIES, target="attic", reason="one"))

    assert came.outcome is Outcome.REFUSED
    assert "attic" in came.because


async def test_what_was_kept_is_worked_off_whoever_hears_of_it() -> None:
    """Who asked may be gone before the answer: it waits all the same."""
    house = Automatic()
    await house.alerts.work_off()
    await house.inbox.keep([HUNG], at=house.fleet.clock.now())

    await house.alerts.take([HUNG])
    await house.alerts.work_off()

    assert house.outcomes == [(Outcome.DUPLICATE, 1), (Outcome.APPLIED, 1)]


async def test_one_waits_until_its_server_was_looked_at_since_the_start() -> (
    None
):
    house = Automatic()
    house.known.clear()
    await house.alerts.take([HUNG])
    await house.alerts.work_off()
    before = list(house.outcomes)
    house.known.add("studio")

    await house.alerts.work_off()

    assert (before, house.outcomes) == ([], [(Outcome.APPLIED, 1)])


async def test_one_that_is_kept_while_others_are_worked_off_waits() -> None:
    house = Automatic()
    keep = house.inbox.keep

    async def late(
        alerts: Sequence[Alert], *, at: float
    ) -> Sequence[Outcome | None]:
        await house.alerts.work_off()
        return await keep(alerts, at=at)

    house.inbox.keep = late  # type: ignore[method-assign] # a slow disk
    await house.alerts.take([HUNG])

    await house.alerts.work_off()

    assert house.outcomes == [(Outcome.APPLIED, 1)]
