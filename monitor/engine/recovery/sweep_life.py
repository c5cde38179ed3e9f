"""Signs of life: whose owner is gone, whatever clocks say.

A lock that ran out tells it, by the time of day. Where clocks were set back
a lock that nobody keeps tells it, too, by a clock that does not jump.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from monitor.domain.recovery.change import Change
from monitor.engine.recovery.runner_lease import LASTS
from monitor.ports import Clock
from monitor.ports.recovery import Lock


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sign:
    """What was seen of a change, and since when it has not changed."""

    seen: object
    since: float


class SignsOfLife:
    """Remembers what it saw of open changes and their locks."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._signs: dict[str, _Sign] = {}

    def saw(
        self, changes: Iterable[Change], locks: Mapping[str, Lock]
    ) -> None:
        """Take in how things are now, and forget what is over."""
        now = self._clock.monotonic()
        seen: dict[str, object] = {one.id: one for one in changes}
        seen |= locks
        self._signs = {
            id_: self._sign(id_, sign, now) for id_, sign in seen.items()
        }

    def is_gone(self, change: Change, lock: Lock | None) -> bool:
        """Return whether nobody carries a change any more.

        One without a lock may be just about to take it.
        """
        return self.has_lapsed(lock) if lock else self._is_still(change.id)

    def has_lapsed(self, lock: Lock) -> bool:
        """Return whether a lock ran out, or nobody keeps it."""
        if lock.until <= self._clock.now():
            return True
        return self._is_still(lock.change)

    def _sign(self, id_: str, seen: object, now: float) -> _Sign:
        before = self._signs.get(id_)
        if before is not None and before.seen == seen:
            return before
        return _Sign(seen=seen, since=now)

    def _is_still(self, id_: str) -> bool:
        sign = self._signs.get(id_)
        return (
            sign is not None and self._clock.monotonic() - sign.since > LASTS
        )
