"""Every recording of nvidia-smi is read, or refused with its reason."""

import csv
import json
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from monitor.domain.errors import Unreadable
from monitor.domain.gpu.reading import Gpu, GpuReading
from monitor.domain.health import Health
from monitor.domain.nvidia_smi import read
from tests.domain.error_texts import recorded

NOT_RECORDINGS = {"INDEX.tsv", "expected.json", "error_texts.tsv"}

REFUSED = {
    "datakit__ixsmi+-q+-x.xml": "Iluvatar's ixsmi",
    "gpud__dmesg-with-xid-119.cf07e94.log": "a kernel log",
    "gpud__dmesg-with-xid-119.log": "a kernel log",
    "gpud__dmesg.decode.iso.log": "neither XML nor CSV",
    "gpud__nvidia-smi-query.*": "the text form of -q",
    "gpud__nvidia-smi.525.125.06.out.0.valid": "the table for people",
    "gpud__nvidia-smi.550.90.07.out.0.valid": "the table for people",
    "gpud__nvidia-smi.nvlink.status.a100": "a list of GPUs",
    "nvidia_gpu_exporter__*__accounted-apps.csv": "accounted processes",
    "nvidia_gpu_exporter__*__dmon.txt": "the device monitor (dmon)",
    "nvidia_gpu_exporter__*__help-query-gpu.txt": "a list of query fields",
    "nvidia_gpu_exporter__*__pmon.txt": "the process monitor (pmon)",
    "nvidia_gpu_exporter__*__q.txt": "the text form of -q",
    "nvidia_gpu_exporter__*__table.txt": "the table for people",
    "xid_lines.txt": "a kernel log",
}
"""The recordings that are neither XML nor CSV about GPUs, and what the
refusal calls them."""

APPS = "*__compute-apps.csv"
NOT_COMPARABLE = {
    # Its columns are timestamp, GPU, pid, name and memory: INDEX took the
    # driver and the short GPU name from the name of the capture.
    "driver_version": APPS,
    "gpu_names": APPS,
}
NO_GPU_WITHOUT_PROCESSES = APPS
"""Lists GPUs only through their processes: idle ones are not in it."""

NO_NAMES = "nvidia-smi-exporter-test__nvidia-smi-?.csv"
"""Queried without the name column; INDEX leaves the cell empty."""


def refusal(path: Path) -> str | None:
    """Return what the list says about a file, None when it must be read."""
    told = [says for name, says in REFUSED.items() if fnmatch(path.name, name)]
    assert len(told) < 2
    return told[0] if told else None


@pytest.fixture(scope="module")
def recordings(samples: Path) -> list[Path]:
    found = sorted((samples / "nvidia_smi").iterdir())
    return [path for path in found if path.name not in NOT_RECORDINGS]


@pytest.fixture(scope="module")
def readings(recordings: list[Path]) -> dict[str, GpuReading]:
    return {
        path.name: read(path.read_bytes())
        for path in recordings
        if refusal(path) is None
    }


def test_every_recording_is_read_or_refused_for_its_listed_reason(
    recordings: list[Path],
) -> None:
    surprises = {}
    for path in recordings:
        try:
            read(path.read_bytes())
            outcome = "read"
        except Unreadable as refused:
            outcome = str(refused)
        if (refusal(path) or "read") not in outcome:
            surprises[path.name] = outcome

    assert surprises == {}
    assert len(recordings) == 126


def test_every_line_of_the_list_refuses_something(
    recordings: list[Path],
) -> None:
    idle = [
        name
        for name in REFUSED
        if not any(fnmatch(path.name, name) for path in recordings)
    ]

    assert idle == []


def test_the_index_agrees_with_every_reading(
    samples: Path, readings: dict[str, GpuReading]
) -> None:
    with (samples / "nvidia_smi" / "INDEX.tsv").open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))

    compared = [row for row in rows if row["file"] in readings]
    differences = {
        (row["file"], what): (said, expected)
        for row in compared
        for what, said, expected in beside(readings[row["file"]], row)
        if said != expected
    }

    assert differences == {}
    assert len(compared) == len(readings) == 63


def beside(
    reading: GpuReading, row: dict[str, str]
) -> Iterator[tuple[str, object, object]]:
    """Yield (what, what we read, what INDEX says) where both say it."""
    file = row["file"]
    runs = any(gpu.processes for gpu in reading.gpus)
    names = {gpu.name for gpu in reading.gpus}
    yield "has_processes", "y" if runs else "n", row["has_processes"]
    if not fnmatch(file, NOT_COMPARABLE["driver_version"]):
        yield "driver_version", reading.driver_version, row["driver_version"]
    if not fnmatch(file, NOT_COMPARABLE["gpu_names"]):
        yield "gpu_names", names, {row["gpu_names"]}
    if runs or not fnmatch(file, NO_GPU_WITHOUT_PROCESSES):
        yield "n_gpus", len(reading.gpus), int(row["n_gpus"])


def test_no_recording_shows_a_fault(
    readings: dict[str, GpuReading],
) -> None:
    """Not even the idle 3090 under its software power cap."""
    faulty = {name: r.faults for name, r in readings.items() if r.faults}

    assert faulty == {}


FIELDS = {
    "index": "index",
    "minor_number": "minor_number",
    "pci_bus_id": "pci_bus_id",
    "uuid": "uuid",
    "name": "name",
    "memory_total_bytes": "memory_total_bytes",
    "memory_reserved_bytes": "memory_reserved_bytes",
    "memory_used_bytes": "memory_used_bytes",
    "memory_free_bytes": "memory_free_bytes",
    "temperature_c": "temperature_celsius",
    "memory_temperature_c": "memory_temperature_celsius",
    "tlimit_c": "tlimit_celsius",
    "power_w": "power_draw_watts",
    "power_instant_w": "power_draw_instant_watts",
    "power_limit_w": "power_limit_watts",
    "mig_enabled": "mig_enabled",
    "recovery_action": "recovery_action",
}
BITS = {"gpu_idle": 0x1, "sw_power_cap": 0x4}


def seen(gpu: Gpu, field: str) -> object:
    """Return a field of expected.json as our reading has it."""
    active = [reason for reason, on in gpu.clock_events if on]
    converted = {
        "util_gpu_percent": percent(gpu.utilization_ratio),
        "util_memory_percent": percent(
            gpu.memory_controller_utilization_ratio
        ),
        "fan_percent": percent(gpu.fan_speed_ratio),
        "pstate": f"P{gpu.performance_state}",
        "throttle_reasons_active": active,
        "throttle_bitmask": sum(BITS[reason] for reason in active),
    }
    if field in converted:
        return converted[field]
    return getattr(gpu, FIELDS[field])


def percent(ratio: float | None) -> float | None:
    return None if ratio is None else ratio * 100


def processes(reading: GpuReading) -> list[list[dict[str, object]]]:
    return [
        [
            {
                "pid": process.pid,
                "name": process.name,
                "type": process.kind,
                "used_bytes": process.memory_bytes,
            }
            for process in gpu.processes
        ]
        for gpu in reading.gpus
    ]


def expected_samples(samples: Path) -> dict[str, Any]:
    text = (samples / "nvidia_smi" / "expected.json").read_text()
    expected: dict[str, Any] = json.loads(text)["samples"]
    return expected


def test_each_field_typed_by_hand_is_matched(
    samples: Path, readings: dict[str, GpuReading]
) -> None:
    differences = {}
    compared = 0
    for name, expected in expected_samples(samples).items():
        reading = readings[name]
        assert len(reading.gpus) == len(expected["gpus"])
        for gpu, typed in zip(reading.gpus, expected["gpus"], strict=True):
            for field, value in typed.items():
                if field == "processes":
                    continue
                compared += 1
                if seen(gpu, field) != value:
                    differences[name, field] = (seen(gpu, field), value)

    assert differences == {}
    assert compared > 80


def test_the_heads_typed_by_hand_are_matched(
    samples: Path, readings: dict[str, GpuReading]
) -> None:
    """`columns` and `notes` are about the file, not about its GPUs."""
    for name, expected in expected_samples(samples).items():
        reading = readings[name]
        assert reading.driver_version == expected["driver_version"]
        assert (reading.cuda_version or None) == expected["cuda_version"]
        assert reading.attached == expected["attached_gpus"]


def test_the_processes_typed_by_hand_are_matched(
    samples: Path, readings: dict[str, GpuReading]
) -> None:
    """Those of a query-gpu CSV are in the compute-apps file beside it."""
    for name, expected in expected_samples(samples).items():
        sibling = name.replace("__query-gpu.csv", "__compute-apps.csv")
        typed = [gpu["processes"] for gpu in expected["gpus"]]
        assert processes(readings[sibling]) == typed


SAID = {
    "NVIDIA-SMI has failed because": ("gpu_lost", "", Health.UNHEALTHY),
    "Failed to initialize NVML: Driver/library": (
        "driver_mismatch",
        "",
        Health.DEGRADED,
    ),
    "Failed to initialize NVML: Unknown Error": (
        "container_gpu_lost",
        "",
        Health.UNHEALTHY,
    ),
    "Unable to determine the device handle for GPU 0000:05:00.0": (
        "gpu_lost",
        "0000:05:00.0",
        Health.UNHEALTHY,
    ),
    "Unable to determine the device handle for GPU0: 0000:24:00.0": (
        "gpu_lost",
        "0000:24:00.0",
        Health.UNHEALTHY,
    ),
    "Unable to determine the device handle for gpu 0000:08:00.0": (
        "gpu_lost",
        "0000:08:00.0",
        Health.UNHEALTHY,
    ),
    "Unable to determine the device handle for GPU0000:CF:00.0": (
        "gpu_lost",
        "0000:CF:00.0",
        Health.UNHEALTHY,
    ),
    "WARNING: infoROM is corrupted": (
        "gpu_hardware",
        "0000:B3:00.0",
        Health.DEGRADED,
    ),
    "No devices were found": ("gpu_lost", "", Health.UNHEALTHY),
    "The following GPUs could not be reset": (
        "gpu_reset_required",
        "00000000:1A:00.0",
        Health.UNHEALTHY,
    ),
}
SAID_OTHERWISE = {
    # The good end of a reset; no look prints it, and it names no fault.
    "GPU 00000000:1A:00.0 was successfully reset": "unreadable",
    # A setting of the host, not a fault of a GPU.
    "bash: nvidia-smi: command not found": "not_installed",
}


def test_each_recorded_error_text_gives_its_fault(samples: Path) -> None:
    differences = {}
    texts = list(recorded(samples))
    for text, told in texts:
        faults = [
            (fault.fault, fault.pci_bus_id, fault.health)
            for fault in told.reading.faults
        ]
        for start, fault in SAID.items():
            if text.startswith(start) and faults != [fault]:
                differences[text] = faults
        for start, reason in SAID_OTHERWISE.items():
            if text.startswith(start) and (faults or told.reason != reason):
                differences[text] = faults

    assert differences == {}
    assert len(texts) == len(SAID) + len(SAID_OTHERWISE)
