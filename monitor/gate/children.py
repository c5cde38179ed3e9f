"""A child process that does one piece of work and says how it ended."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
from collections.abc import Callable
from types import ModuleType

from monitor.gate.outcome import (
    Outcome,
    outcome_line,
    read_outcome,
)
from monitor.gate.protocol import LONGEST_LINE

_READ = 65536
_DESCRIPTORS = 256
"""Descriptors below this are closed in a child; we never have as many."""

_SURVIVES = 2
"""Seconds that a child outlives its time, when we are not there to end it."""


class Child:
    """A child, from its start until it is gone.

    `outcome` is there once it is known; the process may still be: killed or
    not, it stays until the kernel lets it go. Its pid is its process group.
    """

    def __init__(self, pid: int, descriptor: int) -> None:
        self.pid = pid
        self.descriptor: int | None = descriptor
        self.outcome: Outcome | None = None
        self._heard = bytearray()

    @property
    def silent(self) -> bool:
        """Whether it was ended before it had told its answer."""
        return self.outcome is None or self.outcome.answer is None

    @property
    def missed(self) -> list[str]:
        """What its answer could not tell."""
        gaps = self.outcome.gaps if self.outcome else []
        return [gap["what"] for gap in gaps]

    def hear(self) -> None:
        """Read what it wrote; for a descriptor that is ready."""
        if self.descriptor is None:
            return
        chunk = os.read(self.descriptor, _READ)
        if self.outcome is None:
            self._heard += chunk
            self._understand(ended=not chunk)
        if not chunk:
            self.hang_up()

    def _understand(self, *, ended: bool) -> None:
        if self._heard.endswith(b"\n"):
            self.outcome = read_outcome(bytes(self._heard))
        elif len(self._heard) > LONGEST_LINE:
            self.end("too_large", "cannot take so long an answer")
        elif ended:
            self.end("internal", "cannot finish: the child ended too early")

    def end(self, reason: str, because: str) -> None:
        """Kill it and what it started; that is its outcome."""
        self.outcome = Outcome(reason=reason, because=because)
        self.kill()

    def kill(self) -> None:
        """End its whole group: also programs that it left behind."""
        with contextlib.suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)

    def hang_up(self) -> None:
        """Listen no longer."""
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None

    def gone(self) -> bool:
        """Whether the process is no more; then nothing is left of it."""
        with contextlib.suppress(ChildProcessError):
            if os.waitid(os.P_PID, self.pid, _LOOK) is None:
                return False
            self.kill()
            os.waitpid(self.pid, 0)
        self.hang_up()
        return True


_LOOK = os.WEXITED | os.WNOHANG | os.WNOWAIT
"""Only look: as long as it is not waited for, nobody else has its pid."""


def start_child(
    work: Callable[[], Outcome],
    seconds: float,
    fork: Callable[[], int] = os.fork,
) -> Child:
    """Start `work` in a child that ends itself soon after `seconds`.

    Raises `OSError` where the machine has no room for another process.
    """
    listening, telling = os.pipe()
    try:
        pid = fork()
    except OSError:
        os.close(listening)
        os.close(telling)
        raise
    if pid == 0:
        run_child(work, telling, seconds)
    os.close(telling)
    with contextlib.suppress(OSError):
        os.setpgid(pid, pid)
    return Child(pid, listening)


def run_child(
    work: Callable[[], Outcome],
    telling: int,
    seconds: float,
    settle: Callable[[int, float], None] | None = None,
    leave: Callable[[int], None] = os._exit,
) -> None:
    """Be the child: never come back to what the parent was doing."""
    try:
        (settle or settle_child)(telling, seconds)
        tell_all(telling, outcome_line(work()))
    finally:
        leave(0)


def tell_all(descriptor: int, line: bytes) -> None:
    """Write the whole line, however often that takes."""
    rest = memoryview(line)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def settle_child(
    telling: int,
    seconds: float,
    system: ModuleType = os,
    signals: ModuleType = signal,
    garbage: ModuleType = gc,
) -> None:
    """Keep nothing of the connection: a stuck child must not hold it open.

    A child in its own process group takes what it started along.
    """
    system.setpgid(0, 0)
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signals.signal(name, signal.SIG_DFL)
    signals.alarm(int(seconds) + _SURVIVES)
    garbage.disable()
    null = system.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        system.dup2(null, descriptor)
    system.closerange(3, telling)
    system.closerange(telling + 1, _DESCRIPTORS)
