"""Room on file systems, where one that hangs hides no other."""

from __future__ import annotations

import os
import threading
import time

from monitor.gate.gaps import Gaps
from monitor.gate.protocol import Refused
from monitor.gate.roots import ROOT

_PATHS_AT_MOST = 16
_LONGEST_PATH = 1024
_PATIENT = 3.0
"""Seconds that a file system may take: a healthy one needs none."""


def observe_disks(
    question: dict[str, object], gaps: Gaps
) -> dict[str, object]:
    """Return the room at every path; each is asked in a thread of its own.

    A thread that hangs is left: it ends with this child, or keeps it until
    the file system answers. Then later looks avoid that path.
    """
    paths = _paths_asked(question.get("paths"))
    avoid = question.get("avoid")
    known_stuck = avoid if isinstance(avoid, list) else []
    within = question.get("within")
    seconds = within if isinstance(within, (int, float)) else _PATIENT
    deadline = time.monotonic() + min(seconds, _PATIENT)
    looks = [_DiskLook(path) for path in paths if path not in known_stuck]
    for path in paths:
        if path in known_stuck:
            gaps.add(path, "cannot look: an earlier look still waits there")
    for look in looks:
        look.start()
    disks = [look.result(deadline, gaps) for look in looks]
    return {"disks": [disk for disk in disks if disk]}


class _DiskLook:
    """Asks one file system, in a thread."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._found: dict[str, object] | None = None
        self._because = "cannot look: the file system does not answer"
        self._thread = threading.Thread(target=self._ask, daemon=True)

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def _ask(self) -> None:
        try:
            found = os.statvfs(ROOT.path(self._path.lstrip("/")))
        except OSError as error:
            self._because = f"cannot look: {error.strerror}"
        except ValueError:
            self._because = "cannot look: it is no name of a file"
        else:
            self._found = _disk(self._path, found)

    def result(self, deadline: float, gaps: Gaps) -> dict[str, object] | None:
        """Wait until `deadline` (monotonic) for what was found."""
        self._thread.join(max(0.0, deadline - time.monotonic()))
        if self._found is None:
            gaps.add(self._path, self._because)
        return self._found


def _disk(path: str, found: os.statvfs_result) -> dict[str, object]:
    # Some file systems have no fixed number of inodes and say 0.
    inodes = found.f_files or None
    return {
        "path": path,
        "total": found.f_blocks * found.f_frsize,
        "free": found.f_bavail * found.f_frsize,
        "inodes_total": inodes,
        "inodes_free": found.f_favail if inodes else None,
    }


def _paths_asked(paths: object) -> list[str]:
    if not isinstance(paths, list) or not 0 < len(paths) <= _PATHS_AT_MOST:
        raise Refused(
            "bad_request", f"cannot look at 0 or over {_PATHS_AT_MOST} paths"
        )
    for path in paths:
        if not _is_absolute(path):
            raise Refused("bad_request", "cannot look at a path not absolute")
    return list(dict.fromkeys(paths))


def _is_absolute(path: object) -> bool:
    return (
        isinstance(path, str)
        and path.startswith("/")
        and len(path) <= _LONGEST_PATH
        and "\0" not in path
    )
