"""Diagnoses and pages survive a restart."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.adapters.store import trimming
from monitor.adapters.store.schema import HEAD
from monitor.domain.diagnosis.cause import NONE, Remedy, Severity
from monitor.domain.diagnosis.record import DiagnosisRecord, PageRecord
from monitor.domain.errors import CannotStore
from monitor.domain.health import Health
from monitor.domain.observation import Kind
from tests.adapters.store.journal_desk import before_recovery
from tests.adapters.store_desk import opened, turned

DOWN = DiagnosisRecord(
    target="studio",
    at=100.0,
    cause="process_down",
    health=Health.UNHEALTHY,
    severity=Severity.CRITICAL,
    because="no process \ud800",
    before=NONE,
    before_health=Health.HEALTHY,
    maintenance=True,
    url="http://gpu1:9002",
)
WELL = replace(
    DOWN,
    at=160.0,
    cause=NONE,
    health=Health.HEALTHY,
    severity=Severity.INFO,
    because="nothing is wrong",
    before="process_down",
    before_health=Health.UNHEALTHY,
)
TOLD = PageRecord(
    target="studio",
    at=100.0,
    host="gpu1",
    cause="gpu_memory_exhausted",
    severity=Severity.CRITICAL,
    because="out of memory",
    remedies=(Remedy.RESTART, Remedy.FREE_GPU_MEMORY),
)
HELD_BACK = replace(
    TOLD,
    target="attic",
    host="",
    withheld="maintenance",
    withheld_because="a new driver",
    remedies=(),
)


def clean(record: DiagnosisRecord) -> DiagnosisRecord:
    return replace(record, because=record.because.replace("\ud800", "\\ud800"))


def order(path: Path, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(sql, values)


async def test_the_last_diagnosis_of_every_server_survives_a_restart(
    tmp_path: Path,
) -> None:
    attic = replace(DOWN, target="attic", maintenance=False, url="")
    with opened(tmp_path / "state.db") as store:
        await store.keep_diagnosis(DOWN)
        await store.keep_diagnosis(attic)
        await store.keep_diagnosis(WELL)

    with opened(tmp_path / "state.db") as again:
        assert await again.diagnoses() == [clean(attic), WELL]


async def test_the_history_tells_of_diagnoses_between_other_moments(
    tmp_path: Path,
) -> None:
    with opened(tmp_path / "state.db") as store:
        await store.remember(turned(99))
        await store.keep_diagnosis(DOWN)
        await store.remember(turned(101))

        after, down, before = await store.history(
            Kind.TARGET, "studio", since=0, limit=9
        )

    assert (before.was, after.was, before.severity) == ("", "", None)
    assert (down.key.check, down.reason, down.was) == (
        "diagnosis",
        "process_down",
        NONE,
    )
    assert (down.before, down.health) == (Health.HEALTHY, Health.UNHEALTHY)
    assert (down.severity, down.maintenance) == (Severity.CRITICAL, True)
    assert down.because == clean(DOWN).because


async def test_the_diagnoses_of_a_server_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = trimming.MOMENTS_KEPT | {"diagnosis": 2}
    monkeypatch.setattr(trimming, "MOMENTS_KEPT", kept)
    with opened(tmp_path / "state.db") as store:
        await store.keep_diagnosis(replace(DOWN, target="attic"))
        for at in range(4):
            await store.keep_diagnosis(replace(DOWN, at=at))

        studio = await store.history(Kind.TARGET, "studio", since=0, limit=9)
        attic = await store.history(Kind.TARGET, "attic", since=0, limit=9)

    assert [moment.at for moment in studio] == [3, 2]
    assert len(attic) == 1


async def test_a_busy_history_pushes_no_diagnosis_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trimming, "MOMENTS_IN_ALL", 2)
    with opened(tmp_path / "state.db") as store:
        await store.keep_diagnosis(DOWN)
        for at in range(5):
            await store.remember(turned(at))
        await asyncio.to_thread(store._writer.sweep)  # noqa: SLF001 # as some looks later

        history = await store.history(Kind.TARGET, "studio", since=0, limit=9)

    assert [moment.at for moment in history] == [4, 3, 100]


async def test_all_diagnoses_together_are_bounded_on_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trimming, "DIAGNOSES_IN_ALL", 2)
    with opened(tmp_path / "state.db") as store:
        await store.remember(turned(1))
        for name in ("a", "b", "c"):
            await store.keep_diagnosis(replace(DOWN, target=name))
        await asyncio.to_thread(store._writer.sweep)  # noqa: SLF001 # as some looks later

        left = [one.target for one in await store.diagnoses()]
        studio = await store.history(Kind.TARGET, "studio", since=0, limit=9)

    assert left == ["b", "c"]
    assert len(studio) == 1


@pytest.mark.parametrize(
    "damage",
    [
        "reason = 'no_such_cause'",
        "was = NULL",
        "severity = 'mild'",
        "before = NULL",
        "at = 'noon'",
    ],
)
async def test_a_damaged_diagnosis_is_left_out_and_counted(
    tmp_path: Path, damage: str
) -> None:
    path = tmp_path / "state.db"
    with opened(path) as store:
        await store.keep_diagnosis(DOWN)
        await store.keep_diagnosis(replace(DOWN, target="attic"))
    sql = f"UPDATE moments SET {damage} WHERE subject = 'studio'"  # noqa: S608 - our own words
    order(path, sql)

    with opened(path) as again:
        left = [one.target for one in await again.diagnoses()]

        assert (left, again.unreadable) == (["attic"], 1)


async def test_a_page_survives_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path / "state.db") as store:
        await store.keep_page(TOLD)
        await store.keep_page(HELD_BACK)

    with opened(tmp_path / "state.db") as again:
        assert await again.pages(since=0, limit=9) == [
            replace(HELD_BACK, id=2),
            replace(TOLD, id=1),
        ]


async def test_what_became_of_a_page_replaces_it(tmp_path: Path) -> None:
    ended = replace(TOLD, ended_at=130.5, because="still out of memory")
    with opened(tmp_path / "state.db") as store:
        await store.keep_page(TOLD)
        await store.keep_page(replace(TOLD, at=131.0))
        await store.keep_page(ended)

        pages = await store.pages(since=0, limit=9)

    assert [(p.id, p.at, p.ended_at) for p in pages] == [
        (2, 131.0, None),
        (1, 100.0, 130.5),
    ]
    assert pages[1].because == "still out of memory"


async def test_a_page_that_ended_before_is_not_asked_for(
    tmp_path: Path,
) -> None:
    with opened(tmp_path / "state.db") as store:
        await store.keep_page(replace(TOLD, ended_at=130.0))
        await store.keep_page(replace(TOLD, at=131.0))

        both = await store.pages(since=129.9, limit=9)
        late = await store.pages(since=130.0, limit=9)

    assert [page.at for page in both] == [131.0, 100.0]
    assert [page.at for page in late] == [131.0]


async def test_pages_are_read_backwards_and_of_one_server_when_asked(
    tmp_path: Path,
) -> None:
    with opened(tmp_path / "state.db") as store:
        for at in range(3):
            await store.keep_page(replace(TOLD, at=at))
            await store.keep_page(replace(HELD_BACK, at=at))

        first = await store.pages(since=0, limit=4)
        rest = await store.pages(since=0, limit=4, before=first[-1].id)
        attic = await store.pages(since=0, limit=9, target="attic")
        nobody = await store.pages(since=0, limit=9, target="stranger")

    assert [page.id for page in first] == [6, 5, 4, 3]
    assert [page.id for page in rest] == [2, 1]
    assert [(p.target, p.at) for p in attic] == [
        ("attic", 2),
        ("attic", 1),
        ("attic", 0),
    ]
    assert nobody == []


async def test_the_pages_of_each_server_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trimming, "PAGES_KEPT", 2)
    with opened(tmp_path / "state.db") as store:
        await store.keep_page(HELD_BACK)
        for at in range(4):
            await store.keep_page(replace(TOLD, at=at))

        pages = await store.pages(since=0, limit=9)

    assert [(p.target, p.at) for p in pages] == [
        ("studio", 3),
        ("studio", 2),
        ("attic", 100),
    ]


async def test_all_pages_together_are_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trimming, "PAGES_IN_ALL", 3)
    with opened(tmp_path / "state.db") as store:
        for n in range(6):
            await store.keep_page(replace(TOLD, target=f"t{n}"))

        left = [page.target for page in await store.pages(since=0, limit=9)]

    assert left == ["t5", "t4", "t3"]


async def test_an_id_of_a_page_is_never_used_twice(
    tmp_path: Path,
) -> None:
    path = tmp_path / "state.db"
    with opened(path) as store:
        await store.keep_page(TOLD)
    order(path, "DELETE FROM pages")

    with opened(path) as again:
        await again.keep_page(TOLD)

        [page] = await again.pages(since=0, limit=9)

    assert page.id == 2


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("cause", "no_such_cause"),
        ("severity", "mild"),
        ("remedies", "restart"),
        ("remedies", "7"),
        ("remedies", '["dance"]'),
        ("ended_at", "noon"),
        ("withheld", b"\xff"),
    ],
)
async def test_a_damaged_page_is_left_out_and_counted(
    tmp_path: Path, column: str, value: object
) -> None:
    path = tmp_path / "state.db"
    with opened(path) as store:
        await store.keep_page(TOLD)
        await store.keep_page(HELD_BACK)
    sql = f"UPDATE pages SET {column} = ? WHERE target = 'studio'"  # noqa: S608 - our own words
    order(path, sql, value)

    with opened(path) as again:
        left = [page.target for page in await again.pages(since=0, limit=9)]

        assert (left, again.unreadable) == (["attic"], 1)


async def test_a_page_no_database_takes_is_an_error_without_its_values(
    tmp_path: Path,
) -> None:
    odd = replace(TOLD, at=float("nan"), because="hush")
    with opened(tmp_path / "state.db") as store:
        with pytest.raises(CannotStore, match="NOT NULL") as caught:
            await store.keep_page(odd)

        assert "hush" not in str(caught.value)
        assert await store.pages(since=0, limit=9) == []


async def test_a_history_of_the_release_before_is_still_told(
    tmp_path: Path,
) -> None:
    path = tmp_path / "state.db"
    with opened(path) as store:
        await store.remember(turned(1))
    before_recovery(path)
    order(path, "DROP TABLE pages")
    order(path, "DROP INDEX moments_diagnoses")
    for column in ("was", "severity", "url"):
        order(path, f"ALTER TABLE moments DROP COLUMN {column}")
    order(path, "UPDATE alembic_version SET version_num = '0002'")

    with opened(path) as again:
        await again.keep_diagnosis(DOWN)
        history = await again.history(Kind.TARGET, "studio", since=0, limit=9)
        pages = await again.pages(since=0, limit=9)

    assert [moment.was for moment in history] == [NONE, ""]
    assert pages == []
    assert path.with_name(f"state.db.before-{HEAD}.bak").exists()


async def test_a_diagnosis_that_is_kept_twice_is_told_once(
    tmp_path: Path,
) -> None:
    with opened(tmp_path / "state.db") as store:
        await store.keep_diagnosis(DOWN)
        await store.keep_diagnosis(DOWN)
        await store.keep_diagnosis(WELL)

        told = await store.history(Kind.TARGET, "studio", since=0, limit=9)

    assert [one.reason for one in told] == [NONE, "process_down"]


async def test_a_page_ends_at_the_latest_when_the_next_one_begins(
    tmp_path: Path,
) -> None:
    ended = replace(TOLD, at=50.0, ended_at=60.0)
    with opened(tmp_path / "state.db") as store:
        await store.keep_page(ended)
        await store.keep_page(TOLD)
        await store.keep_page(HELD_BACK)
        await store.keep_page(replace(TOLD, at=300.0))
        await store.keep_page(ended)

        told = await store.pages(since=0, limit=9)

    assert [(one.target, one.at, one.ended_at) for one in told] == [
        ("studio", 300.0, None),
        ("attic", 100.0, None),
        ("studio", 100.0, 300.0),
        ("studio", 50.0, 60.0),
    ]


async def test_a_page_that_goes_on_holds_again_and_ends_the_others(
    tmp_path: Path,
) -> None:
    with opened(tmp_path / "state.db") as store:
        await store.keep_page(replace(TOLD, ended_at=130.0))
        await store.keep_page(replace(TOLD, at=131.0))
        await store.keep_page(TOLD)

        told = await store.pages(since=0, limit=9)

    assert [(one.at, one.ended_at) for one in told] == [
        (131.0, 131.0),
        (100.0, None),
    ]
