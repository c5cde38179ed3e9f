"""The desk's audit: every request has one end, and the chain holds."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from monitor.domain.recovery.audit import GENESIS, Entry, Sealed, seal
from monitor.domain.recovery.plan import PLAN_LASTS
from monitor.domain.recovery.refusal import PlanOver, UnknownRequest
from monitor.domain.recovery.words import Action
from monitor.engine.recovery.asked import Asked
from monitor.engine.recovery.desk import Desk
from monitor.engine.recovery.desk_chain import (
    MOST_FLAWS,
    PAGE,
    flaws_of_chain,
)
from monitor.engine.recovery.desk_telling import Herald
from tests.engine.recovery.wards import Fleet
from tests.engine.recovery.wards_parts import ANN, BOB
from tests.fakes.journal import FakeJournal

ASKED = Asked(action=Action.RESTART, target="studio", reason="it hangs")


def _fleet() -> tuple[Fleet, Desk]:
    fleet = Fleet()
    fleet.hangs()
    return fleet, fleet.a_desk()


def _chain(journal: FakeJournal, length: int) -> list[Sealed]:
    for number in range(length):
        entry = Entry(at=float(number), what="planned", plan="p", who="ann")
        journal.seal(entry)
    return journal.chain


async def test_the_audit_and_the_lists_are_the_journals() -> None:
    fleet, desk = _fleet()
    plan = await desk.plan(ASKED, ANN)
    other = await desk.plan(ASKED, BOB)
    change = await desk.apply(plan.id, ANN)

    assert [one.plan for one in await desk.plans(limit=5)] == [other, plan]
    assert (await desk.plan_record(plan.id)).change == change.id
    assert await desk.change(change.id) == change
    assert await desk.changes(limit=5, target="studio") == [change]
    assert await desk.changes(limit=5, before=change.id) == []
    assert await desk.audit(limit=5, after=1) == fleet.journal.chain[1:]
    mine = await desk.audit(limit=5, plan=plan.id)
    assert [one.entry.what for one in mine] == ["planned", "applied"]


async def test_unknown_requests_have_no_record() -> None:
    _, desk = _fleet()

    with pytest.raises(UnknownRequest):
        await desk.plan_record("p404")
    with pytest.raises(UnknownRequest):
        await desk.change("c404")


async def test_a_whole_chain_has_no_flaws() -> None:
    _, desk = _fleet()
    plan = await desk.plan(ASKED, ANN)
    await desk.deny(plan.id, BOB, reason="no")

    assert await desk.verify() == ()


async def test_an_empty_chain_has_no_flaws() -> None:
    _, desk = _fleet()

    assert await desk.verify() == ()


async def test_an_edited_row_is_found() -> None:
    fleet, desk = _fleet()
    plan = await desk.plan(ASKED, ANN)
    await desk.deny(plan.id, BOB, reason="no")
    first = fleet.journal.chain[0]
    edited = replace(first, entry=replace(first.entry, who="bob"))
    fleet.journal.chain[0] = edited

    assert await desk.verify() == ("cannot trust entry 1: it was changed",)


async def test_a_chain_that_was_cut_is_found_by_what_was_told() -> None:
    fleet, desk = _fleet()
    plan = await desk.plan(ASKED, ANN)
    await desk.deny(plan.id, BOB, reason="no")
    fleet.journal.chain.pop()

    (told,) = await desk.verify()

    assert told.startswith("cannot find entry 2 as it was told before")


async def test_a_chain_that_was_made_anew_is_found_by_what_was_told() -> None:
    fleet, desk = _fleet()
    await desk.plan(ASKED, ANN)
    old = fleet.journal.chain[0]
    fleet.journal.chain[0] = seal(replace(old.entry, who="bob"), None)

    (told,) = await desk.verify()

    assert told.startswith("cannot find entry 1 as it was told before")


async def test_the_head_of_the_journal_must_be_in_its_audit() -> None:
    """A database whose answers contradict each other."""
    journal = FakeJournal()
    chain = _chain(journal, 3)
    lost = seal(Entry(at=9.0, what="outcome", plan="p", who="a"), chain[-1])

    (told,) = await flaws_of_chain(journal, (lost, None))

    assert told.startswith("cannot find entry 4")


@pytest.mark.parametrize("length", [PAGE - 1, PAGE, PAGE + 1, 2 * PAGE + 3])
async def test_a_chain_of_many_pages_holds_together(length: int) -> None:
    journal = FakeJournal()
    chain = _chain(journal, length)

    assert await flaws_of_chain(journal, (chain[-1], chain[0])) == ()


@pytest.mark.parametrize("place", [0, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE])
async def test_an_edited_row_is_found_once_on_any_page(place: int) -> None:
    journal = FakeJournal()
    chain = _chain(journal, 2 * PAGE + 1)
    one = chain[place]
    chain[place] = replace(one, entry=replace(one.entry, who="bob"))

    found = await flaws_of_chain(journal, ())

    assert found == (f"cannot trust entry {place + 1}: it was changed",)


@pytest.mark.parametrize("place", [0, PAGE - 1, PAGE, PAGE + 1])
async def test_a_missing_row_is_found_on_any_page(place: int) -> None:
    journal = FakeJournal()
    chain = _chain(journal, 2 * PAGE)
    del chain[place]

    found = await flaws_of_chain(journal, ())

    assert found == (
        f"cannot trust entry {place + 2}: it does not follow entry {place}",
    )


async def test_a_row_that_claims_to_be_first_is_found_behind_a_page() -> None:
    journal = FakeJournal()
    chain = _chain(journal, PAGE + 1)
    chain[PAGE] = replace(chain[PAGE], before=GENESIS)

    assert len(await flaws_of_chain(journal, ())) == 1


async def test_a_chain_that_is_broken_everywhere_is_told_shortly() -> None:
    journal = FakeJournal()
    chain = _chain(journal, 3 * MOST_FLAWS)
    journal.chain = [replace(one, hash="0" * 64) for one in chain]

    assert len(await flaws_of_chain(journal, ())) == MOST_FLAWS


class Stuck(FakeJournal):
    """A journal that gives the same page for ever."""

    @override
    async def audit(
        self, *, after: int = 0, limit: int, plan: str = ""
    ) -> Sequence[Sealed]:
        return await super().audit(after=0, limit=limit + after, plan=plan)


async def test_reading_ends_whatever_the_journal_answers() -> None:
    journal = Stuck()
    _chain(journal, 3)

    assert await flaws_of_chain(journal, ()) == ()


@settings(max_examples=60)
@given(
    length=st.integers(min_value=1, max_value=12),
    place=st.integers(min_value=0, max_value=11),
    who=st.text(max_size=5),
)
async def test_any_edit_is_found(length: int, place: int, who: str) -> None:
    journal = FakeJournal()
    chain = _chain(journal, length)
    place %= length
    one = chain[place]
    entry = replace(one.entry, who=who)
    chain[place] = replace(one, entry=entry)

    found = await flaws_of_chain(journal, (chain[-1],))

    assert bool(found) is (entry != one.entry)


async def test_a_head_is_told_once_and_never_an_older_one() -> None:
    fleet = Fleet()
    _chain(fleet.journal, 2)
    herald = Herald(fleet.journal, fleet.tell)

    await herald.written()
    await herald.written()
    newest = fleet.journal.chain.pop()
    await herald.written()

    assert fleet.heads == [2]
    assert herald.last == newest


async def test_without_an_audit_no_head_is_told() -> None:
    fleet = Fleet()

    await Herald(fleet.journal, fleet.tell).written()

    assert fleet.told == []


async def test_a_head_that_cannot_be_read_harms_nobody() -> None:
    fleet = Fleet()
    _chain(fleet.journal, 1)
    fleet.journal.full = True

    await Herald(fleet.journal, fleet.tell).written()

    assert fleet.told == []


async def test_what_the_runner_told_last_must_be_there_too() -> None:
    fleet = Fleet()
    herald = Herald(fleet.journal, fleet.tell)
    desk = Desk(
        clock=fleet.clock,
        journal=fleet.journal,
        scene=fleet.scene,
        runner=fleet.carrier,
        tell=fleet.tell,
        new_id=fleet.new_id,
        owner="monitor-1",
        herald=herald,
    )
    _chain(fleet.journal, 2)
    await herald.written()
    fleet.journal.chain.pop()

    (told,) = await desk.verify()

    assert told.startswith("cannot find entry 2")


async def test_every_request_has_exactly_one_end() -> None:
    fleet, desk = _fleet()
    plans = [await desk.plan(ASKED, ANN) for _ in range(4)]
    await desk.deny(plans[0].id, BOB, reason="no")
    await desk.attest(plans[1].id, ANN, done="it")
    change = await desk.apply(plans[2].id, ANN)
    await desk.cancel(change.id, BOB)
    fleet.clock.pass_time(PLAN_LASTS)
    for plan in plans:
        with pytest.raises(PlanOver):
            await desk.apply(plan.id, ANN)
        with pytest.raises(PlanOver):
            await desk.deny(plan.id, BOB, reason="no")

    assert [fleet.outcomes[one.id] for one in plans] == [
        ["denied"],
        ["planned_only"],
        ["cancelled"],
        ["expired"],
    ]
    assert await desk.verify() == ()
