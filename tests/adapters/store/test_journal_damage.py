"""Rows that make no sense are named, and edited ones found."""

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.errors import CannotStore
from monitor.domain.recovery.audit import flaws
from tests.adapters.store.journal_desk import (
    LAX,
    NOW,
    OTHER,
    applied,
    approval,
    change,
    entry,
    finished,
    intended,
    locked,
    order,
    plan,
)
from tests.adapters.store_desk import opened


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE changes SET state = 'splendid'", "cannot read change c1 "),
        ("UPDATE changes SET outcome = 'maybe'", "cannot read change c1 "),
        ("UPDATE changes SET by = '{'", "cannot read change c1 "),
        ("UPDATE changes SET intent_at = 'noon'", "cannot read change c1 "),
        ("UPDATE changes SET token = 'x'", "cannot read change c1 "),
    ],
)
async def test_a_change_that_makes_no_sense_is_named_never_skipped(
    path: Path, sql: str, said: str
) -> None:
    with opened(path) as store:
        journal = store.journal
        kept = await intended(journal, await applied(journal))
        order(path, sql)
        lock = (await journal.locks())[0]

        for call in (
            journal.change("c1"),
            journal.changes(limit=9),
            journal.changes(limit=9, only_open=True),
            journal.deeds(since=0),
            finished(journal, kept),
            journal.ask_to_cancel("c1", "bob", entry()),
            journal.take_over(
                kept, entry(), lock=lock, owner=OTHER, until=NOW
            ),
            journal.lock("gpu1", "c2", OTHER, now=NOW + 99, lasts=30),
        ):
            with pytest.raises(CannotStore, match=said):
                await call

        assert len(await journal.audit(limit=9)) == 3


async def test_nonsense_counts_as_under_way(path: Path) -> None:
    with opened(path) as store:
        journal = store.journal
        await intended(journal, await applied(journal))
        order(path, "UPDATE changes SET state = 'splendid'")
        other = await applied(journal, change("c2", host="gpu2"))

        with pytest.raises(Exception, match="1 changes are under way"):
            await intended(journal, other, limits=replace(LAX, at_once=1))


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE plans SET plan = '{\"v\": 2}'", "cannot read plan p1 "),
        ("UPDATE plans SET outcome = 'maybe'", "cannot read plan p1 "),
        ("UPDATE approvals SET by = '[]'", "cannot read approval p1 "),
        ("UPDATE approvals SET at = 'noon'", "cannot read approval p1 "),
    ],
)
async def test_a_plan_that_makes_no_sense_is_named(
    path: Path, sql: str, said: str
) -> None:
    with opened(path) as store:
        journal = store.journal
        await journal.keep_plan(plan(), entry())
        await journal.approve(approval(), entry())
        order(path, sql)

        for call in (
            journal.plan("p1"),
            journal.plans(limit=9),
            journal.apply(change(), entry()),
        ):
            with pytest.raises(CannotStore, match=said):
                await call


async def test_a_lock_that_makes_no_sense_is_named(path: Path) -> None:
    with opened(path) as store:
        await locked(store.journal, change())
        order(path, "UPDATE locks SET until = 'noon'")

        with pytest.raises(CannotStore, match="cannot read lock gpu1 "):
            await store.journal.locks()
        with pytest.raises(CannotStore, match="cannot read lock gpu1 "):
            await locked(store.journal, change("c2"))


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit SET because = 'nothing' WHERE sequence = 2",
        "UPDATE audit SET who = 'bob' WHERE sequence = 2",
        "UPDATE audit SET plan = '' WHERE sequence = 2",
        "UPDATE audit SET at = at + 1 WHERE sequence = 2",
        "UPDATE audit SET at = 'noon' WHERE sequence = 2",
        "UPDATE audit SET detail = '{' WHERE sequence = 2",
        "UPDATE audit SET outcome = 'succeeded' WHERE sequence = 2",
        "UPDATE audit SET hash = before WHERE sequence = 2",
        "DELETE FROM audit WHERE sequence = 2",
        "DELETE FROM audit WHERE sequence = 4",
    ],
)
async def test_an_edited_audit_is_found(path: Path, sql: str) -> None:
    with opened(path) as store:
        journal = store.journal
        for what in ("planned", "applied", "intent", "outcome"):
            await journal.note(entry(what))
        head = await journal.head()
        order(path, sql)

        found = list(flaws(await journal.audit(limit=9), head))

    assert found
    assert all(text.startswith("cannot ") for text in found)


async def test_an_edited_entry_hides_none_of_the_flaws_after_it(
    path: Path,
) -> None:
    with opened(path) as store:
        journal = store.journal
        for what in ("planned", "applied", "intent", "outcome"):
            await journal.note(entry(what))
        order(path, "UPDATE audit SET detail = '{' WHERE sequence = 1")
        order(path, "UPDATE audit SET who = 'eve' WHERE sequence = 3")
        await journal.note(entry("refused"))

        found = list(flaws(await journal.audit(limit=9), None))

    assert found == [
        "cannot trust entry 1: it was changed",
        "cannot trust entry 3: it was changed",
    ]
