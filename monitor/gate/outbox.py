"""What waits to be written, without ever blocking on a slow reader."""

from __future__ import annotations

import os
import select

_ROOM = 4096
"""Bytes (PIPE_BUF) that a descriptor ready for writing takes at once."""

_ENOUGH = 1 << 20


class Outbox:
    """Lines on their way out; `gone` once nobody reads them any more."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.gone = False
        self._waiting = bytearray()

    @property
    def full(self) -> bool:
        """Whether the reader must take something before we do more."""
        return len(self._waiting) > _ENOUGH

    @property
    def waits(self) -> bool:
        """Whether something is not written yet."""
        return bool(self._waiting)

    @property
    def interest(self) -> int:
        """What to poll for; that nobody reads any more is always told."""
        return select.POLLOUT if self._waiting else 0

    def put(self, line: bytes) -> None:
        """Queue a line; it goes out when the descriptor is ready."""
        self._waiting += line

    def write(self) -> None:
        """Write what certainly does not block; for a ready descriptor."""
        poll = select.poll()
        poll.register(self.descriptor, select.POLLOUT)
        ready = True
        while ready and self._waiting:
            self._write_some()
            ready = bool(poll.poll(0)) and not self.gone

    def _write_some(self) -> None:
        try:
            count = os.write(self.descriptor, self._waiting[:_ROOM])
        except BlockingIOError:
            count = 0
        except OSError:
            self.gone = True
            self._waiting.clear()
            return
        del self._waiting[:count]
