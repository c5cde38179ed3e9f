"""The audit: in order, bound together, one entry for each that changed."""

import pytest

from monitor.domain.recovery.audit import GENESIS, Entry, flaws
from monitor.domain.recovery.words import Outcome
from monitor.ports.recovery import Journal
from tests.adapters.store.journal_desk import (
    NOW,
    applied,
    approval,
    change,
    entry,
    finished,
    intended,
    plan,
)

WHOLE = Entry(
    at=NOW,
    what="outcome",
    plan="p1",
    who="ann",
    action="restart",
    target="studio",
    host="gpu1",
    change="c1",
    trigger="person",
    outcome="succeeded",
    because="it answers again, slept\nwell\0 'ünïcode'; --",
    detail=(("token", "7"), ("steps", "a\nb")),
)


async def test_an_entry_is_read_as_it_was_written(journal: Journal) -> None:
    await journal.note(WHOLE)

    [one] = await journal.audit(limit=9)

    assert one.entry == WHOLE
    assert (one.sequence, one.before) == (1, GENESIS)
    assert await journal.head() == one


async def test_an_empty_journal_has_no_head(journal: Journal) -> None:
    assert await journal.head() is None
    assert await journal.audit(limit=9) == []


async def test_the_audit_is_told_oldest_first_and_by_page(
    journal: Journal,
) -> None:
    for n in range(5):
        await journal.note(entry(plan=f"p{n % 2}", at=NOW - n))

    every = await journal.audit(limit=9)
    page = await journal.audit(after=2, limit=2)
    of_one = await journal.audit(after=1, limit=9, plan="p0")

    assert [one.sequence for one in every] == [1, 2, 3, 4, 5]
    assert [one.sequence for one in page] == [3, 4]
    assert [one.sequence for one in of_one] == [3, 5]


@pytest.mark.parametrize("at", [3, -0.0, 1e300, 0.1 + 0.2])
async def test_whatever_the_time_the_chain_is_whole(
    journal: Journal, at: float
) -> None:
    await journal.note(entry(at=at))
    await journal.note(entry(at=at))

    chain = await journal.audit(limit=9)

    assert list(flaws(chain, await journal.head())) == []
    assert [one.entry.at for one in chain] == [at, at]


async def test_everything_that_changes_something_is_told_once(
    journal: Journal,
) -> None:
    one = await applied(journal, change())
    going = await intended(journal, one)
    await journal.say("c1", "on it", NOW)
    await journal.ask_to_cancel("c1", "bob", entry("cancel_asked"))
    await finished(journal, going)
    await journal.keep_plan(plan("p2"), entry(plan="p2"))
    await journal.approve(approval("p2"), entry("approved", plan="p2"))
    await journal.close_plan(
        "p2", Outcome.DENIED, "no", entry("denied", plan="p2")
    )

    chain = await journal.audit(limit=99)

    assert [(s.entry.plan, s.entry.what) for s in chain] == [
        ("p1", "planned"),
        ("p1", "applied"),
        ("p1", "intent"),
        ("p1", "cancel_asked"),
        ("p1", "outcome"),
        ("p2", "planned"),
        ("p2", "approved"),
        ("p2", "denied"),
    ]
    assert list(flaws(chain, await journal.head())) == []
