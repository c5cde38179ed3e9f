"""Whether a server works on the CPU though it should use a GPU.

onnxruntime falls back without failing (facts/facefusion.md §3.5); the
process is then missing from the programs that nvidia-smi lists.
"""

from collections.abc import Iterable

from monitor.domain.diagnosis.case import Case
from monitor.domain.gpu.reading import Gpu
from monitor.domain.joblog.reading import LogEvent
from monitor.domain.service.family import family

_COMPUTE = frozenset({"C", "C+G"})
NOBODY = 100 * 1024**2
"""Bytes on a card below which no program computes there: CUDA's own part of
a program takes more than that (facts/facefusion.md §3.7: "VRAM falls to CUDA
context"; the figure is ours)."""


def fallback(case: Case, began: float) -> str:
    """Return what speaks for the CPU since a Unix time, empty for nothing.

    A process that is listed on a GPU works there, whatever the log said.
    """
    if _is_on_gpu(case):
        return ""
    if line := _logged(case):
        return f'its log says so ("{line.evidence}")'
    at = case.memory.pressure.on_cpu
    if at is None or at < began or not _is_missing(case):
        return ""
    return "its process takes CPU time and is on no GPU"


def suspected(case: Case) -> str:
    """Return what the log alone says, empty for nothing."""
    line = None if _is_on_gpu(case) else _logged(case)
    return f'suspected: its log says "{line.evidence}"' if line else ""


def _is_on_gpu(case: Case) -> bool:
    reading = case.gpu_reading
    return reading is not None and bool(_ours(case) & _listed(reading.gpus))


def _is_missing(case: Case) -> bool:
    """Return whether it is proved that none of ours is on a GPU.

    Under MIG processes are listed elsewhere. A list may be empty because
    nobody is there, or because we may not see them: then the memory tells.
    """
    reading = case.gpu_reading
    if reading is None or not _ours(case) or not reading.gpus:
        return False
    if any(gpu.mig_enabled for gpu in reading.gpus):
        return False
    if any(gpu.processes for gpu in reading.gpus):
        return True
    cards = case.memory.cards.used(case.target, reading)
    return bool(cards) and all(
        gpu.memory_used_bytes is not None and gpu.memory_used_bytes < NOBODY
        for gpu in cards
    )


def _ours(case: Case) -> frozenset[int]:
    reading = case.service_reading
    return family(reading) if reading else frozenset()


def _listed(gpus: Iterable[Gpu]) -> frozenset[int]:
    return frozenset(
        one.pid
        for gpu in gpus
        for one in gpu.processes
        if one.kind in _COMPUTE
    )


def _logged(case: Case) -> LogEvent | None:
    """Return the last line about it since the server's start."""
    reading = case.log_reading
    lines = reading.recent if reading else ()
    told = [one for one in lines if one.kind == "cpu_fallback"]
    dated = [one for one in told if not one.undated]
    return max(dated, key=lambda one: one.at, default=None)
