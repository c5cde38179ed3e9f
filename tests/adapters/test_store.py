"""What survives a restart."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from monitor.adapters import store as door
from monitor.adapters.store import SqliteStore
from monitor.domain.canary.reading import CanaryReading, Operation, Result
from monitor.domain.errors import CannotStore
from monitor.domain.health import Health
from monitor.domain.judgement import Transition
from monitor.domain.observation import CheckKey, Kind, Observation
from tests.fakes.probe import STUDIO, seen

SWAP = CheckKey(kind=Kind.TARGET, subject="studio", check="canary.swap")


@contextmanager
def opened(path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(f"sqlite:///{path}")
    try:
        yield store
    finally:
        store.close()


def run(at: float, *, benchmark: tuple[float, float] | None) -> Observation:
    reading = CanaryReading(
        canary="swap",
        operation=Operation.SWAP,
        model="inswapper_128",
        result=Result.SLOW,
        duration=8.5,
        output_valid=True,
        benchmark=benchmark,
        ratio=None if benchmark is None else 8.5 / benchmark[1],
    )
    return seen(
        Health.DEGRADED, key=SWAP, at=at, reading=reading, probe="canary"
    )


@pytest.mark.parametrize("benchmark", [(3.0, 4.0), None])
async def test_a_canary_run_comes_back_whole_after_a_restart(
    tmp_path: Path, benchmark: tuple[float, float] | None
) -> None:
    kept = run(7.0, benchmark=benchmark)
    with opened(tmp_path / "state.db") as store:
        await store.remember(kept, None)

    with opened(tmp_path / "state.db") as again:
        history = await again.canary_history(SWAP, limit=10)

    assert history == [kept]


async def test_the_newest_runs_come_first_and_no_more_than_asked_for(
    tmp_path: Path,
) -> None:
    with opened(tmp_path / "state.db") as store:
        for at in range(5):
            await store.remember(run(at, benchmark=None), None)

        history = await store.canary_history(SWAP, limit=2)

    assert [s.at for s in history] == [4, 3]


async def test_history_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "RUNS_KEPT", 3)
    with opened(tmp_path / "state.db") as store:
        for at in range(6):
            await store.remember(run(at, benchmark=None), None)

        history = await store.canary_history(SWAP, limit=10)

    assert [s.at for s in history] == [5, 4, 3]


async def test_looks_that_change_nothing_are_not_kept(tmp_path: Path) -> None:
    with opened(tmp_path / "state.db") as store:
        await store.remember(seen(), None)
        size = (tmp_path / "state.db").stat().st_size
        for _ in range(100):
            await store.remember(seen(), None)

        assert (tmp_path / "state.db").stat().st_size == size


async def test_a_transition_is_kept(tmp_path: Path) -> None:
    changed = Transition(
        key=STUDIO,
        at=1.0,
        before=Health.HEALTHY,
        after=Health.UNHEALTHY,
        because="refused",
    )
    with opened(tmp_path / "state.db") as store:
        await store.remember(seen(Health.UNHEALTHY), changed)

    assert b"refused" in (tmp_path / "state.db").read_bytes()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotStore, match=r"cannot open .* state\.url"):
        SqliteStore(f"sqlite:///{tmp_path}/nowhere/state.db")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.write_text("this is a letter to my aunt, not a database " * 50)

    with pytest.raises(CannotStore, match="not a database"):
        SqliteStore(f"sqlite:///{path}")


async def test_a_database_that_breaks_later_is_an_error_with_a_hint(
    tmp_path: Path,
) -> None:
    with opened(tmp_path / "state.db") as store:
        with closing(sqlite3.connect(tmp_path / "state.db")) as stranger:
            stranger.execute("DROP TABLE canary_runs")

        with pytest.raises(CannotStore, match="cannot use"):
            await store.remember(run(1, benchmark=None), None)
