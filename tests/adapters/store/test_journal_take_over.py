"""What a dead monitor left is taken over, by one."""

from dataclasses import replace

import pytest

from monitor.domain.errors import Superseded
from monitor.domain.recovery.change import Change, moved
from monitor.domain.recovery.words import Outcome, State
from monitor.ports.recovery import Journal, Lock
from tests.adapters.store.journal_desk import (
    ME,
    NOW,
    OTHER,
    applied,
    entry,
    finished,
    intended,
)


async def taken(
    journal: Journal, one: Change, lock: Lock | None, now: float
) -> Lock | None:
    return await journal.take_over(
        one,
        entry("reaped", at=now),
        lock=lock,
        owner=OTHER,
        until=now + 30,
    )


async def test_a_dead_owner_s_change_and_lock_are_taken_over(
    journal: Journal,
) -> None:
    one = await intended(journal, await applied(journal))
    [dead] = await journal.locks()

    lock = await taken(journal, one, dead, NOW + 30)

    assert lock == replace(
        dead, owner=OTHER, token=dead.token + 1, until=NOW + 60
    )
    assert await journal.locks() == [lock]
    assert await journal.change("c1") == replace(
        one, owner=OTHER, token=2, updated_at=NOW + 30
    )
    with pytest.raises(Superseded):
        await journal.beat(dead, until=NOW + 99)
    with pytest.raises(Superseded):
        await finished(journal, one)


async def test_a_change_without_a_lock_is_taken_over_without_one(
    journal: Journal,
) -> None:
    one = await applied(journal)

    assert await taken(journal, one, None, NOW + 30) is None

    assert await journal.change("c1") == replace(
        one, owner=OTHER, updated_at=NOW + 30
    )
    assert await journal.locks() == []


async def test_it_is_taken_over_once(journal: Journal) -> None:
    one = await intended(journal, await applied(journal))
    [dead] = await journal.locks()
    await taken(journal, one, dead, NOW + 30)

    with pytest.raises(Superseded) as caught:
        await taken(journal, one, dead, NOW + 31)

    assert caught.value.reason == "state"


async def test_an_owner_who_beats_again_keeps_it(journal: Journal) -> None:
    one = await intended(journal, await applied(journal))
    [dead] = await journal.locks()
    await journal.beat(dead, until=NOW + 90)

    for lock in (dead, None, replace(dead, until=NOW + 90)):
        with pytest.raises(Superseded) as caught:
            await taken(journal, one, lock, NOW + 31)
        assert caught.value.reason == "lock"

    assert await journal.change("c1") == one


async def test_a_change_that_ended_or_went_on_is_not_taken_over(
    journal: Journal,
) -> None:
    one = await applied(journal)
    draining = moved(one, State.DRAINING, "two jobs", NOW)
    await journal.move(draining, entry(), expected=State.READY, owner=ME)

    with pytest.raises(Superseded):
        await taken(journal, one, None, NOW + 30)
    over = await finished(journal, draining, Outcome.CANCELLED)
    with pytest.raises(Superseded):
        await taken(journal, over, None, NOW + 30)

    assert await journal.change("c1") == over
