"""Locks of the machine's own: one effect at a time, whoever asks for it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator

from monitor.gate.act_trust import own_folder
from monitor.gate.protocol import Refused

_AGAIN = 0.02
"""Seconds between tries for a lock that is worth waiting for."""


@contextlib.contextmanager
def machine_lock(
    owner: int, name: str = "act.lock", patience: float = 0.0
) -> Iterator[None]:
    """Hold a lock in /run until the end of the block, or of this process.

    Raises `Refused` when somebody has it for longer than `patience` seconds.
    """
    descriptor = _open_act_lock(owner, name)
    try:
        give_up = time.monotonic() + patience
        while not _take(descriptor, fcntl.LOCK_EX):
            if time.monotonic() >= give_up:
                raise Refused(
                    "locked",
                    "cannot act now: something else is being done here",
                )
            time.sleep(_AGAIN)
        yield
    finally:
        os.close(descriptor)


def is_acting(owner: int) -> bool:
    """Tell whether somebody holds the machine's lock."""
    descriptor = _open_act_lock(owner, "act.lock")
    try:
        return not _take(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _open_act_lock(owner: int, name: str) -> int:
    folder = own_folder(owner, "run", "facefusion-monitor-gate")
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(os.path.join(folder, name), flags, 0o600)
    except OSError as error:
        raise Refused(
            "forbidden", f"cannot lock this machine: {error.strerror}"
        ) from None


def _take(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
