"""What each Xid means for a machine that runs inference.

Source: the table of facts/gpu.md §2 (NVIDIA's catalogue beside gpud's and
our own column). `advice` is the first thing to do, a word of `gpu.advice`.
`fault` is empty where the GPU itself is fine: the application's fault, or
something that NVIDIA says to ignore.
"""

from collections.abc import Mapping
from dataclasses import dataclass

_LOST = "gpu_lost"
_WEDGED = "gpu_wedged"
_RESET = "gpu_reset_required"
_HARDWARE = "gpu_hardware"


@dataclass(frozen=True, slots=True, kw_only=True)
class Xid:
    """An Xid's meaning, what helps, and the fault that it is."""

    meaning: str
    advice: str
    fault: str = ""


def _xid(meaning: str, advice: str, fault: str = "") -> Xid:
    return Xid(meaning=meaning, advice=advice, fault=fault)


_NVLINK = _xid("NVLink error", "page", _HARDWARE)
_GSP = "the GPU's own processor (GSP) {}"
_RETIREMENT = _xid("retirement of memory or of a channel", "ticket")

XIDS: Mapping[int, Xid] = {
    8: _xid("the GPU stopped processing", "restart_app"),
    13: _xid("graphics engine exception", "restart_app"),
    31: _xid("MMU page fault", "restart_app"),
    32: _xid("bad push buffer", "restart_app"),
    38: _xid("firmware watchdog", "watch"),
    43: _xid("the GPU stopped processing for one program", "restart_app"),
    44: _xid("fault while switching programs", "watch"),
    45: _xid("a program's work was cleaned up, as after a kill", "none"),
    46: _xid("the GPU stopped processing in time", "drain_reset", _RESET),
    48: _xid("double-bit memory error", "drain_reset", _HARDWARE),
    54: _xid("auxiliary power is missing", "page", _HARDWARE),
    61: _xid("power controller stopped at a breakpoint", "reboot", _RESET),
    62: _xid("power controller halted", "drain_reset", _RESET),
    63: _xid("a bad row of memory was put aside", "none"),
    64: _xid("a bad row could not be put aside", "page", _HARDWARE),
    68: _xid("video decoder exception", "restart_app"),
    69: _xid("graphics class error", "restart_app"),
    74: _NVLINK,
    79: _xid("fallen off the bus", "reboot", _LOST),
    92: _xid("many corrected memory errors", "ticket"),
    93: _xid("the infoROM wears out", "ticket"),
    94: _xid("memory error, contained in one program", "restart_app"),
    95: _xid("memory error, not contained", "drain_reset", _RESET),
    109: _xid("switching programs took too long", "restart_app"),
    110: _xid("security fault", "reboot", _RESET),
    119: _xid(_GSP.format("does not answer"), "reboot", _WEDGED),
    120: _xid(_GSP.format("failed"), "reboot", _WEDGED),
    121: _xid("chip-to-chip link; no link of a PCIe card", "none"),
    140: _xid("unrecovered memory error", "drain_reset", _RESET),
    143: _xid("initialisation failed", "reboot", _LOST),
    **dict.fromkeys(range(144, 151), _NVLINK),
    151: _xid("key rotation", "none"),
    154: _xid("the recovery action changed", "watch"),
    155: _xid("NVLink software error", "drain_reset", _RESET),
    156: _xid("a resource was retired", "drain_reset", _RESET),
    157: _RETIREMENT,
    158: _xid("fatal timeout", "drain_reset", _RESET),
    160: _RETIREMENT,
    161: _RETIREMENT,
    167: _xid("fatal PCIe timeout", "reboot", _HARDWARE),
    169: _xid("security processor halted", "reboot", _HARDWARE),
    171: _xid("uncorrectable error in DRAM", "reboot", _HARDWARE),
    172: _xid("uncorrectable error in SRAM", "reboot", _HARDWARE),
}

UNKNOWN = _xid("an error that our table does not have", "watch")


def xid(number: int) -> Xid:
    """Return what is known of an Xid; the unknown ones are watched."""
    return XIDS.get(number, UNKNOWN)
