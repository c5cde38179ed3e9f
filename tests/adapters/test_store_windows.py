"""Maintenance windows and answers survive a restart."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.adapters.store import sqlite, trimming
from monitor.domain.errors import CannotStore
from monitor.domain.maintenance import Selector, Window
from monitor.ports import KeptAnswer
from tests.adapters.store_desk import opened
from tests.fakes.clock import FakeClock

DRIVER = Window(
    id="w1",
    starts_at=100.0,
    ends_at=200.0,
    selector=Selector(
        targets=("studio",), hosts=("gpu1",), labels=(("site", "a\ud800"),)
    ),
    reason="new driver",
    by="ann",
    created_at=90.0,
)


def answer(at: float, code: int = 202) -> KeptAnswer:
    return KeptAnswer(request="5f", code=code, body=b'{"\xff"}', at=at)


async def test_a_window_survives_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path / "state.db") as store:
        await store.keep_window(DRIVER)

    with opened(tmp_path / "state.db") as again:
        assert await again.windows(ended_after=150) == [DRIVER]


async def test_a_window_that_is_over_is_not_asked_for(tmp_path: Path) -> None:
    with opened(tmp_path / "state.db") as store:
        await store.keep_window(DRIVER)

        assert await store.windows(ended_after=199.9) == [DRIVER]
        assert await store.windows(ended_after=200) == []


async def test_what_became_of_a_window_replaces_it(tmp_path: Path) -> None:
    ended = replace(DRIVER, ended_at=150.0)
    with opened(tmp_path / "state.db") as store:
        await store.keep_window(DRIVER)
        await store.keep_window(ended)

        assert await store.windows(ended_after=149) == [ended]
        assert await store.windows(ended_after=150) == []


async def test_windows_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trimming, "WINDOWS_IN_ALL", 3)
    with opened(tmp_path / "state.db") as store:
        for n in range(6):
            window = replace(DRIVER, id=f"w{n}", ends_at=200.0 + n)
            await store.keep_window(window)

        windows = await store.windows(ended_after=0)

    assert [w.id for w in windows] == ["w3", "w4", "w5"]


@pytest.mark.parametrize(
    "selector", ["", "[]", "{}", '{"targets": 7}', '{"targets": [7]}']
)
async def test_a_damaged_window_is_left_out_and_counted(
    tmp_path: Path, selector: str
) -> None:
    path = tmp_path / "state.db"
    with opened(path) as store:
        await store.keep_window(DRIVER)
    with closing(sqlite3.connect(path)) as db, db:
        sql = "UPDATE maintenance_windows SET selector = ?"
        db.execute(sql, [selector])

    with opened(path) as again:
        assert await again.windows(ended_after=0) == []
        assert again.unreadable == 1


async def test_an_answer_survives_a_restart_byte_for_byte(
    tmp_path: Path,
) -> None:
    clock = FakeClock()
    with opened(tmp_path / "state.db", clock) as store:
        await store.keep_answer("k\ud800", answer(clock.now()))

    with opened(tmp_path / "state.db", clock) as again:
        assert await again.answer_to("k\ud800") == answer(clock.now())
        assert await again.answer_to("another") is None


async def test_the_first_answer_to_a_key_stays(tmp_path: Path) -> None:
    clock = FakeClock()
    with opened(tmp_path / "state.db", clock) as store:
        await store.keep_answer("k", answer(clock.now()))
        await store.keep_answer("k", answer(clock.now(), code=500))

        kept = await store.answer_to("k")

    assert kept is not None
    assert kept.code == 202


async def test_an_answer_is_kept_for_a_day(tmp_path: Path) -> None:
    clock = FakeClock()
    with opened(tmp_path / "state.db", clock) as store:
        await store.keep_answer("k", answer(clock.now()))
        clock.pass_time(86_400)
        in_time = await store.answer_to("k")
        clock.pass_time(1)
        late = await store.answer_to("k")
        await store.keep_answer("k", answer(clock.now(), code=201))
        new = await store.answer_to("k")

    assert in_time is not None
    assert late is None
    assert new is not None
    assert new.code == 201


async def test_the_number_of_answers_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trimming, "ANSWERS_IN_ALL", 3)
    clock = FakeClock()
    with opened(tmp_path / "state.db", clock) as store:
        for n in range(6):
            await store.keep_answer(f"k{n}", answer(clock.now()))

        left = [n for n in range(6) if await store.answer_to(f"k{n}")]

    assert left == [3, 4, 5]


async def test_a_huge_answer_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BODY_LIMIT", 3)
    with (
        opened(tmp_path / "state.db") as store,
        pytest.raises(CannotStore, match="cannot keep an answer of 5"),
    ):
        await store.keep_answer("k", answer(0))


async def test_a_window_no_database_takes_is_an_error_without_its_values(
    tmp_path: Path,
) -> None:
    odd = replace(DRIVER, starts_at=float("nan"), reason="hush")
    with opened(tmp_path / "state.db") as store:
        with pytest.raises(CannotStore, match="NOT NULL") as caught:
            await store.keep_window(odd)

        assert "hush" not in str(caught.value)
        assert await store.windows(ended_after=0) == []
