"""The part `cuda`: what a service has to use a GPU with.

Nothing of the service is run: names of folders tell what is installed, /proc
what its process has loaded and opened. The driver is not touched.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from monitor.gate.commands import run_command
from monitor.gate.finding import ServiceAsked, read_service
from monitor.gate.gaps import Gaps
from monitor.gate.gpuuse import libraries_loaded, nvidia_devices
from monitor.gate.processes import ProcessSeen
from monitor.gate.protocol import number_of
from monitor.gate.pythons import (
    PythonPlace,
    find_python,
    python_of_unit,
)
from monitor.gate.service import find_servers
from monitor.gate.sitepackages import gpu_packages

_NVCC_WITHIN = 3.0
_NVCC_PLACES = ("nvcc", "/usr/local/cuda/bin/nvcc")
_NVCC_SAID = re.compile(r"\bV([0-9]{1,4}(?:\.[0-9]{1,6}){1,3})\b")
_NVCC_LIMIT = 65536


class _InUse(NamedTuple):
    """What a process has; None where we may not see it."""

    loaded: list[str] | None
    devices: list[str] | None


def observe_cuda(question: dict[str, object], gaps: Gaps) -> dict[str, object]:
    """Return what README.md says of a service. Raises `Refused`."""
    asked = read_service(question)
    within = number_of(question, "within", 8.0, 60.0)
    servers = find_servers(asked, gaps, within / 3)
    server = max(servers, key=lambda one: one.started_at, default=None)
    place = _place(asked, server, gaps, within / 3)
    found = None if place is None else gpu_packages(place, gaps)
    use = _InUse(None, None) if server is None else _use(server, gaps)
    return {
        "nvcc": nvcc_version(gaps, min(_NVCC_WITHIN, within / 3)),
        "pid": server.pid if server else None,
        "python": place.path if place else None,
        "packages": None if found is None else found.packages,
        "providers": None if found is None else found.providers,
        "loaded": use.loaded,
        "devices": use.devices,
    }


def nvcc_version(gaps: Gaps, within: float) -> str | None:
    """Return the version of the CUDA compiler, None without one."""
    for program in _NVCC_PLACES:
        ended = run_command([program, "--version"], within, _NVCC_LIMIT)
        said = _NVCC_SAID.search(ended.stdout.decode("utf-8", "replace"))
        if said:
            return said.group(1)
        if ended.late:
            gaps.add("nvcc", "cannot ask nvcc: it did not answer in time")
            return None
    gaps.add(
        "nvcc",
        "cannot find nvcc: no CUDA toolkit is on the PATH or in"
        " /usr/local/cuda; onnxruntime's packages may do without it",
    )
    return None


def _place(
    asked: ServiceAsked,
    server: ProcessSeen | None,
    gaps: Gaps,
    within: float,
) -> PythonPlace | None:
    if server is not None:
        return find_python(server, gaps)
    if asked.manager == "systemd":
        return python_of_unit(asked.unit, gaps, within)
    gaps.add(
        "python", "cannot tell which Python runs it: none of its processes is"
    )
    return None


def _use(server: ProcessSeen, gaps: Gaps) -> _InUse:
    return _InUse(
        loaded=libraries_loaded(server.pid, server.state, gaps),
        devices=nvidia_devices(server.pid, gaps),
    )
