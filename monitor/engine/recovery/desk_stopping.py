"""Stopping a change before anything is sent."""

from collections.abc import Callable
from dataclasses import replace

from monitor.domain.errors import Superseded
from monitor.domain.recovery.audit import Entry
from monitor.domain.recovery.change import Change, ended
from monitor.domain.recovery.principal import Principal
from monitor.domain.recovery.words import Outcome
from monitor.engine.events import ChangeTold
from monitor.engine.recovery.desk_room import Room
from monitor.engine.recovery.words_of import of_change

TRIES = 5
"""Times that a change is read again which went on meanwhile: there are
three states before the intent."""


async def stop(
    room: Room,
    change_id: str,
    outcome: Outcome,
    because: str,
    entry: Callable[[Change, float], Entry],
) -> tuple[Change, bool]:
    """End a change unless something was sent; say whether we ended it.

    Raises `UnknownRequest`, `CannotStore`.
    """
    for _ in range(TRIES):
        before = await room.change(change_id)
        if not before.can_be_cancelled:
            return before, False
        now = room.clock.now()
        change = ended(before, outcome, because, now)
        try:
            await room.journal.move(
                change,
                entry(change, now),
                expected=before.state,
                owner=before.owner,
            )
        except Superseded:
            continue
        await room.told(change, before)
        return change, True
    return await room.change(change_id), False


async def cancel(room: Room, change_id: str, by: Principal) -> Change:
    """Cancel a change, or note that it was asked for too late."""
    change, _ = await stop(
        room,
        change_id,
        Outcome.CANCELLED,
        f"cancelled by {by.who} before anything was done",
        lambda change, now: of_change("outcome", change, by.who, now),
    )
    if change.is_over or change.cancel_asked_by:
        return change
    return await _too_late(room, change, by)


async def _too_late(room: Room, change: Change, by: Principal) -> Change:
    """Note the wish; whoever carries the change out goes on to its end."""
    now = room.clock.now()
    because = "something may have been done already: it goes on to its end"
    entry = of_change(
        "cancel_asked", replace(change, because=because), by.who, now
    )
    try:
        asked = await room.journal.ask_to_cancel(change.id, by.who, entry)
    except Superseded:
        return await room.change(change.id)
    room.runner.wake(change.id)
    room.tell(ChangeTold(change=asked, before=asked.state))
    await room.herald.written()
    return asked
