"""The part `service`: a unit or a bare process, and what listens."""

import posixpath
from collections.abc import Callable, Mapping, Sequence

from monitor.adapters.gate.plain.clock import HostClock
from monitor.adapters.gate.plain.listeners import (
    owned,
    read_listeners,
    stranger,
)
from monitor.adapters.gate.plain.processes import (
    Found,
    read_processes,
    running_below,
    told,
)
from monitor.adapters.gate.plain.sections import Section, one
from monitor.adapters.gate.plain.unit import read_unit
from monitor.gate.finding import own_first, servers_among

Gap = Callable[[str, str], None]
"""Tells what is missing, and why."""


def read_service(
    asked: Mapping[str, object],
    shown: Section,
    sockets: Section,
    clock: HostClock,
    gap: Gap,
) -> dict[str, object]:
    """Return the part; what is missing goes to `gap`."""
    unit: dict[str, object] | None = None
    found = read_processes(shown, clock)
    if asked.get("manager") == "systemd":
        unit = _unit(asked, shown, clock, gap)
    else:
        found = _bare(asked, shown, found, gap)
    main = unit["main_pid"] if unit else None
    servers = servers_among(
        [one.seen for one in found], main if isinstance(main, int) else None
    )
    return {
        "unit": unit,
        "processes": [told(one.seen, servers) for one in found],
        "strays": _strays(asked, gap),
        **_listening(asked, sockets, found, gap),
    }


def _strays(asked: Mapping[str, object], gap: Gap) -> list[object] | None:
    """Return no strays where there can be none, as the gate does."""
    if asked.get("manager") != "systemd" or asked.get("directory") is None:
        return []
    gap("strays", "cannot look for them by plain commands")
    return None


def _unit(
    asked: Mapping[str, object], shown: Section, clock: HostClock, gap: Gap
) -> dict[str, object] | None:
    unit = read_unit(str(asked.get("unit")), shown, clock)
    if unit is None:
        gap("unit", "cannot ask systemd: systemctl does not answer there")
    return unit


def _bare(
    asked: Mapping[str, object],
    shown: Section,
    found: Sequence[Found],
    gap: Gap,
) -> list[Found]:
    directory = posixpath.normpath(str(asked.get("directory")))
    places = [directory, one(shown, "real") or directory]
    below, unknown = running_below(found, places)
    if one(shown, "others") is None:
        gap("processes", "cannot see processes of other users there")
    for pid in unknown:
        gap("cwd", f"cannot see the working directory of process {pid}")
    here = own_first([process.seen for process in below])
    return [process for process in below if process.seen in here]


def _listening(
    asked: Mapping[str, object],
    sockets: Section,
    found: Sequence[Found],
    gap: Gap,
) -> dict[str, object]:
    listening = read_listeners(sockets)
    if listening is None:
        gap("listeners", "cannot read /proc/net/tcp there")
        return {"listeners": [], "port_taken_by": None}
    ours = owned(listening, found)
    taken = stranger(listening, ours, asked.get("port"))
    return {"listeners": ours, "port_taken_by": taken}
