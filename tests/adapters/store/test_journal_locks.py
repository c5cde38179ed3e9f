"""Locks: one a machine, each with a higher token than all before."""

from dataclasses import replace

import pytest

from monitor.domain.errors import Superseded
from monitor.domain.recovery.words import Outcome
from monitor.ports.recovery import Journal, Lock
from tests.adapters.store.journal_desk import (
    ME,
    NOW,
    OTHER,
    applied,
    entry,
    finished,
    locked,
)


async def test_a_lock_is_given_with_a_token(journal: Journal) -> None:
    lock = await journal.lock("gpu1", "c1", ME, now=NOW, lasts=30)

    assert lock == Lock(
        host="gpu1", change="c1", owner=ME, token=1, until=NOW + 30
    )
    assert await journal.locks() == [lock]


async def test_a_lock_has_one_holder_who_is_named(journal: Journal) -> None:
    lock = await journal.lock("gpu1", "c1", ME, now=NOW, lasts=30)

    with pytest.raises(Superseded, match=r"c1 .*monitor-1") as caught:
        await journal.lock("gpu1", "c2", OTHER, now=NOW + 29, lasts=30)

    assert caught.value.reason == "lock"
    assert await journal.locks() == [lock]


async def test_machines_are_locked_each_for_itself(journal: Journal) -> None:
    two = await journal.lock("gpu2", "c2", OTHER, now=NOW, lasts=30)
    one = await journal.lock("gpu1", "c1", ME, now=NOW, lasts=30)

    assert await journal.locks() == [one, two]
    assert one.token > two.token


async def test_who_asks_again_gets_a_new_token(journal: Journal) -> None:
    first = await journal.lock("gpu1", "c1", ME, now=NOW, lasts=30)
    second = await journal.lock("gpu1", "c1", ME, now=NOW + 1, lasts=30)

    with pytest.raises(Superseded):
        await journal.beat(first, until=NOW + 99)

    assert second.token > first.token
    assert await journal.locks() == [second]


async def test_a_lock_that_ran_out_is_given_on(journal: Journal) -> None:
    first = await journal.lock("gpu1", "c1", ME, now=NOW, lasts=30)
    second = await journal.lock("gpu1", "c2", OTHER, now=NOW + 30, lasts=30)

    with pytest.raises(Superseded) as caught:
        await journal.beat(first, until=NOW + 99)

    assert caught.value.reason == "lock"
    assert second.token > first.token
    assert await journal.locks() == [second]


async def test_a_lock_that_ran_out_under_a_change_is_the_sweeper_s(
    journal: Journal,
) -> None:
    one = await applied(journal)
    held = await locked(journal, one)

    with pytest.raises(Superseded) as caught:
        await journal.lock("gpu1", "c2", OTHER, now=NOW + 999, lasts=30)

    assert caught.value.reason == "lock"
    assert await journal.locks() == [held]


async def test_a_change_that_is_over_locks_nothing(journal: Journal) -> None:
    one = await applied(journal)
    await finished(journal, one, Outcome.CANCELLED)

    with pytest.raises(Superseded) as caught:
        await locked(journal, one)

    assert caught.value.reason == "state"
    assert await journal.locks() == []


async def test_a_lock_is_kept_by_beating(journal: Journal) -> None:
    lock = await journal.lock("gpu1", "c1", ME, now=NOW, lasts=30)

    await journal.beat(lock, until=NOW + 60)
    await journal.beat(lock, until=NOW + 90)

    assert await journal.locks() == [replace(lock, until=NOW + 90)]
    with pytest.raises(Superseded):
        await journal.lock("gpu1", "c2", OTHER, now=NOW + 89, lasts=30)


@pytest.mark.parametrize(
    "theirs",
    [{"token": 7}, {"owner": OTHER}, {"change": "c2"}, {"host": "gpu2"}],
)
async def test_only_the_very_lock_is_beaten_or_given_back(
    journal: Journal, theirs: dict[str, object]
) -> None:
    lock = await journal.lock("gpu1", "c1", ME, now=NOW, lasts=30)
    odd = replace(lock, **theirs)  # type: ignore[arg-type] # one field each

    with pytest.raises(Superseded):
        await journal.beat(odd, until=NOW + 99)
    await journal.unlock(odd)

    assert await journal.locks() == [lock]


async def test_a_lock_that_was_given_back_is_free(journal: Journal) -> None:
    lock = await journal.lock("gpu1", "c1", ME, now=NOW, lasts=30)
    await journal.beat(lock, until=NOW + 60)

    await journal.unlock(lock)
    await journal.unlock(lock)
    after = await journal.lock("gpu1", "c2", OTHER, now=NOW, lasts=30)

    assert after.token == lock.token + 1


async def test_tokens_are_raised_once_above_what_a_machine_has_seen(
    journal: Journal,
) -> None:
    await journal.raise_token(41, entry("fencing_raised"))
    await journal.raise_token(41, entry("fencing_raised"))
    await journal.raise_token(3, entry("fencing_raised"))

    lock = await journal.lock("gpu1", "c1", ME, now=NOW, lasts=30)

    assert lock.token == 42
    assert len(await journal.audit(limit=9)) == 1
