"""What is sent to the login shell, and what of its output is the script's.

Login files print before and after a command, in colours and without a
newline. A word that nobody can guess marks where the script's own output
begins and ends.
"""

import math
import secrets
from dataclasses import dataclass, field

from monitor.domain.errors import Unreadable

SHELL = (
    "exec env -i "
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "
    "LC_ALL=C timeout -k 2 {seconds} /bin/sh"
)
"""The whole command: every login shell reads it alike, also fish and csh.

Nothing of the user's environment is left, and nothing outlives us: closing
a channel does not end a remote command (facts/gpu.md §6).
"""


_CODE = 3
"""Digits of an exit code, which is 0 to 255."""


def command(within: float) -> str:
    """Return the command that waits for a script on its stdin."""
    return SHELL.format(seconds=math.ceil(within) + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Framed:
    """A script's own output, and its exit code."""

    code: int
    stdout: bytes
    stderr: bytes


@dataclass(frozen=True, slots=True)
class Frame:
    """The marks around one run."""

    word: str = field(default_factory=lambda: secrets.token_hex(16))

    def around(self, script: str) -> bytes:
        """Return the stdin of the shell.

        The subshell lets a script `exit` and takes the rest of our stdin
        away from it.
        """
        return (
            f"printf %s {self._begin}; printf %s {self._begin} >&2\n"
            f"(:\n{script}\n) </dev/null\n"
            f"printf '\\n{self._end}%d.' $?\n"
        ).encode()

    def is_whole(self, stdout: bytes) -> bool:
        """Tell whether the end mark is there."""
        return self._end_of(stdout) is not None

    def cut_out(self, stdout: bytes, stderr: bytes) -> Framed:
        """Return what lies between the marks. Raises `Unreadable`."""
        mark = self._begin.encode()
        _, begun, body = stdout.partition(mark)
        if not begun:
            raise Unreadable("cannot see that the shell started")
        end = self._end_of(body)
        if end is None:
            raise Unreadable("cannot see that the script ended")
        at, code = end
        _, begun, errors = stderr.partition(mark)
        return Framed(
            code=code,
            stdout=body[:at],
            stderr=errors if begun else stderr,
        )

    def _end_of(self, stdout: bytes) -> tuple[int, int] | None:
        """Return where the end mark is, and the exit code in it."""
        # No regular expression: compiling one a run costs 0.2 ms.
        mark = f"\n{self._end}".encode()
        at = stdout.rfind(mark)
        digits, dot, _ = stdout[at + len(mark) :].partition(b".")
        if at < 0 or not dot or not digits.isdigit() or len(digits) > _CODE:
            return None
        return at, int(digits)

    @property
    def _begin(self) -> str:
        return f"ffmon-{self.word}-begin:"

    @property
    def _end(self) -> str:
        return f"ffmon-{self.word}-end:"
