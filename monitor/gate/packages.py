"""Package managers at work: by the locks that they hold, and by name.

Only root installs: a query that anybody runs is no work, nor is a lock to
read under. unattended-upgrade-shutdown waits on every Ubuntu for the machine
to go down and holds nothing: by its name alone nobody is told.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from monitor.gate.gaps import Gaps
from monitor.gate.processes import is_contained, stat_of, user_of
from monitor.gate.procfiles import host_text
from monitor.gate.roots import ROOT

LOCK_PATHS = (
    "var/lib/dpkg/lock",
    "var/lib/dpkg/lock-frontend",
    "var/lib/apt/lists/lock",
    "var/cache/apt/archives/lock",
    "var/lib/rpm/.rpm.lock",
    "usr/lib/sysimage/rpm/.rpm.lock",
    "var/cache/dnf/metadata_lock.pid",
    "var/lib/dnf/rpmdb_lock.pid",
    "run/dnf/rpmtransaction.lock",
)
_DB_LCK = "var/lib/pacman/db.lck"
"""It is there as long as pacman works, or since pacman was cut off."""
_PROGRAMS = frozenset(
    {"dpkg", "apt-get", "rpm", "dnf", "dnf5", "yum", "zypper", "Zypp-main"}
    | {"pacman", "dkms", "dracut", "fwupdtool"}
    | {name[:15] for name in ("nvidia-installer", "update-initramfs")}
    | {"mkinitramfs", "mkinitcpio"}
)
"""As /proc/PID/comm names them, which holds 15 characters. A machine that is
cut off while firmware, modules or the initramfs are written may not boot."""
_LOCK = re.compile(
    r"[0-9]+: [A-Z]+ +[A-Z]+ +WRITE +(-?[0-9]+) "
    r"([0-9a-f]+):([0-9a-f]+):([0-9]+) "
)
"""A lock that is held; one that is waited for has an arrow (proc(5))."""
_ROOT = 0
_NOT_RUNNING = "ZX"
_MANAGERS_AT_MOST = 64
_MANAGER_WORD = 64


class LockFile(NamedTuple):
    """A lock file, by the numbers of its device and its inode."""

    path: str
    major: int
    minor: int
    inode: int


def packages_at_work(
    names: Mapping[int, str], gaps: Gaps
) -> list[dict[str, object]] | None:
    """Return the package managers at work; `names` are all processes'.

    None and a gap where one may not have been seen.
    """
    try:
        locks, files = _locks_held(), list(_lock_files())
        left = os.path.lexists(ROOT.path(_DB_LCK))
    except OSError as error:
        gaps.add("packages", f"cannot tell package managers: {error}")
        return None
    found = dict(lock_holders(locks, files, names))
    found.update(_programs(names))
    if left and "pacman" not in found.values():
        found[0] = "pacman, whose db.lck is there"
    return [
        {"pid": pid or None, "name": name[:_MANAGER_WORD]}
        for pid, name in sorted(found.items())[:_MANAGERS_AT_MOST]
    ]


def _locks_held() -> str:
    """Return /proc/locks. Raises `OSError`, also where some are hidden."""
    locks = host_text("proc", "locks")
    if locks is None:
        raise OSError("/proc/locks cannot be read")
    if not os.path.exists(ROOT.path("proc", "1")):
        raise OSError("/proc is mounted with hidepid")
    return locks


def _lock_files() -> Iterator[LockFile]:
    """Yield the lock files that are there. Raises `OSError`."""
    for path in LOCK_PATHS:
        try:
            found = os.stat(ROOT.path(path))
        except (FileNotFoundError, NotADirectoryError):
            continue
        device = found.st_dev
        yield LockFile(path, os.major(device), os.minor(device), found.st_ino)


def lock_holders(
    locks: str, files: Sequence[LockFile], names: Mapping[int, str]
) -> Iterator[tuple[int, str]]:
    """Yield who holds one of the files: pid, and the name of the program."""
    for line in locks.split("\n"):
        lock = _LOCK.match(line)
        if lock is None:
            continue
        device, inode = (int(lock[2], 16), int(lock[3], 16)), int(lock[4])
        for file in files:
            if file.inode == inode and is_on_device(file, *device):
                pid = max(0, int(lock[1]))  # some have no owner that is told
                yield pid, names.get(pid) or f"who holds /{file.path}"


def is_on_device(file: LockFile, major: int, minor: int) -> bool:
    """Tell whether a lock's device may be that of a file.

    btrfs and overlayfs make up devices (major 0), and stat tells another
    than /proc/locks. What is in /run is on neither.
    """
    if (file.major, file.minor) == (major, minor):
        return True
    return file.major == major == 0 and not file.path.startswith("run/")


def _programs(names: Mapping[int, str]) -> Iterator[tuple[int, str]]:
    for pid, name in names.items():
        if name in _PROGRAMS and user_of(pid) == _ROOT:
            stat = None if is_contained(pid) else stat_of(pid)
            if stat is not None and stat.state not in _NOT_RUNNING:
                yield pid, name
