"""What a journal keeps of a climb: rungs, and who they belong to."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.adapters.store.journal_json import plan_of
from monitor.domain.errors import CannotStore, Superseded
from monitor.domain.recovery.change import Change, ended, moved
from monitor.domain.recovery.past import Deed
from monitor.domain.recovery.words import Action, Outcome, State
from monitor.ports.recovery import Journal
from tests.adapters.store.journal_desk import (
    LAX,
    ME,
    NOW,
    OTHER,
    applied,
    change,
    entry,
    finished,
    intended,
    locked,
    order,
    plan,
)
from tests.adapters.store.journal_of_issue_e import (
    PLAN,
    write_journal_of_issue_e,
)
from tests.adapters.store_desk import opened


async def climbing(journal: Journal, change_id: str = "c9") -> Change:
    """Keep a recover that is under way; return it."""
    asked = replace(change(change_id), action=Action.RECOVER)
    one = await applied(journal, asked)
    on = moved(one, State.CLIMBING, "climbs", NOW)
    await journal.move(on, entry(), expected=State.READY, owner=ME)
    return on


async def rung(
    journal: Journal,
    change_id: str = "c1",
    *,
    parent: str = "c9",
    done: bool = True,
    outcome: Outcome | None = Outcome.FAILED,
) -> None:
    """Begin a rung of a climb, on a machine of its own, and end it so."""
    one = replace(change(change_id, host=change_id), parent=parent)
    going = await intended(journal, await applied(journal, one))
    if outcome is not None:
        await finished(journal, replace(going, done=done), outcome)


async def cooled(journal: Journal, climbs: str) -> str:
    """Return why the next rung may not begin, empty where it may."""
    one = replace(
        change("c8", host="gpu9"), action=Action.REBOOT, parent=climbs
    )
    await applied(journal, one)
    lock = await locked(journal, one)
    going = moved(one, State.INTENT, "all gates hold", NOW + 9)
    limits = replace(LAX, quiet_since=NOW, climbs=climbs)
    try:
        await journal.intend(going, entry(), lock=lock, limits=limits)
    except Superseded as error:
        return error.reason
    return ""


async def test_what_a_change_did_and_whose_rung_it_is_are_kept(
    journal: Journal,
) -> None:
    await rung(journal)

    kept = await journal.change("c1")
    [deed] = await journal.deeds(since=NOW)

    assert kept is not None
    assert (kept.done, kept.parent) == (True, "c9")
    assert deed == Deed(
        change="c1",
        action=Action.RESTART,
        target="studio",
        intent_at=NOW,
        outcome=Outcome.FAILED,
        ended_at=NOW + 5,
        done=True,
        parent="c9",
    )


async def test_what_a_plan_says_beside_its_steps_is_kept(
    journal: Journal,
) -> None:
    aim = replace(
        plan().aim, cards=("GPU-1",), bystanders=("carol is logged in",)
    )
    asked = replace(
        plan(),
        aim=aim,
        notes=("pid 7 is left alone",),
        by_hand=("look with nvidia-smi",),
        parent="c9",
    )

    await journal.keep_plan(asked, entry())

    record = await journal.plan("p1")
    assert record is not None
    assert record.plan == asked


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.GAVE_UP])
async def test_a_rung_below_that_did_not_help_does_not_cool_the_next_down(
    journal: Journal, outcome: Outcome
) -> None:
    await rung(journal, outcome=outcome)

    assert await cooled(journal, "c9") == ""


@pytest.mark.parametrize(
    "odd",
    [
        {"done": False},
        {"outcome": None},
        {"outcome": Outcome.SUCCEEDED},
        {"outcome": Outcome.INTERRUPTED},
        {"parent": "c7"},
        {"parent": ""},
    ],
    ids=str,
)
async def test_everything_else_cools_down_within_a_climb_too(
    journal: Journal, odd: dict[str, object]
) -> None:
    await rung(journal, **odd)  # type: ignore[arg-type] # one field each

    assert await cooled(journal, "c9") == "cooldown"


async def test_whoever_climbs_nothing_waits_for_all_that_was_done(
    journal: Journal,
) -> None:
    await rung(journal, parent="")

    assert await cooled(journal, "") == "cooldown"


async def test_one_rung_that_counts_is_enough(journal: Journal) -> None:
    await rung(journal, "c1")
    await rung(journal, "c2", parent="c7")

    assert await cooled(journal, "c9") == "cooldown"


async def test_rungs_of_a_climb_count_for_the_budget(journal: Journal) -> None:
    await rung(journal)
    one = await applied(journal, replace(change("c2"), parent="c9"))
    lock = await locked(journal, one)
    going = moved(one, State.INTENT, "all gates hold", NOW + 9)
    tight = replace(LAX, since=NOW, most=1, climbs="c9")

    with pytest.raises(Superseded) as caught:
        await journal.intend(going, entry(), lock=lock, limits=tight)

    assert caught.value.reason == "budget"


async def test_a_climb_is_open_and_no_deed_and_takes_nobody_s_place(
    journal: Journal,
) -> None:
    on = await climbing(journal)
    one = await applied(journal)
    limits = replace(LAX, at_once=1)

    await intended(journal, one, limits=limits)

    opened_ones = await journal.changes(limit=9, only_open=True)
    assert [c.id for c in opened_ones] == ["c1", "c9"]
    assert opened_ones[1] == on
    assert [d.change for d in await journal.deeds(since=0)] == ["c1"]


async def test_a_climb_that_did_something_is_told_apart_while_it_climbs(
    journal: Journal,
) -> None:
    on = await climbing(journal)
    did = replace(on, done=True, progress="restart was sent")

    await journal.move(did, entry(), expected=State.CLIMBING, owner=ME)

    assert await journal.change("c9") == did
    over = ended(did, Outcome.SUCCEEDED, "restart helped", NOW + 9)
    await journal.move(over, entry(), expected=State.CLIMBING, owner=ME)
    record = await journal.plan("p9")
    assert record is not None
    assert record.outcome is Outcome.SUCCEEDED


async def test_a_climb_without_its_monitor_is_taken_over(
    journal: Journal,
) -> None:
    on = await climbing(journal)

    await journal.take_over(
        on, entry(at=NOW + 60), lock=None, owner=OTHER, until=NOW + 90
    )

    kept = await journal.change("c9")
    assert kept == replace(on, owner=OTHER, updated_at=NOW + 60)


async def test_a_climb_is_asked_to_stop(journal: Journal) -> None:
    on = await climbing(journal)

    await journal.ask_to_cancel("c9", "bob", entry("cancel_asked"))
    await journal.move(
        replace(on, done=True), entry(), expected=State.CLIMBING, owner=ME
    )

    kept = await journal.change("c9")
    assert kept == replace(on, done=True, cancel_asked_by="bob")


async def test_a_journal_of_the_release_before_is_read_and_goes_on(
    path: Path,
) -> None:
    write_journal_of_issue_e(path)

    with opened(path) as store:
        journal = store.journal
        kept = await journal.change("c1")
        [deed] = await journal.deeds(since=0)
        record = await journal.plan("p2")
        begun = await journal.apply(change("c2"), entry("applied"))
        await intended(journal, begun)

    assert kept is not None
    assert (kept.done, kept.parent) == (False, "")
    assert (kept.outcome, deed.done, deed.parent) == (
        Outcome.FAILED,
        False,
        "",
    )
    assert record is not None
    assert record.plan == replace(
        plan("p2"), digest=record.plan.digest, reason="it hangs"
    )


async def test_what_an_older_release_did_is_no_rung_that_did_not_help(
    path: Path,
) -> None:
    write_journal_of_issue_e(path)

    with opened(path) as store:
        assert await cooled(store.journal, "c9") == "cooldown"


def test_a_plan_of_the_release_before_has_nothing_beside_its_steps() -> None:
    old = plan_of(PLAN)

    assert (old.aim.cards, old.aim.bystanders) == ((), ())
    assert (old.notes, old.by_hand, old.parent) == ((), (), "")


@pytest.mark.parametrize("odd", [2, -1, "yes"])
async def test_what_is_neither_done_nor_not_is_damage(
    path: Path, odd: object
) -> None:
    with opened(path) as store:
        await rung(store.journal)
    order(path, "UPDATE changes SET done = ?", odd)

    with opened(path) as again, pytest.raises(CannotStore, match="c1"):
        await again.journal.change("c1")


def test_a_new_file_and_an_old_one_get_the_same_columns(
    path: Path, tmp_path: Path
) -> None:
    fresh = tmp_path / "fresh.db"
    with opened(fresh):
        pass
    write_journal_of_issue_e(path)
    with opened(path):
        pass

    def columns(file: Path) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(file)) as db:
            return db.execute("PRAGMA table_info(changes)").fetchall()

    assert columns(path) == columns(fresh)
