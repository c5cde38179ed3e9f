"""A process as /proc shows it: who it is, and how it does."""

from __future__ import annotations

import os
import time
from typing import NamedTuple

from monitor.gate.procfiles import (
    all_pids,
    host_text,
    start_of_file,
    whole_number,
)
from monitor.gate.roots import ROOT

_ARGUMENTS = 64
_ARGUMENT_LENGTH = 512
_COMMAND_LENGTH = 4096
"""Characters of a whole command line: hundreds of them must fit a line."""

_NAME = 64
_STAT_FIELDS = 22
_CPU, _THREADS, _START, _PAGES = 11, 17, 19, 21
"""Places in /proc/PID/stat, counted from the state after the name."""


class ProcessStat(NamedTuple):
    """What /proc/PID/stat says; times in clock ticks, memory in pages."""

    name: str
    state: str
    ppid: int
    start_ticks: int
    cpu_ticks: int
    threads: int
    pages: int


class ProcessSeen(NamedTuple):
    """A process as `observe service` answers it.

    `contained`: it lives in a process id namespace below ours.
    """

    pid: int
    ppid: int
    start_ticks: int
    started_at: float
    uid: int
    user: str | None
    state: str
    name: str
    cmdline: tuple[str, ...]
    cwd: str | None
    cgroup: str
    cpu_seconds: float
    resident: int
    threads: int
    contained: bool


def parse_stat(text: str) -> ProcessStat | None:
    """Read /proc/PID/stat; the name may hold spaces and brackets."""
    start, end = text.find("("), text.rfind(")")
    fields = text[end + 1 :].split()
    if not 0 <= start < end or len(fields) < _STAT_FIELDS:
        return None
    try:
        return ProcessStat(
            name=text[start + 1 : end],
            state=fields[0][:1],
            ppid=int(fields[1]),
            start_ticks=int(fields[_START]),
            cpu_ticks=int(fields[_CPU]) + int(fields[_CPU + 1]),
            threads=int(fields[_THREADS]),
            pages=int(fields[_PAGES]),
        )
    except ValueError:
        return None


def stat_of(pid: int) -> ProcessStat | None:
    """Return what /proc/PID/stat says now, None when it is gone."""
    text = host_text("proc", str(pid), "stat")
    return None if text is None else parse_stat(text)


def read_process(
    pid: int, boot_time: float, users: dict[int, str]
) -> ProcessSeen | None:
    """Return a process, None when it ended before it was read.

    `boot_time` is Unix time; `users` names the user ids.
    """
    first = stat_of(pid)
    status = host_text("proc", str(pid), "status")
    if first is None or status is None:
        return None
    uid, contained = _owner_of(status)
    cmdline = command_line(pid)
    cwd = _working_directory(pid)
    cgroup = cgroup_of(host_text("proc", str(pid), "cgroup") or "")
    last = stat_of(pid)
    if last is None or last.start_ticks != first.start_ticks or uid is None:
        # Another process with its number: what we read is of both.
        return None
    return ProcessSeen(
        pid=pid,
        ppid=last.ppid,
        start_ticks=last.start_ticks,
        started_at=start_time(last, boot_time),
        uid=uid,
        user=users.get(uid),
        state=last.state,
        name=last.name,
        cmdline=cmdline,
        cwd=cwd,
        cgroup=cgroup,
        cpu_seconds=last.cpu_ticks / os.sysconf("SC_CLK_TCK"),
        resident=last.pages * os.sysconf("SC_PAGE_SIZE"),
        threads=last.threads,
        contained=contained,
    )


def start_time(stat: ProcessStat, boot_time: float) -> float:
    """Return when a process started, in Unix seconds."""
    ticks = os.sysconf("SC_CLK_TCK")
    return round(boot_time + stat.start_ticks / ticks, 2)


def command_line(pid: int) -> tuple[str, ...]:
    """Return a process' arguments, empty when it has none or is gone.

    At most 64 of 512 characters, and 4,096 together.
    """
    text = host_text("proc", str(pid), "cmdline") or ""
    kept: list[str] = []
    left = _COMMAND_LENGTH
    # The end of the last argument is no argument.
    for argument in text[: len(text) - text.endswith("\0")].split("\0"):
        if left <= 0 or len(kept) == _ARGUMENTS:
            break
        kept.append(argument[: min(_ARGUMENT_LENGTH, left)])
        left -= len(kept[-1]) + 1
    return tuple(kept) if text else ()


def _working_directory(pid: int) -> str | None:
    try:
        return os.readlink(ROOT.path("proc", str(pid), "cwd"))
    except OSError:
        return None


def _owner_of(status: str) -> tuple[int | None, bool]:
    """Return the effective user id, and whether it lives in a container."""
    uid = None
    contained = False
    for line in status.split("\n"):
        key, _, value = line.partition(":")
        words = value.split()
        if key == "Uid" and len(words) > 1:
            uid = whole_number(words[1])
        if key == "NSpid":
            contained = len(words) > 1
    return uid, contained


def cgroup_of(text: str) -> str:
    """Return the one path that tells most, of /proc/PID/cgroup.

    Version 2's, then systemd's of version 1, then the longest of the rest.
    """
    paths = {}
    for line in text.split("\n"):
        _, _, rest = line.partition(":")
        controllers, colon, path = rest.partition(":")
        if colon:
            paths[controllers] = path
    for controllers in ("", "name=systemd"):
        if paths.get(controllers, "/") != "/":
            return paths[controllers]
    return max(paths.values(), key=len, default="")


def host_boot_time() -> float | None:
    """Return when the machine started (Unix time), None where not known."""
    words = (host_text("proc", "uptime") or "").split()
    try:
        return time.time() - float(words[0])
    except (IndexError, ValueError):
        return None


def process_names() -> dict[int, str]:
    """Return the names of all processes by their ids, in ascending order."""
    names = {}
    for pid in all_pids():
        name = start_of_file(_NAME, "proc", str(pid), "comm")
        names[pid] = name.strip().decode("utf-8", "replace")
    return names


def is_contained(pid: int) -> bool:
    """Tell whether a process lives in a process id namespace below ours."""
    return _owner_of(host_text("proc", str(pid), "status") or "")[1]


def user_of(pid: int) -> int | None:
    """Return the effective user id of a process, None when it is gone."""
    return _owner_of(host_text("proc", str(pid), "status") or "")[0]


def user_names() -> dict[int, str]:
    """Return the names in /etc/passwd; a directory service may hang."""
    names: dict[int, str] = {}
    for line in (host_text("etc", "passwd") or "").split("\n"):
        name, _, uid, *_ = [*line.split(":"), "", "", ""]
        number = whole_number(uid)
        if number is not None:
            names.setdefault(number, name)
    return names
