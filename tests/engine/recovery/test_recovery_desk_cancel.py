"""Cancelling: what was not sent is stopped, all else goes on to its end."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from monitor.domain.errors import CannotStore
from monitor.domain.recovery.change import Change, ended, moved
from monitor.domain.recovery.refusal import UnknownRequest
from monitor.domain.recovery.words import Action, Outcome, State
from monitor.engine.recovery.asked import Asked
from monitor.engine.recovery.desk import Desk
from monitor.engine.recovery.desk_stopping import TRIES
from tests.engine.recovery.wards import Fleet
from tests.engine.recovery.wards_parts import ANN, BOB

ASKED = Asked(action=Action.RESTART, target="studio", reason="it hangs")


async def _begun() -> tuple[Fleet, Desk, Change]:
    fleet = Fleet()
    fleet.hangs()
    desk = fleet.a_desk()
    plan = await desk.plan(ASKED, ANN)
    change = await desk.apply(plan.id, ANN)
    fleet.told.clear()
    return fleet, desk, change


def _put(fleet: Fleet, change: Change, *states: State) -> Change:
    for state in states:
        change = moved(change, state, "on it goes", 1_000_001.0)
    fleet.journal.all_changes[change.id] = change
    return change


def _once(do: Callable[[], object]) -> Callable[[str], None]:
    """Return a hook that does something at the first write only."""
    left = [do]

    def hook(_: str) -> None:
        if left:
            left.pop()()

    return hook


@pytest.mark.parametrize("states", [(), (State.DRAINING,)])
async def test_what_was_not_sent_is_cancelled(
    states: tuple[State, ...],
) -> None:
    fleet, desk, change = await _begun()
    _put(fleet, change, *states)

    cancelled = await desk.cancel(change.id, BOB)

    assert cancelled.outcome is Outcome.CANCELLED
    assert cancelled.because == "cancelled by bob before anything was done"
    assert fleet.journal.all_changes[change.id] == cancelled
    assert fleet.outcomes == {change.plan: ["cancelled"]}
    assert fleet.journal.chain[-1].entry.who == "bob"
    assert fleet.carrier.woken == [change.id]
    assert fleet.changes_told[-1].change == cancelled
    assert fleet.plans_told[-1].record.outcome is Outcome.CANCELLED
    assert fleet.heads == [3]


@pytest.mark.parametrize(
    "states",
    [
        (State.INTENT,),
        (State.INTENT, State.SENT),
        (State.INTENT, State.SENT, State.VERIFYING),
        (State.INTENT, State.UNKNOWN),
    ],
)
async def test_after_the_intent_nobody_says_cancelled(
    states: tuple[State, ...],
) -> None:
    fleet, desk, change = await _begun()
    _put(fleet, change, *states)

    asked = await desk.cancel(change.id, BOB)

    assert (asked.state, asked.outcome) == (states[-1], None)
    assert asked.cancel_asked_by == "bob"
    assert fleet.audited[-1] == "cancel_asked"
    assert fleet.outcomes == {}
    assert fleet.carrier.woken == [change.id]
    assert fleet.changes_told[-1].before is states[-1]
    assert fleet.heads == [3]


async def test_asking_again_too_late_is_noted_once() -> None:
    fleet, desk, change = await _begun()
    _put(fleet, change, State.INTENT)

    await desk.cancel(change.id, BOB)
    again = await desk.cancel(change.id, ANN)

    assert again.cancel_asked_by == "bob"
    assert fleet.audited.count("cancel_asked") == 1


async def test_what_ended_is_told_as_it_ended() -> None:
    fleet, desk, change = await _begun()
    sent = _put(fleet, change, State.INTENT, State.SENT, State.VERIFYING)
    done = ended(sent, Outcome.SUCCEEDED, "it serves", 1_000_002.0)
    fleet.journal.all_changes[change.id] = done

    assert await desk.cancel(change.id, BOB) == done
    assert fleet.audited == ["planned", "applied"]


async def test_cancelling_twice_changes_nothing_more() -> None:
    fleet, desk, change = await _begun()
    once = await desk.cancel(change.id, BOB)

    assert await desk.cancel(change.id, ANN) == once
    assert fleet.outcomes == {change.plan: ["cancelled"]}


@pytest.mark.parametrize("id_", ["c404", "", "a b", "x" * 65])
async def test_an_unknown_change_cannot_be_cancelled(id_: str) -> None:
    with pytest.raises(UnknownRequest, match=r"^cannot find the change"):
        await Fleet().a_desk().cancel(id_, BOB)


async def test_a_change_of_another_monitor_is_cancelled_here_too() -> None:
    fleet, _, change = await _begun()

    cancelled = await fleet.a_desk("monitor-2").cancel(change.id, BOB)

    assert cancelled.outcome is Outcome.CANCELLED
    assert cancelled.owner == "monitor-1"


async def test_a_change_that_drains_meanwhile_is_cancelled_all_the_same() -> (
    None
):
    fleet, desk, change = await _begun()
    fleet.journal.on_write = _once(lambda: _put(fleet, change, State.DRAINING))

    cancelled = await desk.cancel(change.id, BOB)

    assert cancelled.outcome is Outcome.CANCELLED
    assert fleet.changes_told[-1].before is State.DRAINING


async def test_an_intent_that_is_faster_is_not_cancelled() -> None:
    fleet, desk, change = await _begun()
    fleet.journal.on_write = _once(lambda: _put(fleet, change, State.INTENT))

    asked = await desk.cancel(change.id, BOB)

    assert (asked.state, asked.cancel_asked_by) == (State.INTENT, "bob")
    assert fleet.outcomes == {}


async def test_an_end_that_is_faster_than_a_late_wish_is_told() -> None:
    fleet, desk, change = await _begun()
    late = _put(fleet, change, State.INTENT)
    over = ended(late, Outcome.INTERRUPTED, "nobody knows", 1_000_002.0)

    def end() -> None:
        fleet.journal.all_changes[change.id] = over

    fleet.journal.on_write = _once(end)

    assert await desk.cancel(change.id, BOB) == over
    assert "cancel_asked" not in fleet.audited


async def test_a_change_that_never_stands_still_is_asked_to_stop() -> None:
    """The tries have an end, and the wish is not lost."""
    fleet, desk, change = await _begun()
    turns: list[str] = []

    def another_owner(name: str) -> None:
        if name == "move":
            turns.append(name)
            owner = f"monitor-{len(turns)}-now"
            fleet.journal.all_changes[change.id] = replace(change, owner=owner)

    fleet.journal.on_write = another_owner

    asked = await desk.cancel(change.id, BOB)

    assert len(turns) == TRIES
    assert asked.cancel_asked_by == "bob"
    assert asked.state is State.READY


async def test_with_a_full_disk_nothing_is_cancelled() -> None:
    fleet, desk, change = await _begun()
    fleet.journal.full = True

    with pytest.raises(CannotStore):
        await desk.cancel(change.id, BOB)

    assert fleet.journal.all_changes[change.id] == change


async def test_what_was_cancelled_stays_so_when_the_disk_is_full_then() -> (
    None
):
    fleet, desk, change = await _begun()

    def fill(_: str) -> None:
        fleet.journal.full = True

    fleet.journal.written = fill

    cancelled = await desk.cancel(change.id, BOB)

    assert cancelled.outcome is Outcome.CANCELLED
    assert fleet.carrier.woken == [change.id]
    assert fleet.plans_told == []
