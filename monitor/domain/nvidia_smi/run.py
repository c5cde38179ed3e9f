"""What one run of nvidia-smi told, from its exit code and both streams."""

from dataclasses import dataclass, replace

from monitor.domain.errors import Unreadable
from monitor.domain.gpu.advice import of_failure
from monitor.domain.gpu.reading import GpuFault, GpuReading
from monitor.domain.nvidia_smi.codes import failure_of, fault_of
from monitor.domain.nvidia_smi.reader import read
from monitor.domain.nvidia_smi.text import LIMIT, clean
from monitor.domain.nvidia_smi.texts import said


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A reading with the faults that nvidia-smi itself named.

    `reason` is empty when the run told anything about GPUs, else one word
    (not_installed, permission, unreadable, failed) for a run that failed
    without blaming a GPU, explained by `because`, and `advice` then says
    what helps (`gpu.advice`).
    """

    reading: GpuReading
    reason: str = ""
    because: str = ""
    advice: str = ""


def interpret(*, code: int, stdout: bytes, stderr: bytes) -> Told:
    """Return all that a run told; never raises for what a host printed."""
    reading, refusal = _read(stdout)
    faults = _with_code(
        (*reading.faults, *said(clean(stderr[:LIMIT]))), fault_of(code)
    )
    reading = replace(reading, faults=faults)
    if faults or (code == 0 and not refusal):
        return Told(reading=reading)
    if code == 0:
        return Told(
            reading=reading,
            reason="unreadable",
            because=refusal,
            advice="watch",
        )
    reason, because = failure_of(code)
    return Told(
        reading=reading,
        reason=reason,
        because=because,
        advice=of_failure(code),
    )


def _read(stdout: bytes) -> tuple[GpuReading, str]:
    try:
        return read(stdout), ""
    except Unreadable as refused:
        text = clean(stdout[:LIMIT])
        return GpuReading(faults=said(text)), str(refused)


def _with_code(
    faults: tuple[GpuFault, ...], coded: GpuFault | None
) -> tuple[GpuFault, ...]:
    """Add the exit code's fault unless a sentence said it more precisely."""
    if coded is None or coded.fault in {fault.fault for fault in faults}:
        return faults
    return (*faults, coded)
