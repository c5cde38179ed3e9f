"""Every fault carries one word for what helps (facts/gpu.md §2)."""

from dataclasses import replace
from pathlib import Path

import pytest

from monitor.domain.gpu.advice import (
    ADVICE,
    advised,
    of_failure,
    of_recovery_action,
    sharper,
)
from monitor.domain.gpu.faults import DEPTH, complete
from monitor.domain.gpu.reading import Gpu, GpuFault, GpuReading
from monitor.domain.nvidia_smi import interpret
from monitor.domain.nvidia_smi.codes import fault_of
from tests.domain.error_texts import recorded

OF_TEXTS = {
    "NVIDIA-SMI has failed because": ("gpu_lost", "page"),
    "Failed to initialize NVML: Driver/library": ("driver_mismatch", "reboot"),
    "Failed to initialize NVML: Unknown Error": (
        "container_gpu_lost",
        "restart_container",
    ),
    "Unable to determine the device handle": ("gpu_lost", "reboot"),
    "WARNING: infoROM is corrupted": ("gpu_hardware", "ticket"),
    "No devices were found": ("gpu_lost", "page"),
    "The following GPUs could not be reset": (
        "gpu_reset_required",
        "drain_reset",
    ),
}
NO_FAULTS = {
    "GPU 00000000:1A:00.0 was successfully reset": "watch",
    "bash: nvidia-smi: command not found": "fix_settings",
}


def test_each_recorded_error_text_has_its_advice(samples: Path) -> None:
    differences = {}
    texts = list(recorded(samples))
    for text, told in texts:
        seen: object = told.advice
        if told.reading.faults:
            (fault,) = complete(told.reading, ()).faults
            seen = fault.fault, fault.advice
        expected = {**OF_TEXTS, **NO_FAULTS}
        (wanted,) = (
            advice
            for start, advice in expected.items()
            if text.startswith(start)
        )
        if seen != wanted:
            differences[text] = seen

    assert differences == {}
    assert len(texts) == 12


def test_no_fault_of_a_gpu_is_answered_by_a_new_facefusion() -> None:
    usual = [advised(GpuFault(fault=fault, because="x")) for fault in DEPTH]
    coded = [fault_of(code) for code in range(256)]

    assert {fault.advice for fault in usual} <= ADVICE - {"restart_app"}
    assert {fault.advice for fault in coded if fault} <= {
        "reboot",
        "page",
        "ticket",
        "drain_reset",
    }


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (6, "page"),
        (8, "page"),
        (9, "page"),
        (10, "reboot"),
        (14, "ticket"),
        (15, "reboot"),
        (16, "drain_reset"),
        (18, "reboot"),
        (75, "reboot"),
        (124, "reboot"),
        (137, "reboot"),
    ],
)
def test_an_exit_code_alone_has_its_advice(code: int, advice: str) -> None:
    told = interpret(code=code, stdout=b"", stderr=b"")

    (fault,) = told.reading.faults
    assert fault.advice == advice


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (2, "fix_settings"),
        (4, "fix_settings"),
        (12, "page"),
        (127, "fix_settings"),
        (255, "watch"),
    ],
)
def test_a_failed_look_says_what_helps(code: int, advice: str) -> None:
    assert interpret(code=code, stdout=b"", stderr=b"").advice == advice
    assert of_failure(code) == advice


@pytest.mark.parametrize(
    ("action", "advice"),
    [
        pytest.param(None, "none", id="silent"),
        ("None", "none"),
        ("Reset", "drain_reset"),
        ("Reboot", "reboot"),
        ("Drain P2P", "page"),
        ("Drain and Reset", "drain_reset"),
        ("RECOVER_IMEX_DOMAIN", "page"),
        ("BUS_RESET", "reboot"),
        ("SYSTEM_REBOOT", "reboot"),
        ("Power Cycle", "page"),
    ],
)
def test_the_driver_asks_for_what_it_gets(
    action: str | None, advice: str
) -> None:
    gpu = Gpu(uuid="GPU-a", index=0, name="x", pci_bus_id="0000:0A:00.0")
    reading = GpuReading(gpus=(replace(gpu, recovery_action=action),))

    faults = complete(reading, ()).faults

    assert of_recovery_action(action) == advice
    assert [f.advice for f in faults] == ([advice] if advice != "none" else [])


def test_a_fault_keeps_the_advice_it_has() -> None:
    fault = GpuFault(fault="gpu_lost", because="x", advice="page")

    assert advised(fault) is fault
    assert advised(GpuFault(fault="new", because="x")).advice == "page"


@pytest.mark.parametrize("vague", ["", "none", "watch", "page"])
def test_vague_advice_gives_way(vague: str) -> None:
    assert sharper(vague, "reboot") == "reboot"
    assert sharper("drain_reset", vague) == "drain_reset"
