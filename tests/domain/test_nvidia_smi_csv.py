"""`--query-gpu` and `--query-compute-apps` as CSV."""

from pathlib import Path

import pytest

from monitor.domain.errors import Unreadable
from monitor.domain.gpu.reading import Gpu, GpuProcess
from monitor.domain.nvidia_smi import read

CAPTURES = Path(__file__).parents[1] / "captures" / "nvidia_smi"
TWO = (CAPTURES / "two_gpus.csv").read_text()
APPS = (CAPTURES / "apps.csv").read_text()
FIRST = "GPU-aaaaaaaa-0000-0000-0000-000000000001"
SECOND = "GPU-bbbbbbbb-0000-0000-0000-000000000002"
LOST = (
    "Unable to determine the device handle for GPU0: 0000:24:00.0: GPU is"
    " lost.  Reboot the system to recover this GPU\n"
)
MIB = 2**20


def refused(text: str) -> str:
    with pytest.raises(Unreadable) as caught:
        read(text.encode())
    said = str(caught.value)
    assert said.startswith("cannot read nvidia-smi output: ")
    return said


def test_every_column_is_read_in_base_units() -> None:
    reading = read(TWO.encode())

    assert reading.driver_version == "595.10.01"
    assert reading.attached == 2
    assert reading.gpus == (
        Gpu(
            uuid=FIRST,
            index=0,
            name="NVIDIA RTX A5000, Laptop",
            pci_bus_id="00000000:0A:00.0",
            memory_used_bytes=9000 * MIB,
            memory_total_bytes=24576 * MIB,
            utilization_ratio=0.93,
            temperature_celsius=71.0,
            tlimit_celsius=24.0,
            power_draw_watts=301.25,
            performance_state=2,
            sm_clock_hertz=1695e6,
            recovery_action="None",
            row_remap_failed=False,
            clock_events=(
                ("gpu_idle", False),
                ("applications_clocks_setting", False),
                ("sw_power_cap", True),
                ("hw_slowdown", False),
                ("sync_boost", False),
                ("sw_thermal_slowdown", False),
                ("hw_thermal_slowdown", False),
                ("hw_power_brake_slowdown", False),
                ("display_clocks_setting", True),
            ),
            ecc_errors=(
                ("corrected", "aggregate", 7),
                ("uncorrected", "volatile", 3),
            ),
        ),
        Gpu(
            uuid=SECOND,
            index=1,
            name="NVIDIA GeForce RTX 4090",
            pci_bus_id="00000000:0B:00.0",
            memory_used_bytes=MIB,
            memory_total_bytes=24564 * MIB,
            temperature_celsius=30.0,
            performance_state=8,
            sm_clock_hertz=210e6,
        ),
    )


def test_single_clock_event_columns_win_over_the_mask() -> None:
    text = (
        "uuid, clocks_throttle_reasons.active, clocks_throttle_reasons"
        ".hw_slowdown\nGPU-1, 0x0000000000000001, Active\n"
    )

    (found,) = read(text.encode()).gpus

    assert found.clock_events == (("hw_slowdown", True),)


def test_units_of_the_header_count_where_cells_have_none() -> None:
    text = "uuid, memory.used [MiB], power.draw [W]\nGPU-1, 754, 217.24\n"

    (found,) = read(text.encode()).gpus

    assert found.memory_used_bytes == 754 * MIB
    assert found.power_draw_watts == 217.24


def test_processes_are_grouped_by_their_gpu() -> None:
    reading = read(APPS.encode())

    first, second = reading.gpus
    assert (first.uuid, first.index) == (FIRST, 0)
    assert first.name == "NVIDIA GeForce RTX 3090"
    assert first.pci_bus_id == "00000000:0A:00.0"
    assert first.processes == (
        GpuProcess(
            pid=4242,
            name="python run, --now",
            kind="C",
            memory_bytes=8900 * MIB,
        ),
        GpuProcess(pid=4243, name="ffmpeg", kind="C", memory_bytes=None),
    )
    assert (second.uuid, len(second.processes)) == (SECOND, 1)


def test_no_process_is_an_empty_reading() -> None:
    header, *_ = APPS.split("\n")

    assert read(header.encode()).gpus == ()


def test_a_process_without_gpu_or_pid_is_left_out() -> None:
    text = "gpu_uuid, pid, process_name\n[N/A], 1, a\nGPU-1, [N/A], b\n"

    (found,) = read(text.encode()).gpus

    assert (found.uuid, found.processes) == ("GPU-1", ())


@pytest.mark.parametrize("place", ["before", "between"])
def test_a_lost_gpu_does_not_hide_the_rows_of_the_others(place: str) -> None:
    header, row, _, _ = TWO.split("\n")
    rows = f"{row}\n"
    text = (
        f"{LOST}{header}\n{rows}"
        if place == "before"
        else f"{header}\n{LOST}\n{rows}"
    )

    reading = read(text.encode())

    (fault,) = reading.faults
    assert (fault.fault, fault.pci_bus_id) == ("gpu_lost", "0000:24:00.0")
    assert [gpu.uuid for gpu in reading.gpus] == [FIRST]


def test_the_drivers_index_does_not_shift_with_a_lost_gpu() -> None:
    text = f"index, uuid\n{LOST}1, GPU-1\n"

    (found,) = read(text.encode()).gpus

    assert found.index == 1


def test_an_unknown_error_in_a_cell_is_a_fault() -> None:
    text = (
        "uuid, name, temperature.gpu, fan.speed [%]\n"
        "GPU-1, [Unknown Error], 40, [Unknown Error]\n"
    )

    (fault,) = read(text.encode()).faults

    assert (fault.fault, fault.uuid) == ("gpu_hardware", "GPU-1")
    assert "for fan.speed;" in fault.because


def test_a_row_without_a_uuid_is_a_fault() -> None:
    text = "uuid, pci.bus_id\n[GPU is lost], 00000000:0A:00.0\nGPU-1, x\n"

    reading = read(text.encode())

    (fault,) = reading.faults
    assert (fault.fault, fault.pci_bus_id) == ("gpu_lost", "00000000:0A:00.0")
    assert len(reading.gpus) == 1


def test_banner_and_byte_order_mark_before_the_header_are_skipped() -> None:
    assert len(read(("\ufeffHello, you,\n\n" + TWO).encode()).gpus) == 2
    assert len(read(("\ufeff" + TWO).encode()).gpus) == 2


def test_lines_may_end_like_on_windows() -> None:
    assert len(read(TWO.replace("\n", "\r\n").encode()).gpus) == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("uuid, name\nGPU-1, a\nGPU-2", "1 cells for 2 columns"),
        ("uuid, index\nGPU-1, 0, 1\n", "3 cells for 2 columns"),
        ("name, uuid\na, b, c\n", "3 cells for 2 columns"),
        ("uuid, name\nLogged out.\n", "1 cells for 2 columns"),
        ("gpu_uuid, process_name, pid\nGPU-1, a, b, c\n", "4 cells for 3"),
        ("name, memory.used [MiB]\na, 1 MiB\n", "names a uuid"),
        ("uuid\nGPU-1\n", "neither XML nor CSV"),
        (f"uuid{', x' * 30_000}\n", "names a uuid"),
        ("uuid, name\n" + "GPU-1, a\n" * 129, "more than 128 GPUs"),
        ("uuid, name\n" + "GPU-1, a\n" * 4097, "more than 4096 rows"),
        ("uuid, name\n" + LOST * 4097, "more than 4096 rows"),
        ("\n" * 201 + TWO, "names a uuid"),
    ],
)
def test_what_does_not_fit_its_header_is_refused(text: str, says: str) -> None:
    assert says in refused(text)
