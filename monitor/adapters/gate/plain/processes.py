"""Processes as the plain commands show them, told as the gate tells them."""

from collections.abc import Sequence
from dataclasses import dataclass

from monitor.adapters.gate.plain.clock import HostClock
from monitor.adapters.gate.plain.sections import (
    Section,
    every,
    groups,
    one,
    whole,
)
from monitor.gate.commandlines import facefusion_script, runs_below
from monitor.gate.processes import ProcessSeen, cgroup_of, parse_stat

_KIB = 1024
_ARGUMENTS = 64
_LONGEST = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A process; `inodes` are its sockets, None where we may not see."""

    seen: ProcessSeen
    inodes: frozenset[int] | None


def read_processes(section: Section, clock: HostClock) -> list[Found]:
    """Return the processes of a section, each once."""
    found: dict[int, Found] = {}
    for group in groups(section, "pid"):
        if process := _process(group, clock):
            found.setdefault(process.seen.pid, process)
    return list(found.values())


def running_below(
    found: Sequence[Found], places: Sequence[str]
) -> tuple[list[Found], list[int]]:
    """Return FaceFusion's below one of `places`, and pids that may be too.

    Of those neither script nor working directory tells.
    """
    below: list[Found] = []
    unknown: list[int] = []
    for process in found:
        script = facefusion_script(process.seen.cmdline)
        if script is None:
            continue
        is_below = runs_below(script, process.seen.cwd, places)
        if is_below:
            below.append(process)
        elif is_below is None:
            unknown.append(process.seen.pid)
    return below, unknown


def told(seen: ProcessSeen, servers: set[int]) -> dict[str, object]:
    """Return a process as the protocol has it."""
    answer: dict[str, object] = seen._asdict()
    del answer["contained"]
    answer["cmdline"] = list(seen.cmdline)
    answer["is_server"] = seen.pid in servers
    return answer


def _process(group: Section, clock: HostClock) -> Found | None:
    """Return a process, None when it ended while it was read.

    It may even be another one with its number: then it began later.
    """
    pid = whole(one(group, "pid"))
    first = parse_stat(one(group, "stat") or "")
    last = parse_stat(one(group, "again") or "")
    uid = _effective(one(group, "Uid:"))
    if pid is None or first is None or last is None or uid is None:
        return None
    if first.start_ticks != last.start_ticks:
        return None
    seen = ProcessSeen(
        pid=pid,
        ppid=last.ppid,
        start_ticks=last.start_ticks,
        started_at=round(clock.after_boot(last.start_ticks), 2),
        uid=uid,
        user=None,
        state=last.state,
        name=last.name,
        cmdline=_arguments(group),
        cwd=one(group, "cwd") or None,
        cgroup=cgroup_of("\n".join(every(group, "cgroup"))),
        cpu_seconds=last.cpu_ticks / clock.ticks,
        resident=_bytes(one(group, "VmRSS:")),
        threads=last.threads,
        contained=len((one(group, "NSpid:") or "").split()) > 1,
    )
    return Found(seen=seen, inodes=_inodes(group))


def _arguments(group: Section) -> tuple[str, ...]:
    arguments = every(group, "arg")[:_ARGUMENTS]
    return tuple(argument[:_LONGEST] for argument in arguments)


def _inodes(group: Section) -> frozenset[int] | None:
    if one(group, "descriptors") is None:
        return None
    numbers = (whole(number) for number in every(group, "inode"))
    return frozenset(number for number in numbers if number)


def _effective(uids: str | None) -> int | None:
    words = (uids or "").split()
    return whole(words[1]) if len(words) > 1 else None


def _bytes(text: str | None) -> int:
    """Return a size; one that ended already has no line and no memory."""
    return (whole((text or "").strip().partition(" ")[0]) or 0) * _KIB
