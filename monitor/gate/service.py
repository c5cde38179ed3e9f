"""The part `service`: its unit, its processes, and what listens."""

from __future__ import annotations

import time
from collections.abc import Sequence

from monitor.gate.docker import inspect_container
from monitor.gate.finding import (
    ServiceAsked,
    members_of,
    own_first,
    read_processes,
    read_service,
    servers_among,
)
from monitor.gate.gaps import Gaps
from monitor.gate.listeners import Ears, Listening, who_listens
from monitor.gate.processes import ProcessSeen
from monitor.gate.protocol import number_of
from monitor.gate.sockdiag import diag_listening
from monitor.gate.strays import find_strays
from monitor.gate.units import UnitSeen, look_at_unit

_PATIENCE_OF_TOOLS = 5.0
_ANSWER_LIMIT = 300_000
"""Characters of command lines: all of an answer must fit a line."""


def observe_service(
    question: dict[str, object], gaps: Gaps
) -> dict[str, object]:
    """Return a service as README.md says. Raises `Refused`."""
    asked = read_service(question)
    within = number_of(question, "within", 8.0, 60.0) / 2
    unit, processes = _look(asked, gaps, min(within, _PATIENCE_OF_TOOLS))
    servers = servers_among(processes, unit.main_pid if unit else None)
    processes.sort(key=lambda one: one.pid not in servers)
    strays = find_strays(asked, unit, processes, gaps)
    astray = strays or []
    servers |= servers_among(astray, None)
    told = _answers([*processes, *astray], servers, gaps)
    ears = Ears(processes, diag_listening())
    published = unit.published if unit else ()
    listeners = [*ears.owned(), *_at_the_host(ears, published)]
    return {
        "now": time.time(),
        "unit": unit.answer if unit else None,
        "processes": told[: len(processes)],
        "strays": None if strays is None else told[len(processes) :],
        "listeners": [_listener(ears, *one) for one in listeners],
        "port_taken_by": _stranger(asked.port, ears, listeners, published),
    }


def find_servers(
    asked: ServiceAsked, gaps: Gaps, within: float
) -> list[ProcessSeen]:
    """Return the processes of a service that serve."""
    unit, processes = _look(asked, gaps, within)
    servers = servers_among(processes, unit.main_pid if unit else None)
    return [one for one in processes if one.pid in servers]


def _look(
    asked: ServiceAsked, gaps: Gaps, within: float
) -> tuple[UnitSeen | None, list[ProcessSeen]]:
    unit = None
    if asked.manager == "systemd":
        unit = look_at_unit(asked.unit, gaps, within)
    if asked.manager == "docker":
        unit = inspect_container(asked.unit, gaps, within)
    found = read_processes(members_of(asked, unit, gaps), gaps)
    return unit, own_first(found) if asked.manager == "process" else found


def _answers(
    processes: Sequence[ProcessSeen], servers: set[int], gaps: Gaps
) -> list[dict[str, object]]:
    answers: list[dict[str, object]] = []
    left = _ANSWER_LIMIT
    for one in processes:
        left -= sum(len(argument) + 4 for argument in one.cmdline)
        if left < 0:
            gaps.add("processes", "cannot tell of all: too much to say")
            break
        answer: dict[str, object] = dict(one._asdict())
        del answer["contained"]
        answer["cmdline"] = list(one.cmdline)
        answer["is_server"] = one.pid in servers
        answers.append(answer)
    return answers


def _at_the_host(
    ears: Ears, published: Sequence[tuple[str, int, int]]
) -> list[tuple[Listening, int | None]]:
    """Return what docker publishes, while something listens behind it.

    Docker's own proxy takes connections even when nothing does.
    """
    if not ears.in_container:
        return []
    behind = {one.port: (one, pid) for one, pid in ears.owned()}
    return [
        (Listening(address, port, behind[inside][0].uid, 0), behind[inside][1])
        for address, port, inside in published
        if inside in behind
    ]


def _listener(
    ears: Ears, one: Listening, pid: int | None
) -> dict[str, object]:
    return {
        "address": one.address,
        "port": one.port,
        "pid": pid,
        "uid": one.uid,
        "in_container": ears.in_container and one.inode != 0,
        "waiting": one.waiting,
    }


def _stranger(
    port: int | None,
    ears: Ears,
    listeners: Sequence[tuple[Listening, int | None]],
    published: Sequence[tuple[str, int, int]],
) -> dict[str, object] | None:
    """Return who has our port when none of ours listens on it."""
    ours = {one.port for one, _ in listeners}
    if port is None or port in ours or port in {at for _, at, _ in published}:
        return None
    for one in ears.host:
        if one.port == port:
            return who_listens(one)
    return None
