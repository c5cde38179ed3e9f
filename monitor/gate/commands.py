"""Runs a program of the host: constant options, a deadline, a limit.

Never through a shell. What a request says reaches a program only as one
argument of a checked form. The programs of a part stay in the process group
of its child, so they end when the server ends the child.
"""

from __future__ import annotations

import errno
import os
import select
import subprocess
import time
from collections.abc import Sequence

_PLACES = "/usr/local/bin:/usr/bin:/bin:/usr/lib/wsl/lib"
_PATIENCE = 0.5
"""Seconds between asking a program to end and making it."""

_CHUNK = 65536


class Ended:
    """What a program did; `late` was ended by us, `cut` wrote too much.

    `code` is its exit code, minus the signal that ended it, 127 when there
    is no such program, 126 when it cannot be started, and None when it
    cannot be ended: then it is still there.
    """

    def __init__(self, code: int | None = None) -> None:
        self.code = code
        self.stdout = b""
        self.stderr = b""
        self.late = False
        self.cut = False


def run_command(
    argv: Sequence[str],
    within: float,
    limit: int = 1 << 20,
    keep: Sequence[int] = (),
) -> Ended:
    """Run `argv` for at most about `within` seconds and return its end.

    It is ended then, or when it wrote `limit` bytes, first kindly; one that
    waits in the kernel is left behind. `keep` are descriptors that it gets
    as they are. Its standard input is empty, its language C.
    """
    deadline = time.monotonic() + within
    ended = Ended()
    try:
        process = _running(argv, keep)
    except OSError as error:
        ended.code = 127 if error.errno == errno.ENOENT else 126
        ended.stderr = str(error).encode("utf-8", "replace")
        return ended
    ended.stdout, ended.stderr = _heard(process, ended, deadline, limit)
    ended.code = _stopped(process, ended, deadline)
    return ended


def _running(
    argv: Sequence[str], keep: Sequence[int]
) -> subprocess.Popen[bytes]:
    path = os.environ.get("PATH", "/bin")
    return subprocess.Popen(
        list(argv),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=tuple(keep),
        env={**os.environ, "LC_ALL": "C", "PATH": f"{path}:{_PLACES}"},
        bufsize=0,
    )


def _heard(
    process: subprocess.Popen[bytes],
    ended: Ended,
    deadline: float,
    limit: int,
) -> tuple[bytes, bytes]:
    """Read both streams until their ends, the limit or the deadline."""
    streams = [one for one in (process.stdout, process.stderr) if one]
    heard = {one.fileno(): bytearray() for one in streams}
    waiting = select.poll()
    for descriptor in heard:
        waiting.register(descriptor, select.POLLIN)
    still = len(heard)
    while still and not ended.late and not ended.cut:
        left = deadline - time.monotonic()
        ended.late = left <= 0
        for descriptor, _ in waiting.poll(max(left, 0) * 1000):
            chunk = os.read(descriptor, _CHUNK)
            heard[descriptor] += chunk
            ended.cut = ended.cut or len(heard[descriptor]) > limit
            if not chunk:
                waiting.unregister(descriptor)
                still -= 1
    for stream in streams:
        stream.close()
    out, err = (bytes(text[:limit]) for text in heard.values())
    return out, err


def _stopped(
    process: subprocess.Popen[bytes], ended: Ended, deadline: float
) -> int | None:
    code = None
    if not ended.late and not ended.cut:
        code = _code(process, max(0.0, deadline - time.monotonic()))
        ended.late = code is None
    for end in (process.terminate, process.kill):
        if code is None:
            end()
            code = _code(process, _PATIENCE)
    return code


def _code(process: subprocess.Popen[bytes], within: float) -> int | None:
    try:
        return process.wait(within)
    except subprocess.TimeoutExpired:
        return None
