"""Opinions survive a restart, and cost next to nothing meanwhile."""

import asyncio
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.adapters.store import behind, news
from monitor.adapters.store.tracks import decoded, encoded
from monitor.domain.errors import CannotStore
from monitor.domain.health import Health
from monitor.domain.history import Kept
from monitor.domain.judgement import RECENT, Track
from monitor.domain.observation import Kind, Reading
from monitor.ports import Told
from tests.adapters.store_desk import opened, told, turned
from tests.fakes.probe import STUDIO, seen
from tests.hosts.waiting import until

GOOD = Track(
    health=Health.HEALTHY,
    since=5.0,
    because="it answered",
    recent=(Health.UNHEALTHY, Health.HEALTHY),
    flapping=True,
    score=0.25,
)
_TRACK_OF_STUDIO = "UPDATE tracks SET track = ? WHERE subject = 'studio'"
NUMBERS = st.floats(allow_nan=False)
TRACKS = st.builds(
    Track,
    health=st.sampled_from(Health),
    since=st.none() | NUMBERS,
    because=st.text(st.characters(categories=None)),
    recent=st.lists(st.sampled_from(Health), max_size=RECENT).map(tuple),
    flapping=st.booleans(),
    score=NUMBERS,
)


def rows(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as db:
        return [t for (t,) in db.execute("SELECT track FROM tracks")]


def spoil(path: Path, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(sql, values)


@given(TRACKS)
def test_any_track_comes_back_as_it_was(track: Track) -> None:
    assert decoded(encoded(track)) == track


async def test_an_opinion_survives_a_restart(tmp_path: Path) -> None:
    look = Told(seen=seen(), track=GOOD, last_success=7.0, told_at=8.0)
    with opened(tmp_path / "state.db") as store:
        await store.remember(look)

    with opened(tmp_path / "state.db") as again:
        kept = await again.kept()

    assert kept == [
        Kept(key=STUDIO, track=GOOD, last_success=7.0, told_at=8.0)
    ]


async def test_an_opinion_says_at_which_url_the_server_was(
    tmp_path: Path,
) -> None:
    moved = replace(told(), url="http://gpu2:9002")
    with opened(tmp_path / "state.db") as store:
        await store.remember(replace(told(), url="http://gpu1:9002"))
        [before] = await store.kept()
        await store.remember(moved)

    with opened(tmp_path / "state.db") as again:
        [after] = await again.kept()

    assert before.url == "http://gpu1:9002"
    assert after.url == moved.url


async def test_the_newest_opinion_is_kept(tmp_path: Path) -> None:
    with opened(tmp_path / "state.db") as store:
        await store.remember(told())
        await store.kept()
        await store.remember(told())
        await store.remember(told(track=GOOD))

        kept = await store.kept()

    assert [one.track for one in kept] == [GOOD]


async def test_a_plain_look_writes_nothing_at_once_and_soon_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(behind, "DELAY", 0.05)
    path = tmp_path / "state.db"
    with opened(path) as store:
        await store.remember(told(track=GOOD))
        at_once = rows(path)

        await until(lambda: bool(rows(path)))

    assert at_once == []


async def test_what_comes_while_a_batch_is_written_is_written_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(behind, "DELAY", 0.05)
    path = tmp_path / "state.db"
    with opened(path) as store:
        await asyncio.gather(
            *(store.remember(turned(at)) for at in range(20)),
            store.remember(told(track=GOOD)),
        )

        await until(lambda: any("it answered" in row for row in rows(path)))
        history = await store.history(Kind.TARGET, "studio", since=0, limit=99)

    assert [m.at for m in history] == list(reversed(range(20)))


async def test_a_changed_opinion_is_on_disk_when_it_was_remembered(
    tmp_path: Path,
) -> None:
    path = tmp_path / "state.db"
    with opened(path) as store:
        await store.remember(turned())

        with closing(sqlite3.connect(path)) as other:
            found = other.execute("SELECT before, health FROM moments")
            assert list(found) == [("healthy", "unhealthy")]


async def test_a_cancelled_wait_loses_nothing(tmp_path: Path) -> None:
    with opened(tmp_path / "state.db") as store:
        waiting = asyncio.create_task(store.remember(turned()))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.wait({waiting})

    with opened(tmp_path / "state.db") as again:
        history = await again.history(Kind.TARGET, "studio", since=0, limit=9)

    assert waiting.cancelled()
    assert len(history) == 1


async def test_one_who_waits_no_longer_takes_nobody_along(
    tmp_path: Path,
) -> None:
    with opened(tmp_path / "state.db") as store:
        waiting = [
            asyncio.create_task(store.remember(turned(at))) for at in range(3)
        ]
        await asyncio.sleep(0)
        waiting[1].cancel()
        await asyncio.wait(waiting)
        history = await store.history(Kind.TARGET, "studio", since=0, limit=9)

    assert [w.cancelled() for w in waiting] == [False, True, False]
    assert len(history) == 3


async def test_a_track_of_another_release_is_read_as_far_as_it_goes(
    tmp_path: Path,
) -> None:
    path = tmp_path / "state.db"
    text = json.dumps({"v": 1, "health": "degraded", "mood": "grim"})
    with opened(path) as store:
        await store.remember(told())
    spoil(path, "UPDATE tracks SET track = ?", text)

    with opened(path) as again:
        [kept] = await again.kept()

    assert kept.track == Track(health=Health.DEGRADED, because="")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"v": 2, "health": "healthy"}',
        '{"v": 1}',
        '{"v": 1, "health": "splendid"}',
        '{"v": 1, "health": {}}',
        '{"v": 1, "health": "healthy", "since": "noon"}',
        '{"v": 1, "health": "healthy", "because": 7}',
        '{"v": 1, "health": "healthy", "recent": 7}',
        '{"v": 1, "health": "healthy", "recent": ["splendid"]}',
        '{"v": 1, "health": "healthy", "score": "high"}',
        "[" * 100_000,
    ],
)
async def test_a_track_that_makes_no_sense_is_left_out_and_counted(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "state.db"
    other = replace(STUDIO, subject="attic")
    with opened(path) as store:
        await store.remember(told())
        await store.remember(told(seen(key=other)))
    spoil(path, _TRACK_OF_STUDIO, text)

    with opened(path) as again:
        kept = await again.kept()

        assert [one.key for one in kept] == [other]
        assert again.unreadable == 1


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE tracks SET kind = 'planet'",
        "UPDATE tracks SET subject = x'ff'",
        "UPDATE tracks SET told_at = 'noon'",
    ],
)
async def test_a_damaged_column_is_left_out_and_counted(
    tmp_path: Path, sql: str
) -> None:
    path = tmp_path / "state.db"
    with opened(path) as store:
        await store.remember(told())
    spoil(path, sql)

    with opened(path) as again:
        assert await again.kept() == []
        assert again.unreadable == 1


async def test_texts_that_no_file_can_hold_are_kept_as_well_as_can_be(
    tmp_path: Path,
) -> None:
    odd = "a server said \udc80\ud800 and \0"
    key = replace(STUDIO, subject="studio\ud800")
    look = turned(because=odd, key=key)
    look = replace(look, track=replace(look.track, because=odd))
    with opened(tmp_path / "state.db") as store:
        await store.remember(look)

        [moment] = await store.history(key.kind, key.subject, since=0, limit=9)
        [kept] = await store.kept()

    assert moment.because == "a server said \\udc80\\ud800 and \0"
    assert kept.track.because == odd


async def test_a_sentence_without_an_end_is_cut(tmp_path: Path) -> None:
    with opened(tmp_path / "state.db") as store:
        await store.remember(turned(because="so " * 100_000))

        [moment] = await store.history(Kind.TARGET, "studio", since=0, limit=9)

    assert len(moment.because) == 2000


async def test_a_look_no_database_takes_does_not_hold_up_the_others(
    tmp_path: Path,
) -> None:
    nan = float("nan")
    with opened(tmp_path / "state.db") as store:
        await asyncio.gather(
            store.remember(turned(1)),
            store.remember(turned(2)),
            store.remember(turned(nan)),
            store.remember(turned(3)),
        )

        history = await store.history(Kind.TARGET, "studio", since=0, limit=9)

        assert [m.at for m in history] == [3, 2, 1]
        assert store.dropped == 1


async def test_failures_are_remembered_within_bounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news, "FAILURES_KNOWN", 2)
    with opened(tmp_path / "state.db") as store:
        for reason in ("a", "b", "c", "a"):
            look = replace(seen(Health.UNHEALTHY), reason=reason)
            await store.remember(told(look))

        history = await store.history(Kind.TARGET, "studio", since=0, limit=9)

    assert [m.reason for m in history] == ["a", "c", "b", "a"]


async def test_a_closed_store_says_so(tmp_path: Path) -> None:
    with opened(tmp_path / "state.db") as store:
        pass

    for look in (told(), turned()):
        with pytest.raises(CannotStore, match="it was closed"):
            await store.remember(look)
    with pytest.raises(CannotStore, match="it was closed"):
        await store.kept()


def test_every_kind_of_reading_is_known_here() -> None:
    """A new reading that is worth keeping needs a table of its own."""
    assert [kind.__name__ for kind in get_args(Reading)] == [
        "StatusReading",
        "CanaryReading",
        "GpuReading",
        "BackendReading",
        "NetworkReading",
        "BrowserReading",
        "MachineReading",
        "ServiceReading",
        "LogReading",
        "JobsReading",
    ]
