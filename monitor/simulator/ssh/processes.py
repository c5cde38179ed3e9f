"""Ends every process of a session, and nothing else.

`timeout` gives its child a process group of its own, so a group is not
enough; the session is what a command and all its children share.
"""

import os
import signal
from pathlib import Path

_ROUNDS = 20
"""A process may fork between two looks; it cannot outrun this many."""
_SESSION = 3
"""Place of the session in /proc/PID/stat, counted after the name."""


def kill_session(leader: int) -> None:
    """Kill all processes of the session that `leader` started.

    `leader` must not have been waited for: as a zombie it keeps its number
    from being given to a stranger.
    """
    for _ in range(_ROUNDS):
        members = session_members(leader)
        if not members:
            return
        for pid in members:
            _kill(pid)


def session_members(leader: int) -> list[int]:
    """Return the living processes of a session."""
    return [
        int(entry.name)
        for entry in Path("/proc").iterdir()
        if entry.name.isdigit() and _belongs(entry, leader)
    ]


def _belongs(entry: Path, leader: int) -> bool:
    try:
        stat = (entry / "stat").read_text()
    except OSError:
        return False
    state, _, _, session = stat.rpartition(")")[2].split()[: _SESSION + 1]
    return session == str(leader) and state not in "ZX"


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
