"""Serves a conversation over two descriptors until it is over."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable

from monitor.gate.abilities import Abilities
from monitor.gate.conversation import Conversation
from monitor.gate.hello import Way
from monitor.gate.lines import LineReader
from monitor.gate.outbox import Outbox
from monitor.gate.protocol import Refused

_PIECE_READ = 65536
_TICK = 0.5
"""Seconds between looks at what is watched."""

_IDLE = 15 * 60.0
_LAST_WORDS = 90.0
"""Seconds for the answers under way after the end of the input."""

_LOST = select.POLLERR | select.POLLHUP | select.POLLNVAL


class Server:
    """Waits for lines, children and what is watched, one thing at a time.

    `ask` and `answer` are descriptors; `idle` is how many seconds without a
    request are enough.
    """

    def __init__(
        self,
        way: Way,
        abilities: Abilities,
        ask: int = 0,
        answer: int = 1,
        idle: float = _IDLE,
    ) -> None:
        self._ask = ask
        self._idle = idle
        self._lines = LineReader()
        self._out = Outbox(answer)
        self._watcher = abilities.watcher
        self._heard_at = time.monotonic()
        self._looked_at = 0.0
        self._ended = False
        self.conversation = Conversation(way, abilities, self._out.put)

    def serve(self) -> None:
        """Serve until the end; then nothing that we started runs on."""
        try:
            while self._goes_on(time.monotonic()):
                self._wait()
        finally:
            self._watcher.close()
            for lane in self.conversation.lanes.values():
                lane.kill()

    def _goes_on(self, now: float) -> bool:
        if self._out.gone:
            return False
        silent = now - self._heard_at
        busy = self.conversation.under_way > 0
        if self._ended:
            return (busy or self._out.waits) and silent < _LAST_WORDS
        return busy or silent < self._idle

    def _wait(self) -> None:
        """Wait for what happens next, and go on with it."""
        ready = self._descriptors()
        poll = select.poll()
        for descriptor in ready:
            poll.register(descriptor, select.POLLIN)
        poll.register(self._out.descriptor, self._out.interest)
        left = max(0.0, self._wake() - time.monotonic())
        for descriptor, event in poll.poll(left * 1000):
            if descriptor == self._out.descriptor:
                self._write(event)
            else:
                ready[descriptor](time.monotonic())
        self.conversation.turn(time.monotonic())
        self._look(time.monotonic())

    def _look(self, now: float) -> None:
        if self._watches() and now - self._looked_at >= _TICK:
            self._looked_at = now
            self.conversation.events()

    def _watches(self) -> bool:
        watching = self.conversation.watching
        return watching and not self._ended and not self._out.full

    def _descriptors(self) -> dict[int, Callable[[float], None]]:
        ready: dict[int, Callable[[float], None]] = {}
        if self._watches():
            for descriptor in self._watcher.descriptors():
                ready[descriptor] = self._news
        for lane in self.conversation.lanes.values():
            if lane.descriptor is not None:
                ready[lane.descriptor] = lane.hear
        if not self._ended and not self._out.full:
            ready[self._ask] = self._read
        return ready

    def _wake(self) -> float:
        """Return when to go on at the latest, on the monotonic clock."""
        now = time.monotonic()
        times = [now + _LAST_WORDS]
        if not self.conversation.under_way:
            times.append(self._heard_at + self._idle)
        if self._watches():
            times.append(self._looked_at + _TICK)
        for lane in self.conversation.lanes.values():
            wake = lane.wake(now)
            if wake is not None:
                times.append(wake)
        return min(times)

    def _news(self, _now: float) -> None:
        """Look at once: something that is watched has changed."""
        self._looked_at = 0.0

    def _write(self, event: int) -> None:
        if event & _LOST:
            self._out.gone = True
        else:
            self._out.write()

    def _read(self, now: float) -> None:
        try:
            data = os.read(self._ask, _PIECE_READ)
        except BlockingIOError:  # whoever shares it made it so
            return
        except OSError:
            data = b""
        self._heard_at = now
        self._lines.feed(data)
        self._take_lines()
        if not data:
            self._ended = True
            self.conversation.take(self._lines.rest())

    def _take_lines(self) -> None:
        line: bytes | None = b""
        while line is not None:
            try:
                line = self._lines.line()
            except Refused as refused:
                self.conversation.refuse(refused)
                continue
            if line is not None:
                self.conversation.take(line)
                self._lines.skip(self.conversation.skipped())
