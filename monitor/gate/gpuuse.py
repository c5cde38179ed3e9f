"""What a process has of the GPU: libraries loaded, devices opened.

Only its own user and root may see that: anybody else gets a gap.
"""

from __future__ import annotations

import os

from monitor.gate.gaps import Gaps
from monitor.gate.procfiles import read_whole
from monitor.gate.roots import ROOT

_LIBRARIES = (
    "libonnxruntime_providers_cuda",
    "libonnxruntime_providers_tensorrt",
    "libcudnn",
)
_MAPS_AT_MOST = 8 << 20
_OPEN_AT_MOST = 65536
_DEVICES_TOLD = 64
_WAITING = "D"


def libraries_loaded(pid: int, state: str, gaps: Gaps) -> list[str] | None:
    """Return which of onnxruntime's GPU libraries a process has loaded.

    One that waits in the kernel is not asked: the answer may wait with it.
    """
    if state == _WAITING:
        gaps.add(
            "loaded",
            f"cannot see what process {pid} has loaded: it waits in the"
            " kernel",
        )
        return None
    try:
        path = ROOT.path("proc", str(pid), "maps")
        text = read_whole(path, _MAPS_AT_MOST)
    except OSError:
        gaps.add("loaded", _unseen(pid, "has loaded"))
        return None
    return [one for one in _LIBRARIES if f"/{one}".encode() in text]


def nvidia_devices(pid: int, gaps: Gaps) -> list[str] | None:
    """Return the driver's devices that a process has open."""
    folder = ROOT.path("proc", str(pid), "fd")
    try:
        names = os.listdir(folder)
    except OSError:
        gaps.add("devices", _unseen(pid, "has open"))
        return None
    found = set()
    for name in names[:_OPEN_AT_MOST]:
        try:
            link = os.readlink(os.path.join(folder, name))
        except OSError:  # it was closed just now
            continue
        if link.startswith("/dev/nvidia"):
            found.add(link)
    return sorted(found)[:_DEVICES_TOLD]


def _unseen(pid: int, what: str) -> str:
    return (
        f"cannot see what process {pid} {what}: that is for its own user"
        " and root"
    )
