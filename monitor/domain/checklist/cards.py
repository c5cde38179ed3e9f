"""The GPUs, and what a service has to use them with."""

from collections.abc import Iterator

from monitor.domain.cuda.reading import CudaReading
from monitor.domain.gpu.reading import Gpu, GpuReading
from monitor.domain.machine.words import size

_HARMLESS = frozenset(
    {"gpu_idle", "applications_clocks_setting", "display_clocks_setting"}
)
_OWNERS = 5
_HOLDERS = 5


def gpu_facts(reading: GpuReading) -> Iterator[str]:
    """Yield each card, every fault, and who holds memory."""
    if reading.driver_version:
        yield (
            f"driver {reading.driver_version}, CUDA"
            f" {reading.cuda_version or 'unknown'}"
        )
    for gpu in reading.gpus:
        yield _card(gpu)
        yield from _held(gpu, reading)
    for fault in reading.faults:
        yield f"{fault.fault}: {fault.because}"


def cuda_facts(reading: CudaReading) -> Iterator[str]:
    """Yield nvcc, the Python and its packages, and what the process has."""
    yield f"nvcc {reading.nvcc}" if reading.nvcc else "nvcc: not found"
    if reading.python:
        yield f"python: {reading.python}"
    for package in reading.packages or ():
        yield f"{package.name} {package.version}"
    if reading.providers is not None:
        named = ", ".join(reading.providers) or "none"
        yield f"provider libraries beside onnxruntime: {named}"
    if reading.pid is not None:
        yield f"the process has the GPU open: {_seen(reading.devices)}"
        yield f"GPU libraries that it has loaded: {_loaded(reading.loaded)}"


def _seen(devices: tuple[str, ...] | None) -> str:
    if devices is None:
        return "not permitted to see"
    return f"yes ({', '.join(devices)})" if devices else "no"


def _loaded(names: tuple[str, ...] | None) -> str:
    if names is None:
        return "not permitted to see"
    return ", ".join(names) or "none"


def _card(gpu: Gpu) -> str:
    told = [one for one in _figures(gpu) if one]
    return f"GPU {gpu.index} {gpu.name}: {', '.join(told) or 'no figures'}"


def _figures(gpu: Gpu) -> Iterator[str]:
    if gpu.memory_used_bytes is not None and gpu.memory_total_bytes:
        total = size(gpu.memory_total_bytes)
        yield f"{size(gpu.memory_used_bytes)} of {total} memory used"
    if gpu.temperature_celsius is not None:
        yield f"{gpu.temperature_celsius:.0f} °C"
    if gpu.utilization_ratio is not None:
        yield f"{gpu.utilization_ratio:.0%} busy"
    active = [
        name for name, on in gpu.clock_events if on and name not in _HARMLESS
    ]
    if active:
        yield f"clock events: {', '.join(active)}"


def _held(gpu: Gpu, reading: GpuReading) -> Iterator[str]:
    """Yield whose memory it is, of processes where owners are not known."""
    owners = [
        f"{owner} {size(much)}"
        for uuid, owner, much in reading.owners
        if uuid == gpu.uuid
    ]
    if not owners:
        owners = [
            f"pid {one.pid} {size(one.memory_bytes)}"
            for one in gpu.processes[:_HOLDERS]
            if one.memory_bytes is not None
        ]
    if owners:
        held = ", ".join(owners[:_OWNERS])
        yield f"GPU {gpu.index} memory is held by {held}"
