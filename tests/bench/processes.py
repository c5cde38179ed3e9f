"""What another process costs, from /proc."""

import os
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")
_AFTER_NAME = 2
_UTIME, _STIME = 13, 14
"""Fields of /proc/PID/stat, counted from 0 (proc(5))."""


def cpu_of(pid: int) -> float:
    """Return the seconds of CPU that a process has used."""
    _, _, rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
    fields = rest.split()
    used = fields[_UTIME - _AFTER_NAME], fields[_STIME - _AFTER_NAME]
    return sum(map(int, used)) / _TICK


def megabytes_of(pid: int) -> float:
    """Return the memory that a process holds in RAM, in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0
