"""Strays: FaceFusion of a service that runs outside of its unit.

They may be ended like the service itself, so only what is surely the same
FaceFusion counts: the script below its own directory, on its own file
systems, run by its own user.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence

from monitor.gate.cgroups import family
from monitor.gate.commandlines import (
    facefusion_script,
    lies_below,
    names_a_script,
)
from monitor.gate.finding import ServiceAsked, read_processes
from monitor.gate.gaps import Gaps
from monitor.gate.processes import ProcessSeen, command_line, user_names
from monitor.gate.procfiles import all_pids, start_of_file, whole_number
from monitor.gate.roots import ROOT
from monitor.gate.units import UnitSeen

_STAT = 512
_COMMAND = 4096
"""Bytes that hold a state, and the script among a Python's arguments."""
_PYTHONS = (b"python", b"pypy", b"pt_main_thread")
"""Names of Pythons; the last is what torch calls its main thread."""
_STRAYS_AT_MOST = 512
_OF_PEOPLE = frozenset(
    {"ssh", "sshd", "getty", "serial-getty", "console-getty", "user"}
    | {"cron", "crond", "atd"}
)
"""Services in whose control groups stays what people start, where no logind
gives it a scope of its own."""


def find_strays(
    asked: ServiceAsked,
    unit: UnitSeen | None,
    known: Sequence[ProcessSeen],
    gaps: Gaps,
) -> list[ProcessSeen] | None:
    """Return the strays beside the `known` processes, with their children.

    None and a gap where some may not have been seen: a part of them would
    look like all of them. `unit` is None where its manager did not tell.
    """
    if asked.manager != "systemd" or asked.directory is None:
        return []
    if unit is None:
        gaps.add("strays", "cannot tell strays: which are ours is not known")
        return None
    if not os.path.exists(ROOT.path("proc", "1")):
        gaps.add("strays", "cannot see processes of other users: hidepid")
        return None
    ours = {one.pid for one in known}
    candidates = _candidates(asked.directory, ours)
    users = _users(asked.directory, unit, known)
    seen = read_processes(list(candidates), gaps)
    loose = [one for one in seen if one.uid in users and _is_loose(one)]
    for one in loose:
        if candidates[one.pid] is None:
            _cannot_place(one.pid, gaps)
            return None
    return _with_children(loose, ours, gaps)


def _users(
    directory: str, unit: UnitSeen, known: Sequence[ProcessSeen]
) -> set[int]:
    """Return as whom this FaceFusion runs.

    Who its unit says, who its processes are, and who owns its directory;
    root only by its unit: what root owns anybody may have been given.
    """
    users = {one.uid for one in known}
    names = {name: uid for uid, name in user_names().items()}
    by_unit = whole_number(unit.user)
    by_unit = names.get(unit.user) if by_unit is None else by_unit
    if by_unit is not None:
        users.add(by_unit)
    try:
        owner = os.stat(ROOT.path(directory.strip("/"))).st_uid
    except OSError:
        return users
    return users | {owner} if owner else users


def _candidates(directory: str, ours: set[int]) -> dict[int, bool | None]:
    """Return what runs the script there; None: we may not see where."""
    # Where a link leads is looked up once, not for each process.
    places = [directory, os.path.realpath(directory)]
    found: dict[int, bool | None] = {}
    for pid in _likely(ours):
        script = facefusion_script(command_line(pid))
        if script is None:
            continue
        there = _lies_there(pid, script, places)
        if there is not False:
            found[pid] = there
    return found


def _lies_there(pid: int, script: str, places: Sequence[str]) -> bool | None:
    """Tell whether the script itself lies there; None: we may not see it.

    A working directory says nothing: whoever tries another FaceFusion there
    runs that other one. Nor does a path that leads elsewhere for them.
    """
    if _sees_other_files(pid):
        return False
    try:
        cwd = os.readlink(ROOT.path("proc", str(pid), "cwd"))
    except FileNotFoundError:
        return False
    except OSError:
        cwd = None
    return lies_below(script, cwd, places)


def _sees_other_files(pid: int) -> bool:
    """Tell whether a process has a root or mounts other than ours.

    Of other users' processes only root may see it; else they have ours.
    """
    for name in (("root",), ("ns", "mnt")):
        try:
            theirs = os.readlink(ROOT.path("proc", str(pid), *name))
            ours = os.readlink(ROOT.path("proc", "self", *name))
        except OSError:
            continue
        if theirs != ours:
            return True
    return False


def _likely(ours: set[int]) -> Iterator[int]:
    """Yield whose command line may hold a script's name.

    Every process of the machine is asked at every look, so with little ado.
    A command line is not asked of one that waits in the kernel, where it may
    hold what our reading waits for, unless it is a Python.
    """
    for pid in all_pids():
        if pid in ours:
            continue
        stat = start_of_file(_STAT, "proc", str(pid), "stat")
        name, _, rest = stat.partition(b"(")[2].rpartition(b") ")
        if rest[:1] == b"D" and not name.startswith(_PYTHONS):
            continue
        if names_a_script(
            start_of_file(_COMMAND, "proc", str(pid), "cmdline")
        ):
            yield pid


def _is_loose(one: ProcessSeen) -> bool:
    """Tell whether a process is in no container and no service's group.

    What the unit started a moment ago is not among the known, and is no
    stray. Nor is what another unit runs, such as a second server from the
    same directory.
    """
    services = [
        part.partition(".")[0].partition("@")[0]
        for part in one.cgroup.split("/")
        if part.endswith(".service")
    ]
    return not one.contained and _OF_PEOPLE.issuperset(services)


def _with_children(
    loose: Sequence[ProcessSeen], ours: set[int], gaps: Gaps
) -> list[ProcessSeen]:
    pids = {pid for one in loose for pid in family(one.pid)} - ours
    if len(pids) > _STRAYS_AT_MOST:
        gaps.add("strays", f"cannot tell of all {len(pids)} strays")
    seen = read_processes(sorted(pids)[:_STRAYS_AT_MOST], gaps)
    return [one for one in seen if not one.contained]


def _cannot_place(pid: int, gaps: Gaps) -> None:
    gaps.add(
        "strays",
        f"cannot see where process {pid} runs FaceFusion; log in as its user",
    )
