"""What survives a restart: canary runs and the history."""

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.adapters.store import trimming
from monitor.adapters.store.moments import What
from monitor.domain.canary.reading import Result
from monitor.domain.health import Health
from monitor.domain.history import FAILURE_EVERY, Moment
from monitor.domain.observation import CheckKey, Kind
from tests.adapters.store_desk import SWAP, opened, run, told, turned
from tests.fakes.probe import STUDIO, seen

HOST = CheckKey(kind=Kind.HOST, subject="studio", check="gpu")


@pytest.mark.parametrize("benchmark", [(3.0, 4.0), None])
async def test_a_canary_run_comes_back_whole_after_a_restart(
    tmp_path: Path, benchmark: tuple[float, float] | None
) -> None:
    kept = run(7.0, benchmark=benchmark)
    with opened(tmp_path / "state.db") as store:
        await store.remember(told(kept))

    with opened(tmp_path / "state.db") as again:
        history = await again.canary_history(SWAP, limit=10)

    assert history == [kept]


async def test_the_newest_runs_come_first_and_no_more_than_asked_for(
    tmp_path: Path,
) -> None:
    with opened(tmp_path / "state.db") as store:
        for at in range(5):
            await store.remember(told(run(at)))

        history = await store.canary_history(SWAP, limit=2)

    assert [s.at for s in history] == [4, 3]


async def test_the_runs_of_another_server_are_left_out_when_asked(
    tmp_path: Path,
) -> None:
    with opened(tmp_path / "state.db") as store:
        for at in range(4):
            url = f"http://gpu{at % 2}:9002"
            await store.remember(replace(told(run(at)), url=url))

    with opened(tmp_path / "state.db") as again:
        of = await again.canary_history(SWAP, limit=9, url="http://gpu1:9002")
        one = await again.canary_history(SWAP, limit=1, url="http://gpu0:9002")
        none = await again.canary_history(SWAP, limit=9, url="")
        every = await again.canary_history(SWAP, limit=9)

    assert [s.at for s in of] == [3, 1]
    assert [s.at for s in one] == [2]
    assert none == []
    assert [s.at for s in every] == [3, 2, 1, 0]


async def test_the_runs_of_each_canary_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trimming, "LEAST_RUNS", 3)
    monkeypatch.setattr(trimming, "RUNS_KEPT", 3)
    monkeypatch.setattr(trimming, "SLICE", 1)
    other = replace(SWAP, check="canary.other")
    with opened(tmp_path / "state.db") as store:
        store._writer.before_sweep = 1  # noqa: SLF001 # as 999 looks later
        await store.remember(told(run(0, key=other)))
        for at in range(6):
            await store.remember(told(run(at)))

        history = await store.canary_history(SWAP, limit=10)
        kept = await store.canary_history(other, limit=10)

    assert [s.at for s in history] == [5, 4, 3]
    assert len(kept) == 1


async def test_looks_that_change_nothing_are_not_in_the_history(
    tmp_path: Path,
) -> None:
    with opened(tmp_path / "state.db") as store:
        for at in range(100):
            await store.remember(told(seen(at=at)))

        history = await store.history(
            Kind.TARGET, "studio", since=0, limit=1000
        )

    assert history == []


async def test_history_tells_what_happened_newest_first(
    tmp_path: Path,
) -> None:
    failed = seen(Health.UNHEALTHY, at=1)
    with opened(tmp_path / "state.db") as store:
        await store.remember(told(failed))
        await store.remember(turned(2))
        await store.remember(replace(told(run(3)), maintenance=True))
        await store.remember(told(seen(Health.UNHEALTHY, key=HOST, at=4)))

    with opened(tmp_path / "state.db") as again:
        history = await again.history(Kind.TARGET, "studio", since=0, limit=9)

    ids = [moment.id for moment in history]
    assert ids == sorted(ids, reverse=True)
    assert [replace(moment, id=0) for moment in history] == [
        Moment(
            id=0,
            key=SWAP,
            at=3,
            health=Health.DEGRADED,
            because="it is degraded",
            result=Result.SLOW,
            seconds=8.5,
            maintenance=True,
        ),
        Moment(
            id=0,
            key=STUDIO,
            at=2,
            health=Health.UNHEALTHY,
            because="it is unhealthy",
            reason="refused",
            before=Health.HEALTHY,
        ),
        Moment(
            id=0,
            key=STUDIO,
            at=1,
            health=Health.UNHEALTHY,
            because="it is unhealthy",
            reason="refused",
        ),
    ]


async def test_history_begins_where_it_is_asked_to_and_ends_at_its_limit(
    tmp_path: Path,
) -> None:
    with opened(tmp_path / "state.db") as store:
        for at in range(6):
            await store.remember(turned(at))

        late = await store.history(Kind.TARGET, "studio", since=4, limit=9)
        few = await store.history(Kind.TARGET, "studio", since=0, limit=3)

    assert [m.at for m in late] == [5, 4]
    assert [m.at for m in few] == [5, 4, 3]


async def test_a_server_that_stays_down_is_written_down_once_a_minute(
    tmp_path: Path,
) -> None:
    with opened(tmp_path / "state.db") as store:
        for at in range(0, 121, 2):
            await store.remember(told(seen(Health.UNHEALTHY, at=at)))

        history = await store.history(
            Kind.TARGET, "studio", since=0, limit=1000
        )

    assert [m.at for m in history] == [2 * FAILURE_EVERY, FAILURE_EVERY, 0]


async def test_a_new_reason_is_written_down_at_once(tmp_path: Path) -> None:
    down = seen(Health.UNHEALTHY, at=1)
    with opened(tmp_path / "state.db") as store:
        await store.remember(told(down))
        await store.remember(told(replace(down, at=2, reason="timeout")))
        await store.remember(told(replace(down, at=3)))

        history = await store.history(Kind.TARGET, "studio", since=0, limit=9)

    assert [m.reason for m in history] == ["timeout", "refused"]


async def test_a_failure_that_changed_the_opinion_is_one_line(
    tmp_path: Path,
) -> None:
    with opened(tmp_path / "state.db") as store:
        await store.remember(turned(1))
        await store.remember(told(seen(Health.UNHEALTHY, at=2)))

        history = await store.history(Kind.TARGET, "studio", since=0, limit=9)

    assert len(history) == 1


async def test_each_kind_of_moment_has_its_own_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bounds = {What.TRANSITION: 2, What.CANARY: 2, What.FAILURE: 3}
    monkeypatch.setattr(trimming, "MOMENTS_KEPT", bounds)
    with opened(tmp_path / "state.db") as store:
        await store.remember(turned(0))
        for minute in range(1, 9):
            look = seen(Health.UNHEALTHY, at=minute * 60.0)
            await store.remember(told(look))

        history = await store.history(Kind.TARGET, "studio", since=0, limit=99)

    assert [m.at / 60 for m in history] == [8, 7, 6, 0]


async def test_all_together_are_bounded_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trimming, "MOMENTS_IN_ALL", 4)
    monkeypatch.setattr(trimming, "RUNS_IN_ALL", 4)
    monkeypatch.setattr(trimming, "TRACKS_IN_ALL", 4)
    keys = [replace(SWAP, subject=f"s{n}") for n in range(12)]
    with opened(tmp_path / "state.db") as store:
        for at, key in enumerate(keys):
            await store.remember(told(run(at, key=key)))
        store._writer.sweep()  # noqa: SLF001 # comes after 5,000 looks

        runs = [await store.canary_history(key, limit=1) for key in keys]
        kept = await store.kept()
        moments = [
            await store.history(Kind.TARGET, f"s{n}", since=0, limit=9)
            for n in range(12)
        ]

    assert [len(one) for one in runs] == [0] * 8 + [1] * 4
    assert [len(one) for one in moments] == [0] * 8 + [1] * 4
    assert {one.key for one in kept} == set(keys[8:])


async def test_an_id_is_never_used_twice(tmp_path: Path) -> None:
    with opened(tmp_path / "state.db") as store:
        await store.remember(turned(1))
        [first] = await store.history(Kind.TARGET, "studio", since=0, limit=9)
        with store._engine.begin() as db:  # noqa: SLF001 # as a sweep does
            db.exec_driver_sql("DELETE FROM moments")

        await store.remember(turned(2))
        [second] = await store.history(Kind.TARGET, "studio", since=0, limit=9)

    assert second.id > first.id
