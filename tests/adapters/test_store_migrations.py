"""A state file of an older release becomes one of this release."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from monitor.adapters.store import SqliteStore, backup, opening
from monitor.adapters.store.migrating import SCRIPTS, migrate
from monitor.adapters.store.schema import HEAD, METADATA, REVISIONS
from monitor.domain.canary.reading import CanaryReading
from monitor.domain.errors import CannotStore
from monitor.domain.observation import Kind
from tests.adapters.store_desk import SWAP, opened, told, turned
from tests.adapters.store_of_issue_a import (
    ROWS,
    SCHEMA,
    write_file_of_issue_a,
)

RAISES = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "0005"


def upgrade() -> None:
    op.drop_table("moments")
    op.add_column("tracks", sa.Column("mood", sa.Text))
    raise ValueError("no such mood")
"""


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return list(db.iterdump())


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "state.db"
    write_file_of_issue_a(path)
    return path


async def test_history_of_the_first_release_is_still_there(old: Path) -> None:
    with opened(old) as store:
        history = await store.history(Kind.TARGET, "studio", since=0, limit=9)
        [run] = await store.canary_history(SWAP, limit=9)

    assert [(m.at, m.before, m.result, m.health) for m in history] == [
        (3, "healthy", None, "unhealthy"),
        (2, None, "slow", "degraded"),
        (1, "unknown", None, "healthy"),
    ]
    assert isinstance(run.reading, CanaryReading)
    assert run.reading.benchmark == (3.0, 4.0)
    assert (run.reading.gpu, run.reading.counted) == ("", False)


async def test_nobody_knows_where_the_first_release_ran_a_canary(
    old: Path,
) -> None:
    with opened(old) as store:
        nowhere = await store.canary_history(SWAP, limit=9, url="")
        there = await store.canary_history(SWAP, limit=9, url="http://gpu")

    assert (len(nowhere), len(there)) == (1, 0)


async def test_a_migrated_file_takes_what_comes(old: Path) -> None:
    with opened(old) as store:
        await store.remember(turned(9))

        [newest, *_] = await store.history(
            Kind.TARGET, "studio", since=0, limit=9
        )

    assert newest.at == 9


def test_a_file_is_copied_before_it_is_changed(old: Path) -> None:
    before = dump(old)

    with opened(old):
        pass

    copy = old.with_name(f"state.db.before-{HEAD}.bak")
    assert dump(copy) == before
    assert copy.stat().st_mode & 0o777 == 0o600
    assert dump(old) != before


def test_a_new_file_needs_no_copy_and_is_ours_alone(tmp_path: Path) -> None:
    path = tmp_path / "state.db"

    with opened(path):
        modes = {f.name: f.stat().st_mode & 0o777 for f in tmp_path.iterdir()}

    assert set(modes.values()) == {0o600}
    assert not list(tmp_path.glob("*.bak"))


def test_only_the_newest_copies_are_kept(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "BACKUPS_KEPT", 2)
    bystander = old.with_name("other.db.before-0001.bak")
    for n, name in enumerate(("a", "b", "c")):
        copy = old.with_name(f"state.db.before-{name}.bak")
        copy.touch()
        os.utime(copy, (n, n))
    bystander.touch()

    with opened(old):
        pass

    names = {one.name for one in old.parent.glob("*.bak")}
    assert names == {
        f"state.db.before-{HEAD}.bak",
        "state.db.before-c.bak",
        bystander.name,
    }


def test_the_second_start_migrates_nothing(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(old):
        pass
    monkeypatch.delattr(opening, "migrate")
    monkeypatch.delattr(opening, "back_up")

    with opened(old):
        pass


def test_a_file_of_a_newer_release_is_refused_and_left_alone(
    old: Path,
) -> None:
    with opened(old):
        pass
    with closing(sqlite3.connect(old)) as db, db:
        db.execute("UPDATE alembic_version SET version_num = '0099'")
    before = old.read_bytes()

    with pytest.raises(CannotStore, match=r"revision 0099.* install the rel"):
        SqliteStore(f"sqlite:///{old}")

    assert old.read_bytes() == before


def test_a_file_of_another_program_is_refused_and_left_alone(
    tmp_path: Path,
) -> None:
    path = tmp_path / "recipes.db"
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE recipes (name TEXT)")
    before = path.read_bytes()

    with pytest.raises(CannotStore, match="belongs to another program"):
        SqliteStore(f"sqlite:///{path}")

    assert path.read_bytes() == before


@pytest.mark.parametrize("gone", ["transitions", "canary_runs_by_check"])
def test_a_first_start_that_was_cut_off_is_made_good(
    old: Path, gone: str
) -> None:
    kind = "TABLE" if gone == "transitions" else "INDEX"
    with closing(sqlite3.connect(old)) as db, db:
        db.execute(f"DROP {kind} {gone}")

    with opened(old):
        pass

    assert any("CREATE TABLE moments" in line for line in dump(old))


def test_a_migration_that_fails_halfway_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, scripts = tmp_path / "state.db", tmp_path / "migrations"
    with opened(path):
        pass
    before = dump(path)
    shutil.copytree(SCRIPTS, scripts)
    (scripts / "versions" / "r0005_raises.py").write_text(RAISES)
    broken = lambda writer: migrate(writer, scripts=scripts, to="9999")  # noqa: E731 # one line says it
    monkeypatch.setattr(opening, "HEAD", "9999")
    monkeypatch.setattr(opening, "migrate", broken)

    with pytest.raises(CannotStore, match="no such mood"):
        SqliteStore(f"sqlite:///{path}")

    assert dump(path) == before
    monkeypatch.undo()
    with opened(path):
        pass


async def test_a_copy_that_cannot_be_made_stops_the_migration(
    old: Path,
) -> None:
    before = dump(old)
    (old.with_name(f"state.db.before-{HEAD}.bak.part")).mkdir()

    with pytest.raises(CannotStore, match="cannot open"):
        SqliteStore(f"sqlite:///{old}")

    assert dump(old) == before


def test_the_migrations_end_at_the_tables_we_use(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with opened(path):
        pass
    engine = sa.create_engine(f"sqlite:///{path}")

    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        differences = compare_metadata(context, METADATA)
    engine.dispose()

    assert differences == []


def test_every_revision_is_known_by_name() -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    scripts = ScriptDirectory.from_config(config)

    found = [one.revision for one in scripts.walk_revisions()]

    assert found == list(reversed(REVISIONS))


def test_an_old_file_with_many_rows_keeps_their_order(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(SCHEMA + ROWS)
        db.executemany(
            "INSERT INTO transitions (kind, subject, check_name, at, before,"
            " after, because) VALUES ('target', 'studio', 'status', ?,"
            " 'healthy', 'unhealthy', 'refused')",
            [(float(at),) for at in range(5000, 10, -1)],
        )
        db.commit()

    with opened(path):
        pass

    with closing(sqlite3.connect(path)) as db:
        times = [
            at for (at,) in db.execute("SELECT at FROM moments ORDER BY id")
        ]
    assert times == sorted(times)
    assert len(times) == 4993


async def test_a_folder_with_odd_characters_is_no_obstacle(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "50% ?#é"
    folder.mkdir()
    write_file_of_issue_a(folder / "state.db")

    with opened(folder / "state.db") as store:
        await store.remember(told())

        assert len(await store.kept()) == 1
