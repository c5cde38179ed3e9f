"""Lines on their way to a client: in order, some of them later."""

import heapq
import threading
import time
from collections.abc import Callable

_MOST = 1000
_ALIVE = 10.0
"""Seconds between two signs of life after a watch has begun."""
_NEVER = 3600.0


class Outbox:
    """Sends lines in a thread of its own; putting one never waits.

    `send` may block and may raise OSError; then nothing more is sent.
    `alive` makes the line that is sent every 10 s once `keep_alive` was
    called. A client that does not read 1,000 lines gets no more.
    """

    def __init__(
        self,
        name: str,
        send: Callable[[bytes], object],
        alive: Callable[[], bytes],
    ) -> None:
        self._send = send
        self._alive = alive
        self._ready = threading.Condition()
        self._lines: list[tuple[float, int, bytes]] = []
        self._number = 0
        self._next_alive: float | None = None
        self._is_over = False
        self._thread = threading.Thread(
            target=self._work, name=f"{name}-outbox", daemon=True
        )

    def open(self) -> None:
        """Begin to send."""
        self._thread.start()

    def put(self, line: bytes, *, after: float = 0.0) -> None:
        """Send a line `after` so many seconds."""
        with self._ready:
            if self._is_over or len(self._lines) >= _MOST:
                return
            due = time.monotonic() + after if after else 0.0
            self._number += 1
            heapq.heappush(self._lines, (due, self._number, line))
            self._ready.notify()

    def keep_alive(self) -> None:
        """Send a sign of life every 10 s from now on."""
        with self._ready:
            self._next_alive = time.monotonic() + _ALIVE
            self._ready.notify()

    def close(self, within: float) -> None:
        """Send what is ready, drop what is for later, and end."""
        with self._ready:
            self._is_over = True
            self._ready.notify()
        self._thread.join(within)

    def _work(self) -> None:
        try:
            while (line := self._next()) is not None:
                self._send(line)
        except (OSError, EOFError):
            with self._ready:
                self._is_over = True
                self._lines.clear()

    def _next(self) -> bytes | None:
        """Return the next line that is due, None when all is over."""
        with self._ready:
            while True:
                now = time.monotonic()
                if self._lines and self._lines[0][0] <= now:
                    return heapq.heappop(self._lines)[2]
                if self._is_over:
                    return None
                if self._next_alive is not None and self._next_alive <= now:
                    self._next_alive = now + _ALIVE
                    return self._alive()
                self._ready.wait(self._pause(now))

    def _pause(self, now: float) -> float:
        due = [line[0] for line in self._lines[:1]]
        if self._next_alive is not None:
            due.append(self._next_alive)
        return min(due, default=now + _NEVER) - now
