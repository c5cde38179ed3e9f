"""What a machine's kernel would say, read by the real journald.

All machines share one kernel, so theirs is a FIFO in the place of
/dev/kmsg. Its records are as the kernel's: `6,SEQUENCE,MICROSECONDS,-;TEXT`.
"""

import array
import fcntl
import os
import termios
import time
from pathlib import Path

_PATIENCE = 5.0
_STEP = 0.002


class KernelLog:
    """The FIFO, and a copy of its lines for dmesg."""

    def __init__(self, fifo: Path, copy: Path) -> None:
        os.mkfifo(fifo, 0o600)
        copy.write_text("")
        self._copy = copy
        # Open both ways, so that nobody who opens it in the machine waits.
        self._fd = os.open(fifo, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._number = 0

    def write(self, text: str, *, uptime: float) -> None:
        """Let the kernel say a line, and wait until journald has it.

        journald takes one record a read, so there is never more than one.
        """
        at = int(uptime * 1e6)
        record = f"6,{self._number},{at},-;{text}\n"
        self._number += 1
        os.write(self._fd, record.encode())
        self._drained()
        with self._copy.open("a") as copy:
            copy.write(f"<6>[{uptime:12.6f}] {text}\n")

    def close(self) -> None:
        os.close(self._fd)

    def forget(self) -> None:
        """Lose what was said: a new boot has a new log."""
        while self._waiting():
            os.read(self._fd, 65536)
        self._number = 0
        self._copy.write_text("")

    def _drained(self) -> None:
        end = time.monotonic() + _PATIENCE
        while self._waiting():
            assert time.monotonic() < end, "journald does not read kmsg"
            time.sleep(_STEP)

    def _waiting(self) -> int:
        count = array.array("i", [0])
        fcntl.ioctl(self._fd, termios.FIONREAD, count)
        return count[0]
