"""Series about GPUs: uuid on every one, identity on the info series."""

from monitor.domain.gpu.reading import Gpu, GpuReading
from monitor.engine.board import Board, KnownGpu
from monitor.outputs.metrics.labels import about
from monitor.outputs.metrics.sheet import Sheet

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


def write(sheet: Sheet, board: Board, now: float) -> None:
    """Write what nvidia-smi says, GPU by GPU."""
    for host in board.hosts:
        for known in board.gpus(host).values():
            _info(sheet, host, known)
    for entry in board.entries():
        seen = entry.fresh(now)
        if seen is not None and isinstance(seen.reading, GpuReading):
            _reading(sheet, about(seen.key), seen.reading)


def _info(sheet: Sheet, host: str, known: KnownGpu) -> None:
    gpu = known.gpu
    labels = {
        "host": host,
        "uuid": gpu.uuid,
        "gpu": str(gpu.index),
        "name": gpu.name,
        "driver_version": known.driver_version,
        "cuda_version": known.cuda_version,
        "pci_bus_id": gpu.pci_bus_id,
    }
    sheet.put("facefusion_gpu_info", 1, labels)
    _counters(sheet, {"host": host, "uuid": gpu.uuid}, gpu)


def _counters(sheet: Sheet, labels: dict[str, str], gpu: Gpu) -> None:
    """Write what only ever grows: it is never too old."""
    sheet.put("facefusion_gpu_pcie_replays_total", gpu.pcie_replays, labels)
    for error, scope, count in gpu.ecc_errors:
        sheet.put(
            "facefusion_gpu_ecc_errors_total",
            count,
            {**labels, "error": error, "scope": scope},
        )


def _reading(sheet: Sheet, host: dict[str, str], reading: GpuReading) -> None:
    for gpu in reading.gpus:
        _gpu(sheet, {**host, "uuid": gpu.uuid}, gpu)
    for fault in reading.faults:
        labels = {**host, "uuid": fault.uuid, "fault": fault.fault}
        sheet.put("facefusion_gpu_fault", 1, labels)


def _gpu(sheet: Sheet, labels: dict[str, str], gpu: Gpu) -> None:
    for name in _PLAIN:
        sheet.put(f"facefusion_gpu_{name}", getattr(gpu, name), labels)
    sheet.put(
        "facefusion_gpu_recovery_action", gpu.recovery_action_code, labels
    )
    for reason, active in gpu.clock_events:
        sheet.put(
            "facefusion_gpu_clock_event_active",
            active,
            {**labels, "reason": reason},
        )
