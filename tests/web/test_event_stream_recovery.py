"""Listeners hear what is planned for a server, and what is done to it."""

from monitor.domain.recovery.words import Outcome, State
from monitor.engine.events import Audited, ChangeTold, PlanTold
from tests.outputs.recovering import change, closed, over, record, sealed
from tests.web.api_house import ApiHouse
from tests.web.test_event_stream import listening

NOW = "1970-01-12T13:46:40Z"
ABOUT = {"at": NOW, "kind": "target", "subject": "studio"}


async def test_a_plan_is_told_as_it_stands() -> None:
    house = ApiHouse()
    made = record(approvals=1, given=1)
    house.hub.heard(PlanTold(record=made))
    house.hub.heard(PlanTold(record=closed(made, Outcome.DENIED, "no need")))

    ear = await listening(house, last_id="run1-0")
    approved, denied = await ear.heard()

    plan = approved.data.pop("plan")
    assert (approved.event, denied.event) == ("plan", "plan")
    assert approved.data == ABOUT | {"check": "plan"}
    assert (plan["id"], plan["state"], plan["outcome"]) == ("p1", "open", None)
    assert [one["who"] for one in plan["approvals"]["given"]] == ["ben"]
    assert plan["steps"] == ["restart facefusion.service"]
    assert denied.data["plan"]["outcome"] == "denied"
    assert denied.data["plan"]["because"] == "no need"
    await ear.close()


async def test_a_change_is_told_with_where_it_was_before() -> None:
    house = ApiHouse()
    sent = change(state=State.SENT, progress="the gate has it")
    ended = over(sent, Outcome.SUCCEEDED, took=3, because="it is well")
    house.hub.heard(ChangeTold(change=change()))
    house.hub.heard(ChangeTold(change=sent, before=State.INTENT))
    house.hub.heard(ChangeTold(change=ended, before=State.VERIFYING))

    ear = await listening(house, last_id="run1-0")
    began, goes_on, is_over = await ear.heard()

    assert [one.event for one in (began, goes_on, is_over)] == ["change"] * 3
    assert (began.data["before"], goes_on.data["before"]) == (None, "intent")
    assert goes_on.data["change"]["progress"] == "the gate has it"
    assert is_over.data["change"]["outcome"] == "succeeded"
    assert is_over.data["change"]["because"] == "it is well"
    assert set(is_over.data) == {*ABOUT, "check", "before", "change"}
    await ear.close()


async def test_the_audit_is_no_news_and_other_targets_are_left_out() -> None:
    house = ApiHouse()
    house.hub.heard(Audited(sealed=sealed()))
    for name in ("attic", "studio"):
        house.hub.heard(PlanTold(record=record(target=name)))
        house.hub.heard(ChangeTold(change=change(target=name)))

    ear = await listening(house, last_id="run1-0", target="studio")
    heard = await ear.heard()

    assert [(one.event, one.data["subject"]) for one in heard] == [
        ("plan", "studio"),
        ("change", "studio"),
    ]
    assert house.broken == []
    await ear.close()
