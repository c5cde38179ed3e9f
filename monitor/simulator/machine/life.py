"""What goes on by itself on a simulated machine, as time passes.

Nobody waits for it in a thread: it is caught up with when somebody looks.
"""

from collections.abc import Callable
from typing import Protocol

from monitor.simulator.machine import lines
from monitor.simulator.machine.journal import Journal
from monitor.simulator.machine.process import End, Service

LIVES = 6.0
"""Seconds that a start lives which fails."""
RESTS = 10.0
"""Seconds until systemd starts it again (RestartSec)."""
_MINUTE = 60.0
_MOST = 5000
"""Steps that are caught up with at once: a clock may have been set."""


class World(Protocol):
    """What of a machine lives on; times are Unix times in seconds."""

    service: Service
    log: Journal

    def start_again(self, now: float) -> None:
        """Start FaceFusion as systemd does after an end that it saw."""
        ...

    def end(self, how: End, now: float, *, again: bool = False) -> None:
        """End FaceFusion; `again`: systemd will start it."""
        ...


class Life:
    """The failing starts of a FaceFusion, and the noise in its log."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._last_words = ""
        self._how: End | None = None
        self._noise = 0.0
        self._heard = 0.0
        self._count = 0

    def fail(self, how: End, last_words: str) -> None:
        """Let each start fail from now on, this one too."""
        self._how, self._last_words = how, last_words

    def go_on(self) -> None:
        """Let starts succeed again."""
        self._how = None

    def rustle(self, a_minute: float, now: float) -> None:
        """Write so many harmless lines a minute from now on."""
        self._noise, self._heard = a_minute, now

    def catch_up(self, now: float) -> None:
        """Do what has happened since somebody looked."""
        self._repeat(self._start_or_end, now)
        self._repeat(self._write, now)

    def _repeat(self, step: Callable[[float], bool], now: float) -> None:
        for _ in range(_MOST):
            if not step(now):
                return

    def _start_or_end(self, now: float) -> bool:
        """Let a failing start begin or end; return whether one did."""
        world, how = self._world, self._how
        if how is None:
            return False
        process = world.service.process
        if process is None:
            at = world.service.since + RESTS
            if at <= now and world.service.again:
                world.start_again(at)
                return True
            return False
        at = process.started_at + LIVES
        if at > now:
            return False
        world.log.add(at, self._last_words)
        world.end(how, at, again=True)
        return True

    def _write(self, now: float) -> bool:
        """Write the next line that is due."""
        if not self._noise:
            return False
        at = self._heard + _MINUTE / self._noise
        if at > now:
            return False
        self._heard = at
        self._count += 1
        self._world.log.add(at, lines.noise(self._count))
        return True
