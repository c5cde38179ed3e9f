"""What the exit code of our nvidia-smi script means.

0 to 15 are from nvidia-smi's manual, 16 and 18 are NVML's numbers (18 was
seen, 16 was not), 124, 137 and 143 (busybox) come from `timeout -k`, 75 from
our own lock (facts/gpu.md §2).
"""

from monitor.domain.gpu.reading import GpuFault
from monitor.domain.health import Health

BUSY = 75
"""Our script's code for "an earlier nvidia-smi still runs" (EX_TEMPFAIL)."""

_WEDGED = "stop asking it, look at the kernel log, reboot once drained"

_LATE = GpuFault(
    fault="gpu_wedged",
    because=f"nvidia-smi did not end in time: {_WEDGED}",
    advice="reboot",
)

_FAULTS = {
    6: GpuFault(
        fault="gpu_lost",
        because="nvidia-smi found no GPU: compare with lspci, then reboot",
        advice="page",
    ),
    8: GpuFault(
        fault="gpu_hardware",
        because="a GPU misses its external power cable: somebody must go",
        advice="page",
    ),
    9: GpuFault(
        fault="gpu_lost",
        because="the NVIDIA driver is not loaded: check lsmod and dkms",
        advice="page",
    ),
    10: GpuFault(
        fault="gpu_hardware",
        because="the kernel sees an interrupt problem with a GPU: reboot",
        advice="reboot",
    ),
    14: GpuFault(
        fault="gpu_hardware",
        because="a GPU's infoROM is corrupted: it works, open a ticket",
        health=Health.DEGRADED,
        advice="ticket",
    ),
    15: GpuFault(
        fault="gpu_lost",
        because="a GPU fell off the bus: drain the host and reboot it",
        advice="reboot",
    ),
    16: GpuFault(
        fault="gpu_reset_required",
        because="a GPU requires a reset: drain it, then reset it",
        advice="drain_reset",
    ),
    18: GpuFault(
        fault="driver_mismatch",
        because="driver and NVML differ since an upgrade: do not restart"
        " FaceFusion; reload the driver or reboot once drained",
        health=Health.DEGRADED,
        advice="reboot",
    ),
    BUSY: GpuFault(
        fault="gpu_wedged",
        because=f"an earlier nvidia-smi still hangs on the host: {_WEDGED}",
        advice="reboot",
    ),
    124: _LATE,
    137: _LATE,
    143: _LATE,
}

_HUNG = frozenset({BUSY, 124, 137, 143})

_FAILURES = {
    2: ("failed", "nvidia-smi there does not know `-q -x`: update the driver"),
    3: ("failed", "nvidia-smi does not support the query on this machine"),
    4: ("permission", "the SSH user may not ask nvidia-smi: see /dev/nvidia*"),
    12: ("not_installed", "libnvidia-ml.so is missing: reinstall the driver"),
    13: ("failed", "libnvidia-ml.so is older than nvidia-smi: reinstall"),
    126: ("permission", "the SSH user may not run nvidia-smi"),
    127: ("not_installed", "nvidia-smi is not on the SSH user's PATH"),
}


def fault_of(code: int) -> GpuFault | None:
    """Return the fault an exit code stands for, None for the others."""
    return _FAULTS.get(code)


def is_hang(code: int) -> bool:
    """Return whether a code means that nvidia-smi did not come back."""
    return code in _HUNG


def failure_of(code: int) -> tuple[str, str]:
    """Return (reason, because) for a code that blames no GPU."""
    unknown = ("failed", f"nvidia-smi failed with exit code {code}")
    return _FAILURES.get(code, unknown)
