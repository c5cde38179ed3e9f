"""What is kept of recovery is bounded, but for what must not be lost."""

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.adapters.store import journal_trim
from monitor.adapters.store.journal import TEXT_LIMIT
from monitor.domain.errors import CannotStore
from monitor.domain.recovery.audit import flaws
from monitor.domain.recovery.change import moved
from monitor.domain.recovery.words import Outcome, State
from monitor.ports.recovery import Captured, Journal
from tests.adapters.store.journal_desk import (
    BOB,
    NOW,
    applied,
    approval,
    change,
    entry,
    finished,
    intended,
    plan,
)
from tests.adapters.store_desk import opened

DAY = 86_400.0


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_trim, "ENDED_KEPT", 2)


async def over(journal: Journal, change_id: str, *, at: float = NOW) -> None:
    """End a change that was never begun."""
    one = replace(change(change_id), updated_at=at)
    await applied(journal, one)
    await finished(journal, one, Outcome.CANCELLED)


async def ids(journal: Journal) -> list[str]:
    return [one.id for one in await journal.changes(limit=99)]


async def plan_ids(journal: Journal) -> list[str]:
    return [one.plan.id for one in await journal.plans(limit=99)]


async def test_the_oldest_ended_changes_go_with_all_that_is_theirs(
    path: Path,
) -> None:
    with opened(path) as store:
        journal = store.journal
        waiting = replace(change("c1"), state=State.WAITING)
        await applied(journal, waiting)
        await journal.approve(approval("p1"), entry())
        for change_id in ("c1", "c2"):
            text = Captured(change=change_id, at=NOW, text="{}")
            await journal.capture(text, entry())
        await finished(journal, waiting, Outcome.CANCELLED)
        await over(journal, "c2")
        await over(journal, "c3")

        assert await ids(journal) == ["c3", "c2"]
        assert await plan_ids(journal) == ["p3", "p2"]
        assert await journal.captured("c1") is None
        assert await journal.captured("c2") is not None
        await journal.keep_plan(plan("p1"), entry())
        record = await journal.plan("p1")

    assert record is not None
    assert record.approvals == ()


async def test_what_is_open_is_never_trimmed(path: Path) -> None:
    with opened(path) as store:
        journal = store.journal
        await applied(journal, change("c1"))
        await journal.keep_plan(plan("p2"), entry())
        for number in range(3, 9):
            await over(journal, f"c{number}")

        assert await ids(journal) == ["c8", "c7", "c1"]
        assert await plan_ids(journal) == ["p8", "p7", "p2", "p1"]


async def test_intents_stay_while_a_budget_may_count_them(
    path: Path,
) -> None:
    with opened(path) as store:
        journal = store.journal
        going = await intended(journal, await applied(journal))
        await finished(journal, going)
        for number in range(2, 6):
            await over(journal, f"c{number}", at=NOW + 399 * DAY)
        kept = await ids(journal)
        await over(journal, "c6", at=NOW + 401 * DAY)

        assert kept == ["c5", "c4", "c1"]
        assert await ids(journal) == ["c6", "c5"]
        assert await plan_ids(journal) == ["p6", "p5"]


async def test_plans_that_were_closed_are_counted_on_their_own(
    path: Path,
) -> None:
    with opened(path) as store:
        journal = store.journal
        await over(journal, "c1")
        await journal.keep_plan(plan("p9"), entry())
        for number in range(2, 6):
            await journal.keep_plan(plan(f"p{number}"), entry())
            await journal.approve(approval(f"p{number}", by=BOB), entry())
            await journal.close_plan(
                f"p{number}", Outcome.EXPIRED, "late", entry()
            )

        assert await plan_ids(journal) == ["p5", "p4", "p9", "p1"]
        assert await ids(journal) == ["c1"]


async def test_the_audit_is_never_trimmed(path: Path) -> None:
    with opened(path) as store:
        for number in range(1, 9):
            await over(store.journal, f"c{number}")

        chain = await store.journal.audit(limit=99)

    assert len(chain) == 24
    assert list(flaws(chain, None)) == []


async def test_a_big_sweep_is_done_in_slices(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_trim, "ENDED_KEPT", 99)
    with opened(path) as store:
        journal = store.journal
        for number in range(1, 7):
            await over(journal, f"c{number}")
        monkeypatch.setattr(journal_trim, "ENDED_KEPT", 2)
        monkeypatch.setattr(journal_trim, "SLICE", 3)

        await over(journal, "c7")
        after_one = await ids(journal)
        await over(journal, "c8")

        assert after_one == ["c7", "c6", "c5", "c4"]
        assert await ids(journal) == ["c8", "c7"]


async def test_ids_of_trimmed_changes_lead_nowhere(path: Path) -> None:
    with opened(path) as store:
        journal = store.journal
        for number in range(1, 5):
            await over(journal, f"c{number}")

        assert await journal.changes(limit=9, before="c1") == []
        waiting = moved(
            replace(change("c9"), state=State.WAITING), State.READY, "x", NOW
        )
        await applied(journal, waiting)

        assert await ids(journal) == ["c9", "c4", "c3"]


async def test_only_the_newest_captures_are_kept(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_trim, "CAPTURES_KEPT", 2)
    with opened(path) as store:
        for change_id in ("c3", "c1", "c2", "c2"):
            text = Captured(change=change_id, at=NOW, text="{}")
            await store.journal.capture(text, entry())

        kept = [await store.journal.captured(f"c{n}") for n in (1, 2, 3)]

    assert [one is not None for one in kept] == [True, True, False]


async def test_a_capture_that_is_too_long_is_refused(path: Path) -> None:
    text = Captured(change="c1", at=NOW, text="x" * (TEXT_LIMIT + 1))
    with opened(path) as store:
        with pytest.raises(CannotStore, match=r"1048576 is the most"):
            await store.journal.capture(text, entry())

        assert await store.journal.captured("c1") is None
        assert await store.journal.head() is None
