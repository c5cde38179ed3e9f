"""Whether a server is doing somebody's work, so that a canary steps aside.

Two signs count. Jobs that wait in its queue: unless its GPUs are seen to do
nothing, for then the queue is stuck and a canary is what proves it. And GPUs
that are loaded while none of our own canaries runs. Where a server uses
several GPUs one that is free is enough to be not busy.

How full the memory is does not count: FaceFusion keeps its models there, and
onnxruntime what it once asked for, so a full GPU is the usual idle one.
"""

from dataclasses import dataclass

LOADED = 0.5
"""Share of the time a GPU works from which on it is somebody's. FaceFusion
works in bursts of its own CPU and GPU work, so half is a lot."""
IDLE = 0.05
"""Share of the time up to which a GPU does nothing (a desktop moves it)."""
MOST_SKIPS = 1
"""Runs in a row that are skipped because the server is busy. With two the last
reading would be too old to be a fact before the next came. The run that is
let through is not called slow, and still proves the output: a server under
load all day is not left unproven, and the alert on a canary that has not run
for three intervals stays quiet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What was seen of a server while no canary of ours ran on its host.

    `queue_size` is None where the server does not tell; `loads` holds the
    utilisation of its GPUs, 0 to 1, and is empty where nobody sees them.
    """

    queue_size: int | None = None
    loads: tuple[float, ...] = ()


def busy(signs: Signs) -> str:
    """Return what the server is busy with, empty when with nothing."""
    if signs.queue_size and not _idle(signs.loads):
        return f"{signs.queue_size} jobs in its queue"
    if signs.loads and min(signs.loads) >= LOADED:
        return f"its GPU is {min(signs.loads):.0%} loaded"
    return ""


def _idle(loads: tuple[float, ...]) -> bool:
    return bool(loads) and max(loads) <= IDLE
