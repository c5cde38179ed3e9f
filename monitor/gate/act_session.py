"""A session of its own for an effect: a cut line does not stop it half way."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable
from types import ModuleType

from monitor.gate.children import tell_all
from monitor.gate.outcome import Outcome, outcome_line, read_outcome
from monitor.gate.protocol import LONGEST_LINE

_PIECE_HEARD = 65536
_CLOSED_BELOW = 256
"""As in a child (children.py): we never have as many descriptors."""


def in_own_session(
    work: Callable[[], Outcome],
    then: Callable[[], None] | None = None,
    fork: Callable[[], int] = os.fork,
) -> Outcome:
    """Do `work` in a process that outlives us, and return what it says.

    What it does `then`, once that is said, is not waited for.
    """
    hearing, telling = os.pipe()
    pid = fork()
    if pid == 0:
        be_session(work, telling, then=then)
    os.close(telling)
    try:
        return _heard_outcome(hearing)
    finally:
        os.close(hearing)
        if (
            pid and then is None
        ):  # with it its lock is gone: who hears the answer may act
            os.waitpid(pid, 0)


def be_session(
    work: Callable[[], Outcome],
    telling: int,
    settle: Callable[[int], None] | None = None,
    leave: Callable[[int], None] = os._exit,
    then: Callable[[], None] | None = None,
) -> None:
    """Be that process: never come back to what the parent was doing."""
    try:
        (settle or settle_session)(telling)
        outcome = outcome_line(work())
        # Nobody may be there any more to hear it.
        with contextlib.suppress(BrokenPipeError):
            tell_all(telling, outcome)
        if then is not None:
            os.close(telling)
            then()
    finally:
        leave(0)


def settle_session(
    telling: int, system: ModuleType = os, signals: ModuleType = signal
) -> None:
    """Keep nothing of the line, and end for no signal but SIGKILL.

    A handler instead of SIG_IGN: programs that are started must not inherit
    it.
    """
    system.setsid()
    for name in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signals.signal(name, goes_on)
    null = system.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        system.dup2(null, descriptor)
    system.closerange(3, telling)
    system.closerange(telling + 1, _CLOSED_BELOW)


def goes_on(_number: int, _frame: object) -> None:
    """Take a signal and do nothing."""


def _heard_outcome(hearing: int) -> Outcome:
    heard = bytearray()
    while len(heard) <= LONGEST_LINE:
        piece = os.read(hearing, _PIECE_HEARD)
        if not piece:
            break
        heard += piece
    if heard.endswith(b"\n"):
        return read_outcome(bytes(heard))
    return Outcome(
        reason="internal",
        because="cannot tell how it ended: its process is gone; ask what"
        " became of the change",
    )
