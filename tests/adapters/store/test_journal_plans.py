"""Plans and approvals: kept, approved, closed or applied, each once."""

from dataclasses import replace

import pytest

from monitor.domain.errors import Superseded
from monitor.domain.recovery.change import moved
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.words import Outcome, State
from monitor.ports.recovery import Journal
from tests.adapters.store.journal_desk import (
    ANN,
    BOB,
    applied,
    approval,
    change,
    entry,
    finished,
    intended,
    plan,
)


async def test_a_plan_is_read_as_it_was_kept(journal: Journal) -> None:
    await journal.keep_plan(plan(), entry())

    record = await journal.plan("p1")

    assert record is not None
    assert record.plan == plan()
    assert (record.approvals, record.change, record.outcome) == ((), "", None)


async def test_a_plan_that_was_never_kept_is_none(journal: Journal) -> None:
    assert await journal.plan("p1") is None


async def test_plans_are_told_newest_first(journal: Journal) -> None:
    for plan_id in ("p2", "p3", "p1"):
        await journal.keep_plan(plan(plan_id), entry())
    await journal.close_plan("p3", Outcome.EXPIRED, "15 min", entry())
    await journal.apply(change("c1"), entry())

    every = [one.plan.id for one in await journal.plans(limit=9)]
    newest = [one.plan.id for one in await journal.plans(limit=2)]
    open_ = await journal.plans(limit=9, only_open=True)

    assert every == ["p1", "p3", "p2"]
    assert newest == ["p1", "p3"]
    assert [one.plan.id for one in open_] == ["p2"]


async def test_a_plan_is_kept_once(journal: Journal) -> None:
    await journal.keep_plan(plan(), entry())

    with pytest.raises(Superseded) as caught:
        await journal.keep_plan(plan(), entry())

    assert caught.value.reason == "plan"
    assert len(await journal.audit(limit=9)) == 1


async def test_approvals_are_told_in_their_order(journal: Journal) -> None:
    await journal.keep_plan(plan(), entry())

    await journal.approve(approval(), entry("approved"))
    returned = await journal.approve(approval(by=ANN), entry("approved"))

    assert returned.approvals == (approval(), approval(by=ANN))
    assert await journal.plan("p1") == returned
    assert [one.approvals for one in await journal.plans(limit=1)] == [
        (approval(), approval(by=ANN))
    ]


@pytest.mark.parametrize(
    "again", [BOB, Principal(name="another-token", person="bob")]
)
async def test_a_person_approves_a_plan_once_under_whatever_token(
    journal: Journal, again: Principal
) -> None:
    await journal.keep_plan(plan(), entry())
    await journal.approve(approval(), entry("approved"))

    with pytest.raises(Superseded) as caught:
        await journal.approve(approval(by=again), entry("approved"))

    assert caught.value.reason == "person"
    assert len(await journal.audit(limit=9)) == 2


async def test_a_person_may_approve_two_plans(journal: Journal) -> None:
    for plan_id in ("p1", "p2"):
        await journal.keep_plan(plan(plan_id), entry())
        await journal.approve(approval(plan_id), entry("approved"))

    plans = await journal.plans(limit=9)

    assert [len(one.approvals) for one in plans] == [1, 1]


async def test_an_approval_of_something_else_is_refused(
    journal: Journal,
) -> None:
    await journal.keep_plan(plan(), entry())
    odd = replace(approval(), digest="0" * 64)

    with pytest.raises(Superseded) as caught:
        await journal.approve(odd, entry("approved"))

    assert caught.value.reason == "plan"


async def test_a_change_that_waits_may_be_approved(journal: Journal) -> None:
    await applied(journal, replace(change(), state=State.WAITING))

    record = await journal.approve(approval(), entry("approved"))

    assert record.approvals == (approval(),)


async def test_a_change_that_began_is_not_approved(journal: Journal) -> None:
    await applied(journal)

    with pytest.raises(Superseded) as caught:
        await journal.approve(approval(), entry("approved"))

    assert caught.value.reason == "plan"


@pytest.mark.parametrize("plan_id", ["p1", "p2"])
async def test_a_plan_that_is_closed_or_unknown_is_over(
    journal: Journal, plan_id: str
) -> None:
    await journal.keep_plan(plan(), entry())
    await journal.close_plan("p1", Outcome.DENIED, "no", entry("denied"))

    for call in (
        journal.approve(approval(plan_id), entry()),
        journal.close_plan(plan_id, Outcome.EXPIRED, "late", entry()),
        journal.apply(change(plan_id.replace("p", "c")), entry()),
    ):
        with pytest.raises(Superseded) as caught:
            await call
        assert caught.value.reason == "plan"
        assert str(caught.value).startswith("cannot ")

    assert len(await journal.audit(limit=9)) == 2


async def test_a_closed_plan_says_how_and_why(journal: Journal) -> None:
    await journal.keep_plan(plan(), entry())

    closed = await journal.close_plan("p1", Outcome.DENIED, "no", entry())

    assert (closed.outcome, closed.because) == (Outcome.DENIED, "no")
    assert await journal.plan("p1") == closed
    assert not closed.is_open


async def test_a_plan_is_applied_once(journal: Journal) -> None:
    first = await applied(journal)

    with pytest.raises(Superseded) as caught:
        await journal.apply(replace(change(), id="c2"), entry())

    record = await journal.plan("p1")
    assert caught.value.reason == "plan"
    assert record is not None
    assert (record.change, record.outcome) == ("c1", None)
    assert await journal.change("c1") == first == change()
    assert await journal.change("c2") is None


async def test_an_applied_plan_is_not_closed(journal: Journal) -> None:
    await applied(journal)

    with pytest.raises(Superseded):
        await journal.close_plan("p1", Outcome.EXPIRED, "late", entry())


async def test_a_change_has_its_own_id(journal: Journal) -> None:
    await applied(journal)
    await journal.keep_plan(plan("p2"), entry())

    with pytest.raises(Superseded):
        await journal.apply(replace(change(), plan="p2"), entry())

    assert await journal.change("c1") == change()


async def test_a_plan_gets_the_outcome_of_its_change(
    journal: Journal,
) -> None:
    going = await intended(journal, await applied(journal))
    sent = moved(going, State.SENT, "sent", going.updated_at)
    await journal.move(
        sent, entry("sent"), expected=State.INTENT, owner=sent.owner
    )
    await finished(journal, sent, Outcome.SUCCEEDED)

    record = await journal.plan("p1")

    assert record is not None
    assert record.outcome is Outcome.SUCCEEDED
    assert (record.because, record.change) == ("so it went", "c1")
