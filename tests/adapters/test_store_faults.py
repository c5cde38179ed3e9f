"""A sick file: refused at the start, survived while running."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from monitor.adapters.store import SqliteStore, look
from monitor.adapters.store import batch as batches
from monitor.domain.errors import CannotStore
from monitor.domain.observation import Kind
from tests.adapters.store_desk import SWAP, opened, run, told, turned

NOBODY = 65534
PAGE = 4096


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that a user without rights may enter."""
    path = Path(tempfile.mkdtemp(dir="/tmp"))
    path.chmod(0o777)
    yield path
    path.chmod(0o777)
    shutil.rmtree(path)


@contextmanager
def without_rights() -> Iterator[None]:
    """Be a user whom permissions hold for: root they do not stop."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


async def fill(path: Path, looks: int = 100) -> None:
    with opened(path) as store:
        for at in range(looks):
            await store.remember(turned(at, because="word " * 50))
            await store.remember(told(run(at)))


def refusal(path: Path) -> str:
    with pytest.raises(CannotStore) as caught:
        SqliteStore(f"sqlite:///{path}")
    said = str(caught.value)
    assert said.startswith(f"cannot open the state database {path}: ")
    return said


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    said = refusal(tmp_path / "nowhere" / "state.db")

    assert "No such file or directory; check state.url" in said


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert "it is a folder; name a file in it" in refusal(tmp_path)


def test_a_pipe_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    assert "it is no regular file" in refusal(tmp_path / "pipe")


def test_a_file_that_is_no_database_is_refused_and_left_alone(
    tmp_path: Path,
) -> None:
    path = tmp_path / "state.db"
    path.write_text("this is a letter to my aunt, not a database " * 50)
    before = path.read_bytes()

    assert "not a database; check state.url" in refusal(path)
    assert path.read_bytes() == before


async def test_a_damaged_file_is_refused_and_left_alone(
    tmp_path: Path,
) -> None:
    path = tmp_path / "state.db"
    await fill(path)
    whole = path.read_bytes()
    middle = len(whole) // PAGE // 2 * PAGE
    path.write_bytes(whole[:middle] + b"\xa5" * PAGE + whole[middle + PAGE :])
    before = path.read_bytes()

    said = refusal(path)

    assert "malformed" in said
    assert "move the file aside" in said
    assert path.read_bytes() == before


async def test_a_file_that_was_cut_short_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    await fill(path)
    os.truncate(path, path.stat().st_size // 2)

    assert "malformed" in refusal(path)


async def test_damage_that_shows_while_running_is_an_error_with_a_hint(
    tmp_path: Path,
) -> None:
    path = tmp_path / "state.db"
    await fill(path)
    with opened(path) as store:
        size = path.stat().st_size
        with path.open("r+b") as file:
            file.seek(PAGE)
            file.write(b"\xa5" * (size - PAGE))

        with pytest.raises(CannotStore, match=r"cannot read .* move the file"):
            await store.history(Kind.TARGET, "studio", since=0, limit=9)


async def test_a_big_file_is_not_read_through_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state.db"
    await fill(path)
    monkeypatch.setattr(look, "CHECK_SECONDS", -1.0)
    monkeypatch.setattr(look, "_STEPS", 1)

    with opened(path) as store:
        assert len(await store.canary_history(SWAP, limit=9)) == 9


def test_a_file_we_may_not_write_is_refused(folder: Path) -> None:
    path = folder / "state.db"
    with opened(path):
        pass
    path.chmod(0o444)

    with without_rights():
        assert "Permission denied" in refusal(path)


def test_a_folder_we_may_not_write_is_refused(folder: Path) -> None:
    path = folder / "state.db"
    with without_rights(), opened(path):
        pass
    folder.chmod(0o555)

    with without_rights():
        said = refusal(path)

    assert "unable to open" in said or "readonly" in said


def test_a_folder_we_may_not_create_in_is_refused(folder: Path) -> None:
    folder.chmod(0o555)

    with without_rights():
        assert "Permission denied" in refusal(folder / "state.db")


async def test_a_table_that_is_gone_is_an_error_with_a_hint(
    tmp_path: Path,
) -> None:
    path = tmp_path / "state.db"
    store = SqliteStore(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as stranger:
        stranger.execute("DROP TABLE canary_runs")

    with pytest.raises(CannotStore, match=r"cannot write .*no such table"):
        await store.remember(told(run(1)))
    with pytest.raises(CannotStore, match=r"cannot write .*no such table"):
        store.close()


def test_no_looks_are_no_batch() -> None:
    assert not batches.Batch()


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE {} SET health = 'splendid'",
        "UPDATE {} SET result = 'maybe'",
        "UPDATE {} SET at = 'noon'",
        "UPDATE {} SET because = x'00ff'",
        "UPDATE {} SET seconds = 'many'",
    ],
)
async def test_a_damaged_row_is_left_out_and_counted(
    tmp_path: Path, sql: str
) -> None:
    path = tmp_path / "state.db"
    with opened(path) as store:
        for at in range(3):
            await store.remember(told(run(at)))
    with closing(sqlite3.connect(path)) as db, db:
        for table in ("moments", "canary_runs"):
            db.execute(sql.format(table) + " WHERE id = 2")

    with opened(path) as again:
        runs = await again.canary_history(SWAP, limit=9)
        history = await again.history(Kind.TARGET, "studio", since=0, limit=9)
        left_out = again.unreadable

    assert [s.at for s in runs] == [2, 0]
    assert [m.at for m in history] == [2, 0]
    assert left_out == 2


async def test_a_text_of_no_encoding_hides_no_other_row(
    tmp_path: Path,
) -> None:
    path = tmp_path / "state.db"
    with opened(path) as store:
        await store.remember(told(run(0)))
        await store.remember(told(run(1)))
    with closing(sqlite3.connect(path)) as db, db:
        sql = "UPDATE moments SET because = CAST(x'c3c3' AS TEXT)"
        db.execute(f"{sql} WHERE id = 1")

    with opened(path) as again:
        history = await again.history(Kind.TARGET, "studio", since=0, limit=9)

    assert [m.because for m in history] == ["it is degraded", "\ufffd\ufffd"]
