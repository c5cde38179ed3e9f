"""What is written is written once, whatever becomes of the tidying up."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.adapters.store import behind, engine, trimming
from monitor.adapters.store.batch import FIRST_SWEEP
from monitor.domain.errors import CannotStore
from monitor.domain.health import Health
from monitor.domain.judgement import Track
from monitor.domain.observation import Kind
from tests.adapters.store_desk import SWAP, opened, run, told, turned
from tests.hosts.waiting import until

_NO_SWEEPING = """
CREATE TRIGGER no_sweeping BEFORE DELETE ON moments
BEGIN SELECT RAISE(ABORT, 'no sweeping here'); END
"""


def order(path: Path, sql: str) -> None:
    """Say something to the file behind the store's back."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(sql)


async def test_a_sweep_that_fails_is_told_and_writes_nothing_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trimming, "SLICE", 1)
    monkeypatch.setattr(trimming, "MOMENTS_IN_ALL", 1)
    monkeypatch.setattr(behind, "DELAY", 0.01)
    path = tmp_path / "state.db"
    with opened(path) as store:
        order(path, _NO_SWEEPING)
        store._writer.before_sweep = 1  # noqa: SLF001 # as 999 looks later
        for at in range(3):
            await store.remember(told(run(at)))
        await until(lambda: store._behind._failure is not None)  # noqa: SLF001 # nothing else shows it

        with pytest.raises(CannotStore, match=r"cannot write .*no sweeping"):
            await store.remember(told())
        await store.kept()
        runs = await store.canary_history(SWAP, limit=99)
        history = await store.history(Kind.TARGET, "studio", since=0, limit=99)

    assert [s.at for s in runs] == [2, 1, 0]
    assert [m.at for m in history] == [2, 1, 0]


async def test_a_sweep_that_failed_is_tried_again_some_looks_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trimming, "MOMENTS_IN_ALL", 1)
    path = tmp_path / "state.db"
    with opened(path) as store:
        writer = store._writer  # noqa: SLF001 # it counts the looks
        order(path, _NO_SWEEPING)
        writer.before_sweep = 2  # as 998 looks later
        await store.remember(turned(0))
        await store.remember(turned(1))
        await until(lambda: writer.before_sweep > 1)
        waits = writer.before_sweep
        order(path, "DROP TRIGGER no_sweeping")
        writer.before_sweep = 1
        await store.remember(turned(2))
        await until(lambda: writer.before_sweep == trimming.SLICE)

        history = await store.history(Kind.TARGET, "studio", since=0, limit=9)

    assert waits == FIRST_SWEEP
    assert [m.at for m in history] == [2]


async def test_the_first_look_after_a_start_throws_nothing_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = trimming.LEAST_RUNS + 5
    with opened(tmp_path / "state.db") as store:
        await asyncio.gather(
            *(store.remember(told(run(at))) for at in range(runs))
        )
    monkeypatch.setattr(trimming, "MOMENTS_IN_ALL", 1)

    with opened(tmp_path / "state.db") as again:
        await again.remember(told(run(runs)))
        await again.kept()
        kept = await again.canary_history(SWAP, limit=999)
        history = await again.history(
            Kind.TARGET, "studio", since=0, limit=999
        )

    assert len(kept) == len(history) == runs + 1


async def test_a_look_is_written_once_beside_one_that_no_database_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(behind, "DELAY", 0.01)
    path = tmp_path / "state.db"
    looks = [turned(1), turned(float("nan")), told(run(2))]
    with opened(path) as store:
        order(path, "ALTER TABLE canary_runs RENAME TO aside")
        told_so = await asyncio.gather(
            *map(store.remember, looks), return_exceptions=True
        )
        order(path, "ALTER TABLE aside RENAME TO canary_runs")
        await store.kept()
        history = await store.history(Kind.TARGET, "studio", since=0, limit=9)
        dropped = store.dropped

    assert CannotStore in map(type, told_so)
    assert [m.at for m in history] == [2, 1]
    assert dropped == 2  # the look and its track


async def test_a_look_that_no_database_takes_is_left_out_whole(
    tmp_path: Path,
) -> None:
    turn = turned(float("nan"), key=SWAP).changed
    with opened(tmp_path / "state.db") as store:
        await store.remember(replace(told(run(1)), changed=turn))
        await store.remember(told(run(2)))

        runs = await store.canary_history(SWAP, limit=9)
        history = await store.history(Kind.TARGET, "studio", since=0, limit=9)

    assert [s.at for s in runs] == [2]
    assert [m.at for m in history] == [2]


async def test_a_newer_opinion_is_not_undone_by_one_that_had_to_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_PRAGMAS", ("busy_timeout=10",))
    monkeypatch.setattr(behind, "DELAY", 0.02)
    path = tmp_path / "state.db"
    newer = Track(health=Health.HEALTHY, because="it answers again")
    with opened(path) as store:
        with closing(sqlite3.connect(path)) as other:
            other.execute("BEGIN IMMEDIATE")
            older = asyncio.create_task(store.remember(turned(1)))
            await asyncio.sleep(0)  # it is being written now
            await store.remember(told(track=newer))
            await asyncio.wait({older})
            other.rollback()
        [kept] = await store.kept()

    assert isinstance(older.exception(), CannotStore)
    assert kept.track == newer
