"""At most one nvidia-smi of ours on a host, also when it is stuck.

The same lock file as the shell script's (monitor/probes/gpu_script.py), so
neither starts one beside the other's. The lock is of the open file, which
nvidia-smi inherits: it lasts exactly as long as the stuck process.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Sequence

from monitor.gate.commands import Ended, run_command
from monitor.gate.driver import drivers_seen

_KILLED_CODE = 124
_LOCKED_CODE = 75
_STOPPING = 1.2
"""Seconds of a look left for ending nvidia-smi and telling so."""


def run_smi(options: Sequence[str], within: float, limit: int) -> Ended:
    """Run nvidia-smi; code 75 when one still runs, 124 when it was ended.

    One that waits in the kernel cannot be ended: it keeps the lock.
    """
    lock = open_lock(lock_path())
    try:
        taken = not one_is_stuck() if lock is None else take_lock(lock)
        if not taken:
            return Ended(_LOCKED_CODE)
        keep = () if lock is None else (lock,)
        seconds = max(0.5, within - _STOPPING)
        ended = run_command(("nvidia-smi", *options), seconds, limit, keep)
    finally:
        if lock is not None:
            os.close(lock)
    if ended.late or ended.code is None:
        ended.code = _KILLED_CODE
    elif ended.code < 0:
        ended.code = 128 - ended.code
    return ended


def one_is_stuck() -> bool:
    """Tell whether an nvidia-smi waits in the kernel.

    What is left to go by without a lock: a full /tmp must not let one more
    of them be stuck at every look.
    """
    return any(one["state"] == "D" for one in drivers_seen(None))


def lock_path() -> str:
    """Return the lock's path; /tmp is everybody's, so it has our number."""
    folder = os.environ.get("TMPDIR") or "/tmp"  # noqa: S108 - see open_lock
    name = f"facefusion-monitor-nvidia-smi.{os.getuid()}.lock"
    return os.path.join(folder, name)


def open_lock(path: str) -> int | None:
    """Return the open lock file; None when it is not ours to use."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    try:
        _make_lock(path)
        lock = os.open(path, flags)
    except OSError:
        return None
    found = os.fstat(lock)
    if stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid():
        return lock
    os.close(lock)
    return None


def _make_lock(path: str) -> None:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDONLY, 0o600))
    except FileExistsError:
        return


def take_lock(lock: int) -> bool:
    """Take the lock, or say that somebody has it; never wait."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks: then without
        return True
    return True
