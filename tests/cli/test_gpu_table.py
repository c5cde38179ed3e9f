"""A GPU reading as a table and as plain data."""

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

from rich.console import Console

from monitor.cli.gpu_table import as_json, render
from monitor.domain.gpu.reading import (
    Gpu,
    GpuFault,
    GpuProcess,
    GpuReading,
)
from monitor.domain.health import Health
from monitor.domain.nvidia_smi import read

CAPTURES = Path(__file__).parents[1] / "captures" / "nvidia_smi"
TWO = read((CAPTURES / "two_gpus.xml").read_bytes())
BARE = Gpu(uuid="GPU-x", index=0, name="[/red]", pci_bus_id="00000000:01:00.0")


def shown(reading: GpuReading) -> str:
    out = StringIO()
    Console(width=120, file=out).print(render(reading))
    return out.getvalue()


def test_the_table_has_a_row_a_gpu() -> None:
    text = shown(TWO)

    first = next(line for line in text.splitlines() if "3090" in line)
    assert "93%" in first
    assert "8.8/24.0" in first
    assert "71" in first
    assert "301/350" in first
    assert "P2" in first
    assert "driver 595.10.01, CUDA 13.2" in text


def test_what_is_not_reported_is_a_dash_and_never_a_zero() -> None:
    row = shown(GpuReading(gpus=(BARE,))).splitlines()[1].split()

    assert row == ["0", "[/red]", "-", "-/-", "-", "-/-", *"----"]
    assert "driver unknown, CUDA unknown" in shown(GpuReading())


def test_faults_stand_beside_their_gpu_and_below_with_their_reason() -> None:
    own = GpuFault(
        fault="gpu_hardware",
        because="a [bold]fan[/bold] is ill",
        uuid="GPU-x",
        health=Health.DEGRADED,
    )
    hosts = GpuFault(fault="gpu_lost", because="one is gone")

    text = shown(GpuReading(gpus=(BARE,), faults=(hosts, own)))

    assert text.splitlines()[1].rstrip().endswith("gpu_hardware")
    assert "gpu_lost: one is gone" in text
    assert "gpu_hardware: a [bold]fan[/bold] is ill" in text


def test_processes_are_shown_by_program_and_only_a_few() -> None:
    names = ["/usr/bin/python --x=/y", "C:\\a b\\c.exe", *["z" * 99] * 5]
    processes = tuple(
        GpuProcess(pid=pid, name=name, kind="C", memory_bytes=None)
        for pid, name in enumerate(names)
    )

    text = shown(GpuReading(gpus=(replace(BARE, processes=processes),)))

    assert "0 python " in text
    assert "1 c.exe" in text
    assert "z" * 24 in text
    assert "z" * 25 not in text
    assert "and 2 more" in text


def test_json_has_every_field_and_survives_a_round_trip() -> None:
    sick = replace(TWO, faults=(GpuFault(fault="gpu_lost", because="x"),))

    data = json.loads(json.dumps(as_json(sick)))

    assert sorted(data) == [
        "attached_gpus",
        "cuda_version",
        "driver_version",
        "faults",
        "gpus",
    ]
    first = data["gpus"][0]
    assert first["memory_used_bytes"] == 9000 * 2**20
    assert first["clock_events"] == {"gpu_idle": False, "sw_power_cap": True}
    assert first["ecc_errors"][0] == {
        "error": "corrected",
        "scope": "volatile",
        "count": 5,
    }
    assert first["processes"][0]["pid"] == 4242
    assert (first["recovery_action"], first["recovery_action_code"]) == (
        "None",
        0,
    )
    assert data["faults"] == [
        {
            "fault": "gpu_lost",
            "because": "x",
            "uuid": "",
            "pci_bus_id": "",
            "health": "unhealthy",
            "advice": "",
        }
    ]
