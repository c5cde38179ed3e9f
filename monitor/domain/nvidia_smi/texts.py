"""The sentences nvidia-smi prints when something is wrong.

It prints most of them on standard output, with or without its usual output
around them (facts/gpu.md §2). One sentence about one GPU says nothing about
the others.
"""

import re
from dataclasses import dataclass

from monitor.domain.gpu.reading import GpuFault
from monitor.domain.health import Health
from monitor.domain.nvidia_smi.text import excerpt

_READ = 64 * 1024
_MOST = 256
"""How many sentences are kept: a GPU may be named twice, hosts have at most
128 GPUs here."""

_BUS_ID = r"(?P<bus>[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f])"
_NO_HANDLE = (
    r"unable to determine the device handle for gpu\s*(?:\d{1,3}:\s+)?"
    + _BUS_ID
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sentence:
    pattern: re.Pattern[str]
    fault: str
    hint: str
    advice: str
    health: Health = Health.UNHEALTHY


def _sentence(
    pattern: str,
    fault: str,
    hint: str,
    advice: str,
    health: Health = Health.UNHEALTHY,
) -> _Sentence:
    return _Sentence(
        pattern=re.compile(pattern, re.IGNORECASE),
        fault=fault,
        hint=hint,
        advice=advice,
        health=health,
    )


# The first that fits a line counts.
_SENTENCES = (
    _sentence(
        _NO_HANDLE + r":\s*gpu requires reset",
        "gpu_reset_required",
        "drain it, then reset it",
        "drain_reset",
    ),
    _sentence(
        # "GPU is lost" is Xid 79; "Unknown Error" is its family, or a dead
        # GSP. Neither comes back without a reboot.
        _NO_HANDLE,
        "gpu_lost",
        "drain the host and reboot it; page when it happens again",
        "reboot",
    ),
    _sentence(
        r"warning: inforom is corrupted at gpu\s*" + _BUS_ID,
        "gpu_hardware",
        "it keeps working; open a ticket for the card",
        "ticket",
        Health.DEGRADED,
    ),
    _sentence(
        # Printed below "The following GPUs could not be reset:". Whoever
        # asked for the reset still waits for it.
        r"gpu\s*" + _BUS_ID + r": in use by another client",
        "gpu_reset_required",
        "persistence mode counts as a client: stop all clients first",
        "drain_reset",
    ),
    _sentence(
        r"failed to initialize nvml: driver/library version mismatch",
        "driver_mismatch",
        "running jobs go on, new ones cannot use the GPU: do not restart"
        " FaceFusion; reload the driver or reboot once drained",
        "reboot",
        Health.DEGRADED,
    ),
    _sentence(
        r"failed to initialize nvml: unknown error",
        "container_gpu_lost",
        "the container lost its GPU devices: restart the container",
        "restart_container",
    ),
    _sentence(
        r"nvidia-smi has failed because it couldn.t communicate with the"
        r" nvidia driver|failed to initialize nvml: driver not loaded",
        "gpu_lost",
        "the NVIDIA driver is not loaded: check lsmod and dkms",
        "page",
    ),
    _sentence(
        r"no devices were found",
        "gpu_lost",
        "the driver found no usable GPU: compare with lspci, then reboot",
        "page",
    ),
)


def said(text: str) -> tuple[GpuFault, ...]:
    """Return what the sentences in a text complain about.

    Only whole lines count, so that a process may be called what it likes.
    A fault of one GPU carries its bus id; its uuid is not known here.
    """
    found = (_fault(line) for line in text[:_READ].split("\n"))
    return tuple(fault for fault in found if fault)[:_MOST]


def _fault(line: str) -> GpuFault | None:
    line = line.strip()
    for sentence in _SENTENCES:
        if match := sentence.pattern.match(line):
            return GpuFault(
                fault=sentence.fault,
                because=f'nvidia-smi says "{excerpt(line)}"; {sentence.hint}',
                pci_bus_id=match.groupdict().get("bus") or "",
                health=sentence.health,
                advice=sentence.advice,
            )
    return None
