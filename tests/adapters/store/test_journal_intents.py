"""Intents: written only while all they rely on holds."""

from dataclasses import replace

import pytest

from monitor.domain.errors import Superseded
from monitor.domain.recovery.change import Change, moved
from monitor.domain.recovery.words import Action, Outcome, State
from monitor.ports.recovery import Journal, Limits, Lock
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
)


async def refused(
    journal: Journal, going: Change, lock: Lock, limits: Limits = LAX
) -> str:
    before = (await journal.change(going.id), await journal.head())

    with pytest.raises(Superseded) as caught:
        await journal.intend(going, entry(), lock=lock, limits=limits)

    assert (await journal.change(going.id), await journal.head()) == before
    return caught.value.reason


def going(one: Change, now: float = NOW) -> Change:
    return moved(one, State.INTENT, "all gates hold", now)


async def test_an_intent_is_kept_with_its_token_and_time(
    journal: Journal,
) -> None:
    after = await intended(journal, await applied(journal), now=NOW + 3)

    kept = await journal.change("c1")

    assert kept == after
    assert (after.token, after.intent_at) == (1, NOW + 3)


async def test_the_token_kept_is_that_of_the_lock(journal: Journal) -> None:
    one = await applied(journal)
    lock = await locked(journal, one)

    await journal.intend(going(one), entry(), lock=lock, limits=LAX)

    kept = await journal.change("c1")
    assert kept is not None
    assert kept.token == lock.token


async def test_an_intent_is_written_once(journal: Journal) -> None:
    one = await applied(journal)
    await intended(journal, one)
    [lock] = await journal.locks()

    assert await refused(journal, going(one), lock) == "state"


async def test_a_change_that_ended_is_not_intended(journal: Journal) -> None:
    one = await applied(journal)
    lock = await locked(journal, one)
    await finished(journal, one, Outcome.CANCELLED)

    assert await refused(journal, going(one), lock) == "state"


async def test_another_s_change_is_not_intended(journal: Journal) -> None:
    one = await applied(journal, change(owner=OTHER))
    lock = await journal.lock("gpu1", "c1", ME, now=NOW, lasts=30)
    mine = going(replace(one, owner=ME))

    assert await refused(journal, mine, lock) == "state"


@pytest.mark.parametrize(
    ("theirs", "reason"),
    [
        ({"token": 7}, "lock"),
        ({"owner": OTHER}, "state"),
        ({"change": "c2"}, "lock"),
        ({"host": "gpu2"}, "lock"),
    ],
)
async def test_no_other_lock_will_do(
    journal: Journal, theirs: dict[str, object], reason: str
) -> None:
    one = await applied(journal)
    lock = replace(await locked(journal, one), **theirs)  # type: ignore[arg-type] # one field each

    assert await refused(journal, going(one), lock) == reason


@pytest.mark.parametrize(("host", "holder"), [("gpu2", "c1"), ("gpu1", "c2")])
async def test_the_lock_is_of_the_change_and_its_machine(
    journal: Journal, host: str, holder: str
) -> None:
    one = await applied(journal)
    lock = await journal.lock(host, holder, ME, now=NOW, lasts=30)

    assert await refused(journal, going(one), lock) == "lock"


async def test_a_lock_that_ran_out_will_not_do(journal: Journal) -> None:
    one = await applied(journal)
    lock = await locked(journal, one)

    assert await refused(journal, going(one, NOW + 30), lock) == "lock"


async def test_a_lock_that_was_beaten_since_will_do(journal: Journal) -> None:
    one = await applied(journal)
    lock = await locked(journal, one)
    await journal.beat(lock, until=NOW + 60)

    await journal.intend(going(one, NOW + 59), entry(), lock=lock, limits=LAX)

    kept = await journal.change("c1")
    assert kept is not None
    assert kept.state is State.INTENT


async def past(journal: Journal, times: int, *, ends: bool = True) -> None:
    """Restart the studio some times, a second apart, from NOW on."""
    for n in range(times):
        one = await applied(journal, change(f"c{n}", host=f"host{n}"))
        after = await intended(journal, one, now=NOW + n)
        if ends:
            await finished(journal, after)


async def weighed(journal: Journal, limits: Limits, **odd: object) -> str:
    """Return why another restart is refused, empty where it is not."""
    one = replace(change("c9", host="gpu9"), **odd)  # type: ignore[arg-type] # some fields
    await applied(journal, one)
    lock = await locked(journal, one)
    try:
        await journal.intend(
            going(one, NOW + 9), entry(), lock=lock, limits=limits
        )
    except Superseded as error:
        return error.reason
    return ""


@pytest.mark.parametrize("ends", [True, False])
@pytest.mark.parametrize(
    ("most", "since", "reason"),
    [
        (3, NOW, "budget"),
        (4, NOW, ""),
        (3, NOW + 0.5, ""),
        (2, NOW + 1, "budget"),
        (None, NOW, ""),
    ],
)
async def test_the_budget_counts_intents_of_the_action_ended_or_not(
    journal: Journal,
    *,
    ends: bool,
    most: int | None,
    since: float,
    reason: str,
) -> None:
    await past(journal, 3, ends=ends)

    assert (
        await weighed(journal, replace(LAX, since=since, most=most)) == reason
    )


@pytest.mark.parametrize(
    ("odd", "tight", "reason"),
    [
        ({"target": "attic"}, {"most": 1}, ""),
        ({"target": "attic"}, {"quiet_since": NOW}, ""),
        ({"action": Action.REBOOT}, {"most": 1}, ""),
        ({"action": Action.REBOOT}, {"quiet_since": NOW}, "cooldown"),
    ],
)
async def test_budgets_are_of_an_action_cooldowns_of_all(
    journal: Journal,
    odd: dict[str, object],
    tight: dict[str, float],
    reason: str,
) -> None:
    await past(journal, 1)

    limits = replace(LAX, **tight)  # type: ignore[arg-type] # one field
    assert await weighed(journal, limits, **odd) == reason


@pytest.mark.parametrize(
    ("quiet_since", "reason"), [(NOW, "cooldown"), (NOW + 0.5, "")]
)
async def test_a_cooldown_counts_from_the_last_intent(
    journal: Journal, quiet_since: float, reason: str
) -> None:
    await past(journal, 1)

    limits = replace(LAX, quiet_since=quiet_since)
    assert await weighed(journal, limits) == reason


@pytest.mark.parametrize(
    ("ends", "at_once", "reason"),
    [(False, 2, "at_once"), (False, 3, ""), (True, 1, "")],
)
async def test_only_so_many_are_under_way_at_once(
    journal: Journal, *, ends: bool, at_once: int, reason: str
) -> None:
    await past(journal, 2, ends=ends)

    limits = replace(LAX, at_once=at_once)
    assert await weighed(journal, limits, target="attic") == reason


async def test_what_waits_before_its_intent_is_not_under_way(
    journal: Journal,
) -> None:
    await applied(journal)

    assert await weighed(journal, replace(LAX, at_once=1)) == ""
