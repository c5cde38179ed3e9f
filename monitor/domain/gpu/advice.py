"""One word for what helps against a fault (facts/gpu.md §2).

A GPU fault is never healed by a new FaceFusion: where the driver is gone the
new process starts on the CPU. Only a container that lost its devices gets
them back by its own restart.
"""

from dataclasses import replace
from typing import Literal, get_args

from monitor.domain.gpu.reading import GpuFault
from monitor.domain.gpu.recovery_action import recovery_action_code

Advice = Literal[
    "none",
    "watch",
    "restart_app",
    "restart_container",
    "drain_reset",
    "reboot",
    "page",
    "ticket",
    "fix_settings",
]
"""What to do first: nothing, look at it again, restart FaceFusion or its
container, stop all clients and reset the GPU, reboot the host once drained,
call somebody, order a repair, correct the host's or our settings."""

ADVICE: frozenset[str] = frozenset(get_args(Advice))

_USUAL: dict[str, Advice] = {
    "gpu_lost": "reboot",
    "gpu_wedged": "reboot",
    "gpu_reset_required": "drain_reset",
    "driver_mismatch": "reboot",
    "container_gpu_lost": "restart_container",
    "gpu_hardware": "page",
}

_OF_ACTION: dict[int, Advice] = {
    0: "none",
    1: "drain_reset",
    2: "reboot",
    3: "page",  # drain peer-to-peer: several cards and somebody who knows
    4: "drain_reset",
    5: "page",  # IMEX domain: several machines
    6: "reboot",
    7: "reboot",
}

_OF_FAILURE: dict[int, Advice] = {
    2: "fix_settings",
    3: "fix_settings",
    4: "fix_settings",
    12: "page",
    13: "fix_settings",
    126: "fix_settings",
    127: "fix_settings",
}

_VAGUE = frozenset({"", "none", "watch", "page"})
"""What an Xid knows better: nobody found out yet what the matter is."""


def of_recovery_action(action: str | None) -> Advice:
    """Return what the driver asks for; words that are new call somebody."""
    code = recovery_action_code(action)
    if action is None:
        return "none"
    return "page" if code is None else _OF_ACTION[code]


def of_failure(code: int) -> Advice:
    """Return what helps when an exit code blames no GPU."""
    return _OF_FAILURE.get(code, "watch")


def advised(fault: GpuFault) -> GpuFault:
    """Return the fault with advice: its own, else what is usual for it."""
    if fault.advice:
        return fault
    return replace(fault, advice=_USUAL.get(fault.fault, "page"))


def sharper(advice: str, other: str) -> str:
    """Return the other advice where the first one is vague."""
    return other if advice in _VAGUE else advice
