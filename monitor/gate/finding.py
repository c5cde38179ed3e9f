"""Finds the processes of a service, and which of them serves."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from monitor.gate.cgroups import family, fellow_members, unit_members
from monitor.gate.commandlines import (
    facefusion_script,
    runs_below,
    serves_facefusion,
)
from monitor.gate.docker import is_container_name
from monitor.gate.gaps import Gaps
from monitor.gate.processes import (
    ProcessSeen,
    command_line,
    host_boot_time,
    read_process,
    user_names,
)
from monitor.gate.procfiles import PORTS, all_pids
from monitor.gate.protocol import Refused
from monitor.gate.roots import ROOT
from monitor.gate.units import UnitSeen, is_unit_name

_PROCESSES = 512
_ENDED = "ZX"
"""States of processes that run no more."""


class ServiceAsked(NamedTuple):
    """Which service a question is about; `unit` is empty for a process."""

    manager: str
    unit: str
    directory: str | None
    port: int | None


def read_service(question: dict[str, object]) -> ServiceAsked:
    """Return the service that is asked for. Raises `Refused`."""
    manager = question.get("manager")
    unit, port = question.get("unit"), question.get("port")
    directory = question.get("directory")
    if manager not in ("systemd", "docker", "process"):
        raise _unusable("manager", "it is systemd, docker or process")
    if manager == "systemd" and not is_unit_name(unit):
        raise _unusable("unit", "no unit has such a name")
    if manager == "docker" and not is_container_name(unit):
        raise _unusable("unit", "no container has such a name")
    if manager == "process" and directory is None:
        raise _unusable("directory", "a process is looked for below one")
    if port is not None and not _is_port(port):
        raise _unusable("port", "it is a number from 1 to 65535")
    return ServiceAsked(
        str(manager),
        str(unit) if manager != "process" else "",
        None if directory is None else absolute_path(directory, "directory"),
        None if port is None else int(str(port)),
    )


_PATH_MAX = 4096
"""Linux' PATH_MAX."""


def absolute_path(value: object, name: str) -> str:
    """Return a path of a request in its plain form. Raises `Refused`."""
    if (
        not isinstance(value, str)
        or not value.startswith("/")
        or len(value) > _PATH_MAX
        or "\0" in value
        or ".." in value.split("/")
    ):
        raise _unusable(name, "it is no absolute path without '..'")
    return "/" + posixpath.normpath(value).lstrip("/")


def members_of(
    asked: ServiceAsked, unit: UnitSeen | None, gaps: Gaps
) -> list[int]:
    """Return the process ids of a service."""
    if asked.manager == "process":
        return bare_processes(asked.directory or "/", gaps)
    if unit is None or not (unit.main_pid or unit.cgroup):
        return []
    if asked.manager == "docker":
        pid = unit.main_pid or 0
        return fellow_members(pid) or family(pid)
    members = unit_members(unit.cgroup)
    if members is None and unit.main_pid:
        gaps.add("cgroup", f"cannot see the control group {unit.cgroup}")
        members = family(unit.main_pid)
    return members or []


def bare_processes(directory: str, gaps: Gaps) -> list[int]:
    """Return what runs FaceFusion's script in or below a directory."""
    if not os.path.exists(ROOT.path("proc", "1")):
        gaps.add(
            "processes",
            "cannot see processes of other users: /proc is mounted with "
            "hidepid; log in as FaceFusion's user, or put ours into its gid",
        )
    scripts = {}
    for pid in all_pids():
        script = facefusion_script(command_line(pid))
        if script is not None:
            scripts[pid] = script
    return [
        pid
        for pid, script in scripts.items()
        if _runs_there(pid, script, directory, gaps)
    ]


def _runs_there(pid: int, script: str, directory: str, gaps: Gaps) -> bool:
    below, hidden = runs_there(pid, script, directory)
    if hidden and below is not False:
        gaps.add(
            "cwd",
            f"cannot see the working directory of process {pid}, which runs "
            f"{posixpath.basename(script)}; log in as its user",
        )
    return bool(below)


def runs_there(
    pid: int, script: str, directory: str
) -> tuple[bool | None, bool]:
    """Tell whether a process runs its script in or below a directory.

    And whether its working directory is hidden from us; then the first may
    be None, which is not known.
    """
    try:
        cwd = os.readlink(ROOT.path("proc", str(pid), "cwd"))
    except FileNotFoundError:
        return False, False
    except OSError:
        cwd = None
    # Where a link leads is looked up only for a FaceFusion process.
    places = [directory, os.path.realpath(directory)]
    return runs_below(script, cwd, places), cwd is None


def read_processes(pids: Sequence[int], gaps: Gaps) -> list[ProcessSeen]:
    """Return the processes that are still there, at most 512."""
    boot_time = host_boot_time()
    if boot_time is None:
        gaps.add("processes", "cannot read /proc/uptime: no start is known")
        return []
    if len(pids) > _PROCESSES:
        gaps.add("processes", f"cannot tell of all {len(pids)} processes")
    users = user_names()
    seen = (read_process(one, boot_time, users) for one in pids[:_PROCESSES])
    return [one for one in seen if one]


def own_first(processes: Sequence[ProcessSeen]) -> list[ProcessSeen]:
    """Return those outside of containers, if there are any.

    What runs in a container may have the same path as a program here.
    """
    here = [one for one in processes if not one.contained]
    return here or list(processes)


def servers_among(
    processes: Iterable[ProcessSeen], main_pid: int | None
) -> set[int]:
    """Return which processes serve: no child of one that does.

    What FaceFusion's command line says goes before the main process, which
    may be a shell or an init.
    """
    alive = {one.pid: one for one in processes if one.state not in _ENDED}
    serving = {
        pid for pid, one in alive.items() if serves_facefusion(one.cmdline)
    }
    top = {pid for pid in serving if not _has_above(pid, alive, serving)}
    if top or main_pid not in alive:
        return top
    return {alive[main_pid].pid}


def _has_above(
    pid: int, alive: dict[int, ProcessSeen], serving: set[int]
) -> bool:
    """Tell whether a process descends from one that serves."""
    seen = {pid}
    above = alive[pid].ppid
    while above in alive and above not in seen:
        if above in serving:
            return True
        seen.add(above)
        above = alive[above].ppid
    return False


def _is_port(value: object) -> bool:
    whole = isinstance(value, int) and not isinstance(value, bool)
    return whole and int(str(value)) in PORTS


def _unusable(name: str, because: str) -> Refused:
    return Refused("bad_request", f"cannot use {name}: {because}")
