"""Series about GPUs: uuid on every one, identity on the info series."""

from collections.abc import Mapping

from monitor.domain.gpu.reading import Gpu, GpuReading
from monitor.engine.board import KnownGpu
from monitor.outputs.metrics.sheet import Sheet
from monitor.outputs.metrics.text import Labels

_PLAIN = (
    "utilization_ratio",
    "memory_controller_utilization_ratio",
    "encoder_utilization_ratio",
    "decoder_utilization_ratio",
    "memory_total_bytes",
    "memory_used_bytes",
    "memory_free_bytes",
    "temperature_celsius",
    "memory_temperature_celsius",
    "slowdown_temperature_celsius",
    "power_draw_watts",
    "power_limit_watts",
    "fan_speed_ratio",
    "sm_clock_hertz",
    "memory_clock_hertz",
    "performance_state",
    "pcie_link_generation",
    "pcie_link_width",
)
"""Fields of Gpu that are exported under their own name."""


def identity(
    sheet: Sheet, known: Mapping[str, KnownGpu], host: Labels
) -> None:
    """Write every GPU ever identified on a host, and what only grows."""
    for one in known.values():
        gpu = one.gpu
        labels = host.also(
            uuid=gpu.uuid,
            gpu=str(gpu.index),
            name=gpu.name,
            driver_version=one.driver_version,
            cuda_version=one.cuda_version,
            pci_bus_id=gpu.pci_bus_id,
        )
        sheet.put("facefusion_gpu_info", 1, labels)
        _counters(sheet, host.also(uuid=gpu.uuid), gpu)


def reading(sheet: Sheet, seen: GpuReading, host: Labels) -> None:
    """Write what nvidia-smi says, GPU by GPU."""
    for gpu in seen.gpus:
        _gpu(sheet, host.also(uuid=gpu.uuid), gpu)
    for fault in seen.faults:
        labels = host.also(uuid=fault.uuid, fault=fault.fault)
        sheet.put("facefusion_gpu_fault", 1, labels)
    for uuid, owner, held in seen.owners:
        labels = host.also(uuid=uuid, owner=owner)
        sheet.put("facefusion_gpu_process_memory_bytes", held, labels)


def _counters(sheet: Sheet, labels: Labels, gpu: Gpu) -> None:
    sheet.put("facefusion_gpu_pcie_replays_total", gpu.pcie_replays, labels)
    for error, scope, count in gpu.ecc_errors:
        which = labels.also(error=error, scope=scope)
        sheet.put("facefusion_gpu_ecc_errors_total", count, which)


def _gpu(sheet: Sheet, labels: Labels, gpu: Gpu) -> None:
    for name in _PLAIN:
        sheet.put(f"facefusion_gpu_{name}", getattr(gpu, name), labels)
    code = gpu.recovery_action_code
    sheet.put("facefusion_gpu_recovery_action", code, labels)
    for reason, active in gpu.clock_events:
        which = labels.also(reason=reason)
        sheet.put("facefusion_gpu_clock_event_active", active, which)
