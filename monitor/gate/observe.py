"""The parts that an `observe` may ask for.

A part is a function `observe_NAME(question, gaps) -> answer`. It runs in a
child of its own that is killed when its time is over, so it may wait and may
keep state in no other way than in its answer's cursor. What it cannot find
out it leaves out, or None, and says so with `gaps.add(what, because)`. It
raises `protocol.Refused` for a question that makes no sense; any other error
becomes a gap of this part alone. `question["within"]` is how many seconds it
has; `question["avoid"]` names what an earlier look at this part is still stuck
on (the `what` of its gaps).
"""

from __future__ import annotations

from collections.abc import Callable

from monitor.gate.cuda import observe_cuda
from monitor.gate.disks import observe_disks
from monitor.gate.gaps import Gaps
from monitor.gate.hello import Way
from monitor.gate.jobs import observe_jobs
from monitor.gate.kernel import observe_kernel
from monitor.gate.log import NamedLogs, observe_log
from monitor.gate.machine import observe_machine
from monitor.gate.nvidia_smi import observe_gpu
from monitor.gate.pmon import observe_pmon
from monitor.gate.service import observe_service

PARTS: dict[str, Callable[[dict[str, object], Gaps], dict[str, object]]] = {
    "machine": observe_machine,
    "disks": observe_disks,
    "kernel": observe_kernel,
    "service": observe_service,
    "log": observe_log,
    "jobs": observe_jobs,
    "gpu": observe_gpu,
    "pmon": observe_pmon,
    "cuda": observe_cuda,
}

_PARTS_OF_ROOT = ("machine", "kernel", "service", "gpu", "pmon")
"""What acting needs: root may read every log and folder, its key need not."""

LANES = {"gpu": "driver", "pmon": "driver"}
"""Parts that wait for each other: the driver is asked one thing at a time."""


def parts_for(
    way: Way,
) -> dict[str, Callable[[dict[str, object], Gaps], dict[str, object]]]:
    """Return the parts that this gate has, which its key may limit."""
    if way.way == "stdin":
        return PARTS
    if way.role != "observe":
        return {name: PARTS[name] for name in _PARTS_OF_ROOT}
    return {**PARTS, "log": NamedLogs(way.logs).observe}
