"""Gate `breaker`: whether what we do here helps at all."""

from collections.abc import Sequence

from monitor.domain.recovery.counting import deeds_on, has_been_since
from monitor.domain.recovery.gates.said import Said, ago, allowed, refused
from monitor.domain.recovery.past import Deed
from monitor.domain.recovery.situation import Situation
from monitor.domain.recovery.words import Outcome

FAILURES = 3
"""Deeds in a row without success that open it. Ours: supervisor and monit
give up after as many (facts/recovery.md §2, give up)."""
OPEN_FOR = 86400.0
"""Seconds after the newest of them for which it stays open: within a day
somebody was paged and looked. A person may pass it by break-glass before; that
it got well by itself for a while proves nothing of what we do."""


def breaker(situation: Situation) -> Said:
    """Refuse after deeds in a row that did not help.

    One that is not over yet did not help so far. It never stands in the way
    of a proof or an undo: those are no deeds.
    """
    failed = _in_a_row(deeds_on(situation))
    if len(failed) < FAILURES:
        return allowed(
            f"of the last deeds {len(failed)} in a row did not help, and"
            f" {FAILURES} would be too many"
        )
    now, newest = situation.now, _newest(failed)
    if not has_been_since(newest, now - OPEN_FOR):
        return allowed(
            f"the last deed that did not help was {ago(now, newest)}"
        )
    return refused(
        f"the last {len(failed)} deeds did not help, the newest"
        f" {ago(now, newest)}: a person must find out why"
    )


def _in_a_row(deeds: Sequence[Deed]) -> list[Deed]:
    """Return the newest deeds, back to the last that succeeded."""
    row: list[Deed] = []
    for deed in sorted(deeds, key=lambda one: one.intent_at, reverse=True):
        if deed.outcome is Outcome.SUCCEEDED:
            break
        row.append(deed)
    return row


def _newest(deeds: Sequence[Deed]) -> float:
    return max(
        at
        for deed in deeds
        for at in (deed.intent_at, deed.ended_at)
        if at is not None
    )
