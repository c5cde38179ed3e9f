"""A look that hangs must not keep the machine's lock for good."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import ModuleType

LOOK_AT_MOST = 60
"""Seconds under the lock before anything is begun: a look at the service
takes 16 s at most, one at the cards 12 s."""


@contextlib.contextmanager
def ended_when_it_hangs(
    seconds: int = LOOK_AT_MOST, signals: ModuleType = signal
) -> Iterator[None]:
    """End this process where the block takes longer; its lock goes with it.

    Nothing was begun by then, and whoever asked learns that from `became`.
    """
    signals.signal(signal.SIGALRM, signal.SIG_DFL)
    signals.alarm(seconds)
    try:
        yield
    finally:
        signals.alarm(0)
