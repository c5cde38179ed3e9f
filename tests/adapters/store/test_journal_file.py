"""The journal in a file: durable, whole or nothing."""

import sqlite3
from collections.abc import Awaitable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from monitor.adapters.store import engine
from monitor.adapters.store.journal_locks import HIGHEST
from monitor.adapters.store.schema import HEAD
from monitor.domain.errors import CannotStore
from monitor.domain.recovery.audit import flaws
from monitor.domain.recovery.change import Change, moved
from monitor.domain.recovery.words import Outcome, State
from monitor.ports.recovery import Captured, Journal
from tests.adapters.store.journal_desk import (
    LAX,
    ME,
    NOW,
    applied,
    before_recovery,
    change,
    entry,
    finished,
    intended,
    locked,
    order,
    plan,
)
from tests.adapters.store_desk import opened, turned


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the file as another process would that writes for long."""
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.rollback()


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return list(db.iterdump())


async def test_everything_is_there_after_a_restart(path: Path) -> None:
    with opened(path) as store:
        going = await intended(store.journal, await applied(store.journal))
        locks = await store.journal.locks()
        head = await store.journal.head()

    with opened(path) as again:
        journal = again.journal
        assert await journal.change("c1") == going
        assert await journal.locks() == locks
        assert await journal.head() == head
        await journal.unlock(locks[0])
        lock = await locked(journal, change("c2", host="gpu2"))

    assert lock.token == locks[0].token + 1


async def test_each_write_waits_for_the_disk_looks_do_not(path: Path) -> None:
    asked: dict[str, list[object]] = {"journal": [], "looks": []}

    def begun(connection: sa.Connection) -> None:
        level = connection.exec_driver_sql("PRAGMA synchronous").scalar()
        write = connection.get_execution_options().get("write", False)
        asked["journal" if write else "looks"].append(level)

    with opened(path) as store:
        sa.event.listen(store._durable, "begin", begun)  # noqa: SLF001 # nothing else shows it
        sa.event.listen(store._engine, "begin", begun)  # noqa: SLF001 # nothing else shows it
        await store.journal.note(entry())
        await store.journal.head()

    assert asked == {"journal": [2], "looks": [1]}


async def test_a_journal_that_somebody_holds_is_told_and_goes_on(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_PRAGMAS", ("busy_timeout=10",))
    with opened(path) as store:
        with held(path), pytest.raises(CannotStore, match="locked; see who"):
            await store.journal.note(entry())
        await store.journal.note(entry("applied"))

        [one] = await store.journal.audit(limit=9)

    assert (one.sequence, one.entry.what) == (1, "applied")


async def test_who_waits_sees_what_the_other_did(path: Path) -> None:
    with opened(path) as one, opened(path) as two:
        await applied(one.journal)
        await intended(one.journal, change())

        assert (await two.journal.change("c1")) is not None
        await two.journal.note(entry("refused"))
        chain = await one.journal.audit(limit=9)

    assert [s.sequence for s in chain] == [1, 2, 3, 4]
    assert list(flaws(chain, None)) == []


async def fill(journal: Journal) -> None:
    for n in range(10_000):
        await journal.note(replace(entry(), because=f"{n} {'word ' * 400}"))


async def test_a_full_disk_leaves_nothing_half_written(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(path):
        pass
    with closing(sqlite3.connect(path)) as db:
        [pages] = db.execute("PRAGMA page_count").fetchone()
    pragmas = (*engine._PRAGMAS, f"max_page_count={pages + 20}")  # noqa: SLF001 # the disk's size
    monkeypatch.setattr(engine, "_PRAGMAS", pragmas)
    with opened(path) as store:
        kept = await applied(store.journal)
        lock = await locked(store.journal, kept)
        with pytest.raises(CannotStore, match="full; free some space"):
            await fill(store.journal)
        before = dump(path)

        for call in _writes(store.journal, kept):
            with pytest.raises(CannotStore, match="full"):
                await call

        assert dump(path) == before
        order(path, "DELETE FROM audit WHERE sequence > 2")
        await store.journal.intend(
            moved(kept, State.INTENT, "go", NOW),
            entry(),
            lock=lock,
            limits=LAX,
        )
        chain = await store.journal.audit(limit=9)

    assert list(flaws(chain, None)) == []


def _writes(journal: Journal, kept: Change) -> list[Awaitable[object]]:
    long = replace(entry(), because="word " * 2000)
    return [
        journal.note(long),
        journal.keep_plan(plan("p9"), long),
        journal.move(
            replace(moved(kept, State.DRAINING, "x" * 9000, NOW)),
            long,
            expected=State.READY,
            owner=ME,
        ),
        journal.ask_to_cancel("c1", "bob", long),
        journal.raise_token(99, long),
        journal.capture(Captured(change="c1", at=NOW, text="x" * 9000), long),
    ]


async def test_a_token_that_nobody_can_have_given_is_refused(
    path: Path,
) -> None:
    with opened(path) as store:
        with pytest.raises(CannotStore, match="cannot count fencing tokens"):
            await store.journal.raise_token(HIGHEST, entry())
        lock = await locked(store.journal, change())

        assert lock.token == 1
        assert await store.journal.head() is None


async def test_a_time_that_is_none_is_not_kept(path: Path) -> None:
    with opened(path) as store:
        with pytest.raises(CannotStore, match="NOT NULL"):
            await store.journal.note(entry(at=float("nan")))

        assert await store.journal.head() is None


async def test_a_file_of_the_release_before_gets_a_journal(
    path: Path,
) -> None:
    with opened(path) as store:
        await store.remember(turned(1))
    before_recovery(path)
    before = dump(path)

    with opened(path) as again:
        await finished(
            again.journal, await applied(again.journal), Outcome.CANCELLED
        )
        kept = await again.kept()
        assert len(await again.journal.audit(limit=9)) == 3

    assert len(kept) == 1
    assert dump(path.with_name(f"state.db.before-{HEAD}.bak")) == before


async def test_looks_and_the_journal_share_a_file(path: Path) -> None:
    with opened(path) as store:
        for at in range(20):
            await store.remember(turned(at))
            await store.journal.note(entry(at=at))

        assert len(await store.journal.audit(limit=99)) == 20
        assert len(await store.kept()) == 1


async def test_a_closed_journal_says_so(path: Path) -> None:
    with opened(path) as store:
        journal = store.journal

    with pytest.raises(CannotStore, match="it was closed"):
        await journal.note(entry())
