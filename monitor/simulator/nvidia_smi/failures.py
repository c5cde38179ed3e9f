"""What nvidia-smi prints, on stdout, in place of an answer or before one."""

from dataclasses import dataclass

from monitor.simulator.faults import Faults
from monitor.simulator.nvidia_smi.card import Card

FELL_OFF = 79
"""The Xid of a GPU that has fallen off the bus."""
GSP_TIMEOUT = 119
"""The Xid after which nvidia-smi waits in the driver for ever."""

_LOST = 15
_MISMATCH = 18
_OTHER = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A text with the exit code it comes with.

    `is_all`: nothing else is printed; otherwise the other cards follow.
    """

    text: str
    code: int
    is_all: bool = True


def failure(faults: Faults, lost: Card | None) -> Failure | None:
    """Return what is wrong with the driver, or with one card."""
    if faults.is_on("driver_mismatch"):
        return Failure(
            text="Failed to initialize NVML: Driver/library version mismatch\n"
            "NVML library version: 595.44\n",
            code=_MISMATCH,
        )
    if faults.is_on("container_gpu_lost"):
        return Failure(
            text="Failed to initialize NVML: Unknown Error\n", code=_OTHER
        )
    if lost is not None:
        return Failure(text=_moan(lost), code=_LOST, is_all=False)
    return None


def warning(faults: Faults, first: Card) -> str:
    """Return what nvidia-smi adds below an answer, empty for nothing."""
    if not faults.is_on("inforom"):
        return ""
    return f"WARNING: infoROM is corrupted at gpu {first.bus_id}\n"


def lost_index(faults: Faults) -> int | None:
    """Return the index of the card that is gone, None while all are here."""
    if faults.is_on("gpu_lost"):
        return int(faults.value("gpu_lost", 0))
    return 1 if faults.value("xid", 0) == FELL_OFF else None


def hangs(faults: Faults) -> bool:
    """Return whether nvidia-smi waits in the driver and never returns."""
    stuck = faults.value("xid", 0) == GSP_TIMEOUT
    return stuck or faults.is_on("nvidia_smi_hang")


def _moan(card: Card) -> str:
    return (
        "Unable to determine the device handle for"
        f" GPU{card.index}: 0000:{card.bus}:00.0: GPU is lost."
        "  Reboot the simulated host to get it back\n"
    )
