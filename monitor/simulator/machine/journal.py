"""A log that is read by cursor, as journald's is."""

import threading
import uuid
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

_KEPT = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line; `at` is Unix time, `number` counts up by one a line."""

    number: int
    at: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What came after a cursor; `lost`: some of it is not kept any more."""

    entries: Sequence[Entry]
    cursor: str
    lost: bool


class Journal:
    """The newest lines of one log. May be used from any thread."""

    def __init__(self, name: str) -> None:
        self._name = uuid.uuid5(uuid.NAMESPACE_DNS, name).hex
        self._lock = threading.Lock()
        self._number = 0
        self._entries: deque[Entry] = deque(maxlen=_KEPT)

    def add(self, at: float, text: str) -> None:
        """Write one line."""
        with self._lock:
            self._number += 1
            self._entries.append(Entry(number=self._number, at=at, text=text))

    def clear(self) -> None:
        """Forget all lines; numbers, and so cursors, are not used again."""
        with self._lock:
            self._entries.clear()

    def after(self, cursor: str | None) -> Read:
        """Return what was written after a cursor, all without a known one."""
        known = self._read(cursor)
        with self._lock:
            there, last = list(self._entries), self._number
        entries = [one for one in there if one.number > (known or 0)]
        first = entries[0].number if entries else last + 1
        return Read(
            entries=entries,
            cursor=f"s={self._name};i={last:x}",
            lost=known is not None and known + 1 < first,
        )

    def _read(self, cursor: str | None) -> int | None:
        name, _, number = (cursor or "").partition(";i=")
        if name != f"s={self._name}":
            return None
        try:
            return int(number, 16)
        except ValueError:
            return None
