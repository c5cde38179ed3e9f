"""A file that somebody else holds: looks wait, are told, are written."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from monitor.adapters.store import SqliteStore, batch, behind, engine, lane
from monitor.domain.errors import CannotStore
from monitor.domain.health import Health
from monitor.domain.judgement import Track
from monitor.domain.observation import Kind
from tests.adapters.store_desk import SWAP, opened, told, turned
from tests.fakes.probe import seen
from tests.hosts.waiting import until


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the file as another process would that writes for long."""
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.rollback()


def test_a_file_that_another_process_holds_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_PRAGMAS", ("busy_timeout=10",))
    path = tmp_path / "state.db"
    with opened(path):
        pass

    with (
        locked(path),
        pytest.raises(CannotStore, match="locked; see who else has it open"),
    ):
        SqliteStore(f"sqlite:///{path}")


async def test_a_lock_is_told_and_then_everything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_PRAGMAS", ("busy_timeout=10",))
    monkeypatch.setattr(behind, "DELAY", 0.02)
    good = Track(health=Health.HEALTHY, because="it answers")
    with opened(tmp_path / "state.db") as store:
        with locked(tmp_path / "state.db"):
            with pytest.raises(CannotStore, match="locked"):
                await store.remember(turned(1))
            with pytest.raises(CannotStore, match="locked"):
                await store.remember(turned(2))
            await store.remember(told(track=good))
        await store.remember(turned(3))

        history = await store.history(Kind.TARGET, "studio", since=0, limit=9)

    assert [m.at for m in history] == [3, 2, 1]


async def test_a_track_that_could_not_be_written_is_told_by_the_next_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_PRAGMAS", ("busy_timeout=10",))
    monkeypatch.setattr(behind, "DELAY", 0.02)
    path = tmp_path / "state.db"
    good = Track(health=Health.HEALTHY, because="it answers")
    with opened(path) as store:
        with locked(path):
            await store.remember(told())
            await until(lambda: store._behind._failure is not None)  # noqa: SLF001 # nothing else shows it
            with pytest.raises(CannotStore, match="locked"):
                await store.remember(told(track=good))
            await store.remember(told(track=good))
        [kept] = await store.kept()

    assert kept.track == good


async def test_what_waits_for_a_sick_database_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_PRAGMAS", ("busy_timeout=10",))
    monkeypatch.setattr(behind, "LOOKS_WAITING", 2)
    monkeypatch.setattr(behind, "DELAY", 0.02)
    path = tmp_path / "state.db"
    said = []
    with opened(path) as store:
        with locked(path):
            for at in range(4):
                with pytest.raises(CannotStore) as caught:
                    await store.remember(turned(at))
                said.append("looks wait to be written" in str(caught.value))
        await store.kept()
        history = await store.history(Kind.TARGET, "studio", since=0, limit=9)

    assert said == [False, False, True, True]
    assert [m.at for m in history] == [1, 0]


async def test_tracks_that_wait_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(behind, "CHECKS_WAITING", 1)
    newest = Track(health=Health.HEALTHY, because="it answers")
    with opened(tmp_path / "state.db") as store:
        await store.remember(told())
        await store.remember(told(seen(key=SWAP)))
        await store.remember(told(track=newest))

        kept = await store.kept()

    assert [one.track for one in kept] == [newest]


async def test_closing_a_locked_store_says_what_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_PRAGMAS", ("busy_timeout=10",))
    path = tmp_path / "state.db"
    store = SqliteStore(f"sqlite:///{path}")
    with locked(path):
        waiting = asyncio.create_task(store.remember(turned()))
        await asyncio.sleep(0)

        with pytest.raises(CannotStore, match=r"cannot write .* locked"):
            store.close()

    with pytest.raises(CannotStore):
        await waiting


async def test_too_many_questions_at_once_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "WAITING", 2)
    with opened(tmp_path / "state.db") as store:
        asked = [store.answer_to("k") for _ in range(3)]

        answers = await asyncio.gather(*asked, return_exceptions=True)

    assert [type(a) for a in answers] == [type(None), type(None), CannotStore]
    assert "2 requests wait" in str(answers[2])


async def test_a_sick_database_is_tried_once_a_while_not_once_a_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_PRAGMAS", ("busy_timeout=10",))
    monkeypatch.setattr(behind, "DELAY", 0.05)
    tried = []
    write = batch.Writer.write

    def counted(self: batch.Writer, looks: batch.Batch) -> None:
        tried.append(len(looks.looks))
        write(self, looks)

    monkeypatch.setattr(batch.Writer, "write", counted)
    with opened(tmp_path / "state.db") as store:
        with locked(tmp_path / "state.db"):
            with pytest.raises(CannotStore):
                await store.remember(turned(0))
            await asyncio.gather(
                *(store.remember(turned(at)) for at in range(1, 6)),
                return_exceptions=True,
            )

        assert tried == [1, 6]
