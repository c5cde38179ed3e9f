"""Sentences, exit codes, and what a whole run told."""

import pytest

from monitor.domain.errors import Unreadable
from monitor.domain.health import Health
from monitor.domain.nvidia_smi import Told, interpret, read
from monitor.domain.nvidia_smi.codes import is_hang
from monitor.domain.nvidia_smi.texts import said

LOG = b"<nvidia_smi_log><gpu><uuid>GPU-1</uuid></gpu></nvidia_smi_log>"


def run(code: int, stdout: bytes = b"", stderr: bytes = b"") -> Told:
    return interpret(code=code, stdout=stdout, stderr=stderr)


@pytest.mark.parametrize(
    ("line", "bus"),
    [
        ("GPU 0000:05:00.0: GPU is lost.", "0000:05:00.0"),
        ("GPU0: 0000:24:00.0: GPU is lost.", "0000:24:00.0"),
        ("gpu 0000:08:00.0: Unknown Error", "0000:08:00.0"),
        ("GPU0000:CF:00.0: Unknown Error", "0000:CF:00.0"),
        ("GPU 00000000:CF:00.0: Unknown Error", "00000000:CF:00.0"),
        ("GPU 12: 00000000:cf:00.0: Unknown Error", "00000000:cf:00.0"),
    ],
)
def test_the_bus_id_is_found_in_every_form(line: str, bus: str) -> None:
    (fault,) = said(f"Unable to determine the device handle for {line}")

    assert (fault.fault, fault.pci_bus_id) == ("gpu_lost", bus)


def test_a_gpu_without_handle_may_only_want_a_reset() -> None:
    (fault,) = said(
        "Unable to determine the device handle for GPU 0000:05:00.0:"
        " GPU requires reset"
    )

    assert fault.fault == "gpu_reset_required"


def test_each_lost_gpu_is_named() -> None:
    sentence = "Unable to determine the device handle for GPU 0000:0{}:00.0: x"

    faults = said("\n".join(sentence.format(n) for n in (5, 6)))

    assert [f.pci_bus_id for f in faults] == ["0000:05:00.0", "0000:06:00.0"]


def test_a_sentence_inside_a_line_is_somebody_elses() -> None:
    assert said("<name>No devices were found</name>") == ()


def test_the_number_of_sentences_is_bounded() -> None:
    assert len(said("No devices were found\n" * 1000)) == 256


def test_a_driver_mismatch_warns_of_a_restart() -> None:
    (fault,) = said(
        "Failed to initialize NVML: Driver/library version mismatch"
    )

    assert "do not restart FaceFusion" in fault.because


@pytest.mark.parametrize(
    ("code", "fault", "health"),
    [
        (6, "gpu_lost", Health.UNHEALTHY),
        (8, "gpu_hardware", Health.UNHEALTHY),
        (9, "gpu_lost", Health.UNHEALTHY),
        (10, "gpu_hardware", Health.UNHEALTHY),
        (14, "gpu_hardware", Health.DEGRADED),
        (15, "gpu_lost", Health.UNHEALTHY),
        (16, "gpu_reset_required", Health.UNHEALTHY),
        (18, "driver_mismatch", Health.DEGRADED),
        (75, "gpu_wedged", Health.UNHEALTHY),
        (124, "gpu_wedged", Health.UNHEALTHY),
        (137, "gpu_wedged", Health.UNHEALTHY),
        (143, "gpu_wedged", Health.UNHEALTHY),
    ],
)
def test_an_exit_code_alone_is_a_fault(
    code: int, fault: str, health: Health
) -> None:
    told = run(code)

    (found,) = told.reading.faults
    assert (found.fault, found.health) == (fault, health)
    assert told.reason == ""


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (2, "failed"),
        (3, "failed"),
        (4, "permission"),
        (12, "not_installed"),
        (13, "failed"),
        (126, "permission"),
        (127, "not_installed"),
        (1, "failed"),
        (139, "failed"),
        (255, "failed"),
    ],
)
def test_an_exit_code_that_blames_no_gpu_is_a_failed_look(
    code: int, reason: str
) -> None:
    told = run(code, b"what?", b"sh: what?")

    assert told.reason == reason
    assert told.because
    assert told.reading.faults == ()


def test_a_sentence_is_more_precise_than_the_exit_code() -> None:
    lost = b"Unable to determine the device handle for GPU 0000:05:00.0: x\n"

    told = run(15, lost + LOG)

    (fault,) = told.reading.faults
    assert fault.pci_bus_id == "0000:05:00.0"
    assert len(told.reading.gpus) == 1


def test_sentences_on_standard_error_are_heard_too() -> None:
    told = run(0, LOG, b"WARNING: infoROM is corrupted at gpu 0000:B3:00.0")

    (fault,) = told.reading.faults
    assert fault.health is Health.DEGRADED


def test_a_reading_survives_a_bad_exit_code() -> None:
    told = run(14, LOG)

    assert len(told.reading.gpus) == 1
    assert [fault.fault for fault in told.reading.faults] == ["gpu_hardware"]


def test_a_clean_run_tells_no_fault() -> None:
    told = run(0, LOG)

    assert (told.reason, told.because, told.reading.faults) == ("", "", ())


def test_an_unreadable_answer_says_what_it_is() -> None:
    told = run(0, b"<html>")

    assert told.reason == "unreadable"
    assert told.because == "cannot read nvidia-smi output: it is an HTML page"


def test_an_endless_answer_is_unreadable() -> None:
    told = run(0, b"x" * (5 * 2**20), b"y" * (5 * 2**20))

    assert told.reason == "unreadable"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "it is empty"),
        (" \n\t", "it is empty"),
        ("==============NVSMI LOG==============\n", "the text form of -q"),
        ("+" + "-" * 77 + "+\n| NVIDIA-SMI", "the table for people"),
        ("# gpu         pid   type\n", "(pmon)"),
        ("# gpu    pwr  gtemp\n", "(dmon)"),
        ("List of valid properties to query", "a list of query fields"),
        ("GPU 0: NVIDIA A100 (UUID: GPU-1)\n", "a list of GPUs"),
        ("root@x:~# ixsmi\n", "Iluvatar"),
        ("<!DOCTYPE HTML>\n<HTML>", "an HTML page"),
        ("[Sun Feb 23 16:24:18 2025] NVRM: Xid", "a kernel log"),
        ("timestamp, gpu_uuid, pid, gpu_utilization [%]", "accounted"),
        ("No devices were found", 'nvidia-smi says "No devices were found"'),
        ("Last login: today", 'neither XML nor CSV: "Last login: today"'),
    ],
)
def test_everything_else_is_refused_by_its_name(text: str, says: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(text.encode())

    assert str(caught.value).startswith("cannot read nvidia-smi output: ")
    assert says in str(caught.value)


def test_what_timeout_ended_and_what_still_runs_is_a_hang() -> None:
    assert {code for code in range(256) if is_hang(code)} == {
        75,
        124,
        137,
        143,
    }
