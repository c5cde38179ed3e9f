"""The processes of a control group, of version 1 or 2."""

from __future__ import annotations

import os

from monitor.gate.processes import stat_of
from monitor.gate.procfiles import (
    all_pids,
    host_text,
    read_whole,
    whole_number,
)
from monitor.gate.roots import ROOT

_GROUPS = 256
_MEMBERS = 4096


def unit_members(cgroup: str) -> list[int] | None:
    """Return the processes of a unit's group, as systemd names the group.

    None when no such group is to be seen.
    """
    return _first_members(
        [(one, cgroup) for one in ("", "unified", "systemd")]
    )


def fellow_members(pid: int) -> list[int] | None:
    """Return the processes of the group that `pid` is in, it included.

    None when it is in none of its own, or it is not to be seen.
    """
    places = []
    for line in (host_text("proc", str(pid), "cgroup") or "").split("\n"):
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controllers:
            places.append((controllers.replace("name=", ""), path))
        else:
            places += [("", path), ("unified", path)]
    return _first_members(places)


def family(pid: int) -> list[int]:
    """Return a process and what it started, by the parents in /proc."""
    parents = {}
    for one in all_pids():
        stat = stat_of(one)
        if stat is not None:
            parents[one] = stat.ppid
    found = [pid] if pid in parents else []
    for known in found:
        found += [
            one
            for one, parent in parents.items()
            if parent == known and one not in found
        ]
    return found[:_MEMBERS]


def _first_members(places: list[tuple[str, str]]) -> list[int] | None:
    for hierarchy, path in places:
        inside = path.strip("/")
        folder = ROOT.path("sys", "fs", "cgroup", hierarchy, inside)
        if inside and ".." not in inside.split("/") and os.path.isdir(folder):
            return _members_below(folder)
    return None


def _members_below(folder: str) -> list[int]:
    found: set[int] = set()
    folders = [folder]
    for seen, one in enumerate(folders):
        if seen >= _GROUPS or len(found) >= _MEMBERS:
            break
        found |= _members_in(one)
        folders += _groups_in(one)
    return sorted(found)[:_MEMBERS]


def _members_in(folder: str) -> set[int]:
    try:
        text = read_whole(os.path.join(folder, "cgroup.procs"))
    except OSError:
        return set()
    # 0 stands for a process of a namespace that we do not see into.
    numbers = (whole_number(one) for one in text.decode("latin-1").split())
    return {one for one in numbers if one}


def _groups_in(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [
                one.path
                for one in entries
                if one.is_dir(follow_symlinks=False)
            ]
    except OSError:
        return []
