"""Changes: moved by who has them, and ended once."""

from dataclasses import replace

import pytest

from monitor.domain.errors import Superseded
from monitor.domain.recovery.change import ended, moved
from monitor.domain.recovery.past import Deed
from monitor.domain.recovery.words import Action, Outcome, State
from monitor.ports.recovery import Captured, Journal
from tests.adapters.store.journal_desk import (
    ME,
    NOW,
    OTHER,
    applied,
    change,
    entry,
    finished,
    intended,
    locked,
)


async def test_a_change_that_was_never_kept_is_none(journal: Journal) -> None:
    assert await journal.change("c1") is None


async def test_changes_are_told_newest_first(journal: Journal) -> None:
    for change_id, target in (("c2", "a"), ("c3", "b"), ("c1", "a")):
        await applied(journal, change(change_id, target=target))
    await finished(journal, change("c3", target="b"), Outcome.CANCELLED)

    async def ids(**asked: object) -> list[str]:
        found = await journal.changes(**{"limit": 9, **asked})  # type: ignore[arg-type] # as asked
        return [one.id for one in found]

    assert await ids() == ["c1", "c3", "c2"]
    assert await ids(limit=2) == ["c1", "c3"]
    assert await ids(before="c1") == ["c3", "c2"]
    assert await ids(before="c2") == []
    assert await ids(before="c9") == []
    assert await ids(target="a") == ["c1", "c2"]
    assert await ids(target="c") == []
    assert await ids(only_open=True) == ["c1", "c2"]
    assert await ids(only_open=True, before="c1", target="a") == ["c2"]


async def test_a_change_is_moved_by_its_owner(journal: Journal) -> None:
    waiting = replace(change(owner=""), state=State.WAITING)
    await applied(journal, waiting)
    ready = replace(moved(waiting, State.READY, "go", NOW + 1), owner=ME)

    await journal.move(ready, entry(), expected=State.WAITING, owner="")

    assert await journal.change("c1") == ready


@pytest.mark.parametrize(
    ("expected", "owner"),
    [(State.WAITING, ME), (State.READY, OTHER), (State.READY, "")],
)
async def test_a_change_that_went_on_or_is_another_s_stays(
    journal: Journal, expected: State, owner: str
) -> None:
    kept = await applied(journal)
    over = ended(kept, Outcome.CANCELLED, "no", NOW)

    with pytest.raises(Superseded) as caught:
        await journal.move(over, entry(), expected=expected, owner=owner)

    assert caught.value.reason == "state"
    assert await journal.change("c1") == kept
    assert len(await journal.audit(limit=9)) == 2


async def test_an_outcome_never_changes(journal: Journal) -> None:
    over = await finished(journal, await applied(journal), Outcome.CANCELLED)
    other = replace(over, outcome=Outcome.SUCCEEDED)

    with pytest.raises(Superseded):
        await journal.move(other, entry(), expected=State.ENDED, owner=ME)
    with pytest.raises(Superseded):
        await journal.ask_to_cancel("c1", "bob", entry())
    await journal.say("c1", "still at it", NOW + 99)

    assert await journal.change("c1") == over


async def test_ending_gives_back_its_own_lock_only(journal: Journal) -> None:
    one = await applied(journal)
    two = await applied(journal, change("c2", host="gpu2"))
    await locked(journal, one)
    theirs = await locked(journal, two)

    await finished(journal, one, Outcome.REFUSED)

    assert await journal.locks() == [theirs]


async def test_a_move_that_is_no_end_keeps_the_lock(journal: Journal) -> None:
    one = await applied(journal)
    lock = await locked(journal, one)
    draining = moved(one, State.DRAINING, "two jobs", NOW)

    await journal.move(draining, entry(), expected=State.READY, owner=ME)

    assert await journal.locks() == [lock]


async def test_nothing_is_moved_that_is_not_kept(journal: Journal) -> None:
    with pytest.raises(Superseded):
        await journal.move(change(), entry(), expected=State.READY, owner=ME)
    with pytest.raises(Superseded):
        await journal.ask_to_cancel("c1", "bob", entry())
    await journal.say("c1", "on it", NOW)

    assert await journal.head() is None


async def test_what_is_said_of_a_change_needs_no_audit(
    journal: Journal,
) -> None:
    kept = await applied(journal)

    await journal.say("c1", "two jobs left", NOW + 7)

    assert await journal.change("c1") == replace(
        kept, progress="two jobs left", updated_at=NOW + 7
    )
    assert len(await journal.audit(limit=9)) == 2


async def test_who_wanted_it_stopped_is_noted_for_good(
    journal: Journal,
) -> None:
    going = await intended(journal, await applied(journal))

    asked = await journal.ask_to_cancel("c1", "bob", entry("cancel_asked"))
    again = await journal.ask_to_cancel("c1", "eve", entry("cancel_asked"))
    over = await finished(journal, going)

    assert asked == again == replace(going, cancel_asked_by="bob")
    assert await journal.change("c1") == replace(over, cancel_asked_by="bob")
    assert len(await journal.audit(limit=9)) == 6


async def test_deeds_are_intents_oldest_first_open_ones_too(
    journal: Journal,
) -> None:
    late = await applied(journal, change("c1", host="gpu1"))
    early = await applied(journal, change("c2", host="gpu2", target="attic"))
    await applied(journal, change("c3", host="gpu3"))
    await intended(journal, late, now=NOW + 5)
    going = await intended(journal, early, now=NOW + 1)
    await finished(journal, going)

    every = await journal.deeds(since=NOW + 1)
    last = await journal.deeds(since=NOW + 1.5)

    assert every == [
        Deed(
            change="c2",
            action=Action.RESTART,
            target="attic",
            intent_at=NOW + 1,
            outcome=Outcome.FAILED,
            ended_at=NOW + 6,
        ),
        Deed(
            change="c1",
            action=Action.RESTART,
            target="studio",
            intent_at=NOW + 5,
        ),
    ]
    assert [one.change for one in last] == ["c1"]


async def test_what_was_captured_is_read_again(journal: Journal) -> None:
    first = Captured(change="c1", at=NOW, text="{}")
    second = Captured(change="c1", at=NOW + 1, text='{"gpu": "a\0b\n"}')

    await journal.capture(first, entry("captured"))
    await journal.capture(second, entry("captured"))

    assert await journal.captured("c1") == second
    assert await journal.captured("c2") is None
    assert len(await journal.audit(limit=9)) == 2
