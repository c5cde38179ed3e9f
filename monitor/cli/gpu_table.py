"""A GPU reading for people (a table) and for programs (plain data)."""

import re
from dataclasses import asdict

from rich.console import JustifyMethod
from rich.table import Table
from rich.text import Text

from monitor.domain.gpu.reading import Gpu, GpuFault, GpuProcess, GpuReading
from monitor.domain.health import Health

_NONE = "-"
_GIB = 2**30
_MOST_PROCESSES = 5
_LONGEST_NAME = 24
_STYLES = {Health.UNHEALTHY: "red", Health.DEGRADED: "yellow"}

_HEADINGS = (
    "GPU",
    "NAME",
    "BUSY",
    "MEMORY GiB",
    "°C",
    "WATT",
    "FAN",
    "STATE",
    "PROCESSES",
    "FAULT",
)
_NUMBERS = frozenset({"GPU", "BUSY", "MEMORY GiB", "°C", "WATT", "FAN"})


def render(reading: GpuReading) -> Table:
    """Return one row a GPU, and below the table what is wrong with whom.

    Texts come from the host: none of them is read as markup.
    """
    table = Table(
        box=None,
        pad_edge=False,
        header_style="bold",
        caption=_caption(reading),
        caption_justify="left",
    )
    for heading in _HEADINGS:
        side: JustifyMethod = "right" if heading in _NUMBERS else "left"
        table.add_column(heading, justify=side, overflow="fold")
    for gpu in reading.gpus:
        own = [fault for fault in reading.faults if fault.uuid == gpu.uuid]
        table.add_row(*map(Text, _cells(gpu)), _names(own))
    return table


def as_json(reading: GpuReading) -> dict[str, object]:
    """Return the reading as plain data; keys are only ever added.

    Names and units are those of the domain, None means "not reported".
    """
    return {
        "driver_version": reading.driver_version,
        "cuda_version": reading.cuda_version,
        "attached_gpus": reading.attached,
        "gpus": [_gpu(gpu) for gpu in reading.gpus],
        "faults": [asdict(fault) for fault in reading.faults],
    }


def _gpu(gpu: Gpu) -> dict[str, object]:
    ecc_errors = [
        {"error": error, "scope": scope, "count": count}
        for error, scope, count in gpu.ecc_errors
    ]
    return asdict(gpu) | {
        "recovery_action_code": gpu.recovery_action_code,
        "clock_events": dict(gpu.clock_events),
        "ecc_errors": ecc_errors,
        "processes": [asdict(process) for process in gpu.processes],
    }


def _cells(gpu: Gpu) -> tuple[str, ...]:
    state = gpu.performance_state
    return (
        str(gpu.index),
        gpu.name,
        _percent(gpu.utilization_ratio),
        f"{_gib(gpu.memory_used_bytes)}/{_gib(gpu.memory_total_bytes)}",
        _number(gpu.temperature_celsius),
        f"{_number(gpu.power_draw_watts)}/{_number(gpu.power_limit_watts)}",
        _percent(gpu.fan_speed_ratio),
        _NONE if state is None else f"P{state}",
        _processes(gpu.processes),
    )


def _processes(processes: tuple[GpuProcess, ...]) -> str:
    """Return the first few by pid and program, without their arguments."""
    lines = [
        f"{process.pid} {_program(process.name)}"
        for process in processes[:_MOST_PROCESSES]
    ]
    if len(processes) > _MOST_PROCESSES:
        lines.append(f"and {len(processes) - _MOST_PROCESSES} more")
    return "\n".join(lines) or _NONE


def _program(command: str) -> str:
    path = command.partition(" --")[0]
    return re.split(r"[/\\]", path)[-1][:_LONGEST_NAME]


def _names(faults: list[GpuFault]) -> Text:
    lines = [Text(fault.fault, _STYLES[fault.health]) for fault in faults]
    return Text("\n").join(lines) if lines else Text(_NONE)


def _caption(reading: GpuReading) -> Text:
    driver = reading.driver_version or "unknown"
    cuda = reading.cuda_version or "unknown"
    lines = [Text(f"driver {driver}, CUDA {cuda}")]
    for fault in reading.faults:
        name = Text(fault.fault, _STYLES[fault.health])
        lines.append(name + Text(f": {fault.because}"))
    return Text("\n").join(lines)


def _percent(ratio: float | None) -> str:
    return _NONE if ratio is None else f"{ratio:.0%}"


def _gib(size: int | None) -> str:
    return _NONE if size is None else f"{size / _GIB:.1f}"


def _number(value: float | None) -> str:
    return _NONE if value is None else f"{value:.0f}"
