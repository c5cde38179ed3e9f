"""`-q -x`, on captures of our own making."""

from pathlib import Path

import pytest

from monitor.domain.errors import Unreadable
from monitor.domain.gpu.reading import Gpu, GpuProcess
from monitor.domain.health import Health
from monitor.domain.nvidia_smi import read

CAPTURES = Path(__file__).parents[1] / "captures" / "nvidia_smi"
TWO = (CAPTURES / "two_gpus.xml").read_text()
OLD = (CAPTURES / "old_driver.xml").read_text()
FIRST = "GPU-aaaaaaaa-0000-0000-0000-000000000001"
SECOND = "GPU-bbbbbbbb-0000-0000-0000-000000000002"
MIB = 2**20


def log(inside: str, before: str = "") -> bytes:
    text = f"{before}<nvidia_smi_log>{inside}</nvidia_smi_log>"
    return text.encode()


def gpu(inside: str = "", uuid: str = "GPU-1", bus: str = "0A:00.0") -> str:
    return (
        f'<gpu id="00000000:{bus}"><uuid>{uuid}</uuid>'
        f"<temperature><gpu_temp>40 C</gpu_temp></temperature>{inside}</gpu>"
    )


def one(inside: str) -> Gpu:
    (found,) = read(log(gpu(inside))).gpus
    return found


def test_every_field_is_read_in_base_units() -> None:
    first, _ = read(TWO.encode()).gpus

    assert first == Gpu(
        uuid=FIRST,
        index=0,
        minor_number=1,
        name="NVIDIA GeForce RTX 3090",
        pci_bus_id="00000000:0A:00.0",
        utilization_ratio=0.93,
        memory_controller_utilization_ratio=0.6,
        encoder_utilization_ratio=0.0,
        decoder_utilization_ratio=0.07,
        memory_total_bytes=24576 * MIB,
        memory_reserved_bytes=450 * MIB,
        memory_used_bytes=9000 * MIB,
        memory_free_bytes=15126 * MIB,
        temperature_celsius=71.0,
        slowdown_temperature_celsius=95.0,
        power_draw_watts=301.25,
        power_draw_instant_watts=310.5,
        power_limit_watts=350.0,
        fan_speed_ratio=0.41,
        sm_clock_hertz=1695e6,
        memory_clock_hertz=9751e6,
        performance_state=2,
        pcie_link_generation=4,
        pcie_link_width=8,
        pcie_replays=3,
        recovery_action="None",
        row_remap_failed=False,
        clock_events=(("gpu_idle", False), ("sw_power_cap", True)),
        ecc_errors=(
            ("corrected", "volatile", 5),
            ("uncorrected", "volatile", 7),
        ),
        processes=(
            GpuProcess(
                pid=4242,
                name="/opt/facefusion/venv/bin/python facefusion.py run"
                " [1], a & b",
                kind="C",
                memory_bytes=8900 * MIB,
            ),
            GpuProcess(pid=1111, name="", kind="C+G", memory_bytes=None),
        ),
    )


def test_the_head_is_read() -> None:
    reading = read(TWO.encode())

    assert reading.driver_version == "595.10.01"
    assert reading.cuda_version == "13.2"
    assert reading.attached == 2
    assert reading.faults == ()


def test_headroom_is_never_taken_for_a_slowdown_temperature() -> None:
    _, second = read(TWO.encode()).gpus

    assert second.slowdown_temperature_celsius is None
    assert second.tlimit_celsius == 53.0


def test_mig_hides_utilisation_and_that_is_no_fault() -> None:
    reading = read(TWO.encode())

    assert reading.gpus[1].mig_enabled is True
    assert reading.gpus[1].utilization_ratio is None
    assert reading.faults == ()


def test_the_instant_draw_stands_in_for_a_missing_average() -> None:
    _, second = read(TWO.encode()).gpus

    assert second.power_draw_watts == 12.0


def test_an_old_driver_is_read_by_its_own_names() -> None:
    reading = read(OLD.encode())

    (old,) = reading.gpus
    assert reading.cuda_version == ""
    assert old.clock_events == (("gpu_idle", True), ("hw_slowdown", False))
    assert old.power_draw_watts == 8.93
    assert old.power_limit_watts == 130.0
    assert old.ecc_errors == (("corrected", "aggregate", 9),)
    assert old.recovery_action is None
    assert old.pci_bus_id == "00000000:01:00.0"


@pytest.mark.parametrize(
    ("required", "drain", "action"),
    [
        ("Yes", "No", "Reset"),
        ("Yes", "Yes", "Drain and Reset"),
        ("No", "N/A", None),
    ],
)
def test_the_reset_flags_of_drivers_before_570_are_an_action(
    required: str, drain: str, action: str | None
) -> None:
    found = one(
        f"<gpu_reset_status><reset_required>{required}</reset_required>"
        f"<drain_and_reset_recommended>{drain}</drain_and_reset_recommended>"
        "</gpu_reset_status>"
    )

    assert found.recovery_action == action


def test_a_process_without_a_pid_is_left_out() -> None:
    found = one(
        "<processes><process_info><pid>N/A</pid></process_info></processes>"
    )

    assert found.processes == ()


def test_banner_and_declarations_before_the_log_are_skipped() -> None:
    banner = "Welcome to gpu1!\n<b>No & nonsense</b>\n"

    reading = read((banner + TWO).encode())

    assert len(reading.gpus) == 2


def test_a_sentence_before_the_log_becomes_a_fault_with_its_bus_id() -> None:
    sentence = (
        "Unable to determine the device handle for GPU0: 0000:24:00.0: GPU"
        " is lost.  Reboot the system to recover this GPU\n"
    )

    reading = read((sentence + TWO).encode())

    (fault,) = reading.faults
    assert (fault.fault, fault.pci_bus_id) == ("gpu_lost", "0000:24:00.0")
    assert len(reading.gpus) == 2


def test_sentences_between_and_behind_the_gpus_are_heard() -> None:
    lost = "\nUnable to determine the device handle for GPU 0000:24:00.0: x\n"
    inforom = "\nWARNING: infoROM is corrupted at gpu 0000:0A:00.0\n"

    reading = read(log(lost + gpu() + lost) + inforom.encode())

    heard = [fault.fault for fault in reading.faults]
    assert heard == ["gpu_lost", "gpu_lost", "gpu_hardware"]


def test_what_a_process_calls_itself_is_no_sentence() -> None:
    name = "Unable to determine the device handle for GPU 0000:24:00.0: x"
    processes = (
        "<processes><process_info><pid>1</pid>"
        f"<process_name>{name}</process_name></process_info>"
        "<process_info><pid>2</pid>"
        "<process_name>[Unknown Error]</process_name></process_info>"
        "</processes>"
    )

    assert read(log(gpu(processes))).faults == ()


@pytest.mark.parametrize("spelling", ["Unknown Error", "[Unknown Error]"])
def test_an_unknown_error_degrades_a_gpu_that_still_answers(
    spelling: str,
) -> None:
    reading = read(log(gpu(f"<fan_speed>{spelling}</fan_speed>")))

    (fault,) = reading.faults
    assert fault.fault == "gpu_hardware"
    assert fault.health is Health.DEGRADED
    assert fault.uuid == "GPU-1"
    assert fault.pci_bus_id == "00000000:0A:00.0"
    assert 'says "Unknown Error" for fan_speed;' in fault.because
    assert reading.gpus[0].temperature_celsius == 40.0


def test_a_gpu_that_answers_only_unknown_errors_is_lost() -> None:
    errors = "".join(
        f"<{tag}>Unknown Error</{tag}>"
        for tag in ("a", "b", "c", "d", "e", "fan_speed")
    )

    reading = read(log(f"<gpu><uuid>GPU-1</uuid>{errors}</gpu>"))

    (fault,) = reading.faults
    assert (fault.fault, fault.health) == ("gpu_lost", Health.UNHEALTHY)
    assert "for a, b, c, d, e and more;" in fault.because


@pytest.mark.parametrize(
    ("spelling", "fault"),
    [
        ("GPU is lost", "gpu_lost"),
        ("GPU requires reset", "gpu_reset_required"),
        ("Corrupted infoROM", "gpu_hardware"),
        ("Interrupt Request Issue", "gpu_hardware"),
        ("Insufficient External Power", "gpu_hardware"),
        ("ERR!", "gpu_hardware"),
    ],
)
def test_nvmls_own_words_in_place_of_a_value_are_faults(
    spelling: str, fault: str
) -> None:
    reading = read(log(gpu(f"<fan_speed>{spelling}</fan_speed>")))

    assert [seen.fault for seen in reading.faults] == [fault]


def test_a_gpu_without_a_uuid_is_a_fault_beside_the_healthy_ones() -> None:
    silent = '<gpu id="00000000:0B:00.0"><uuid>N/A</uuid></gpu>'

    reading = read(log(silent + gpu()))

    (fault,) = reading.faults
    assert (fault.fault, fault.pci_bus_id) == ("gpu_lost", "00000000:0B:00.0")
    assert [(found.uuid, found.index) for found in reading.gpus] == [
        ("GPU-1", 1)
    ]


def test_a_gpu_that_requires_a_reset_may_have_no_uuid() -> None:
    silent = "<gpu><uuid>[GPU requires reset]</uuid></gpu>"

    (fault,) = read(log(silent)).faults

    assert fault.fault == "gpu_reset_required"


def test_a_broken_element_does_not_hide_the_healthy_gpus() -> None:
    broken = gpu(
        "<fan_speed>&</fan_speed></oops>", uuid="GPU-2", bus="0B:00.0"
    )

    reading = read(log("<attached_gpus>3</attached_gpus>" + gpu() + broken))

    (fault,) = reading.faults
    assert [found.uuid for found in reading.gpus] == ["GPU-1"]
    assert reading.attached == 3
    assert fault.fault == "gpu_hardware"
    assert fault.health is Health.DEGRADED
    assert (fault.uuid, fault.pci_bus_id) == ("GPU-2", "00000000:0B:00.0")


def test_a_broken_element_may_not_even_say_which_gpu_it_is() -> None:
    reading = read(log("<gpu><uuid>?&</uuid></gpu>" + gpu()))

    (fault,) = reading.faults
    assert (fault.uuid, fault.pci_bus_id) == ("", "")


def test_an_odd_process_name_does_not_break_its_gpu() -> None:
    names = [b"a & b <c", b"x &amp; y", b"\xff\x01\x1b[31m"]
    infos = b"".join(
        b"<process_info><pid>1</pid><process_name>%s</process_name>"
        b"</process_info>" % name
        for name in names
    )
    text = log(gpu("<processes>@</processes>")).replace(b"@", infos)

    reading = read(text)

    (found,) = reading.gpus
    assert reading.faults == ()
    assert [process.name for process in found.processes] == [
        "a & b <c",
        "x & y",
        "\ufffd\ufffd\ufffd[31m",
    ]


def test_malformed_supported_clocks_are_never_parsed() -> None:
    """Some drivers really print such (flutter_server_box #286)."""
    clocks = (
        "<supported_clocks></supported_mem_clock><supported_mem_clock>"
        "5001 MHz</supported_clocks>"
    )

    assert one(clocks).uuid == "GPU-1"


def refused(text: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        read(text)
    said = str(caught.value)
    assert said.startswith("cannot read nvidia-smi output: ")
    return said


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE x [<!ENTITY a "b">]>',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd">%p;]>',
        '<!DOCTYPE x SYSTEM "x.dtd"><!-- <!ENTITY -->',
    ],
)
def test_entities_are_refused_before_parsing(doctype: str) -> None:
    assert "entities" in refused(log(gpu(), before=doctype))


def test_a_billion_laughs_are_refused() -> None:
    bomb = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)
    )
    doctype = f'<!DOCTYPE nvidia_smi_log [<!ENTITY l0 "ha">{bomb}]>'

    assert "entities" in refused(log(gpu("&l9;"), before=doctype))


def test_entities_declared_after_the_root_hide_no_healthy_gpu() -> None:
    sneaky = "<gpu><uuid>GPU-9</uuid>" + '<!ENTITY a "b">&a;</gpu>'

    reading = read(log(sneaky + gpu()))

    assert [found.uuid for found in reading.gpus] == ["GPU-1"]


def test_an_external_dtd_is_never_looked_at() -> None:
    """Not even one that does not exist: no DOCTYPE reaches the parser."""
    doctype = '<!DOCTYPE nvidia_smi_log SYSTEM "file:///nowhere/x.dtd">'

    assert len(read(log(gpu(), before=doctype)).gpus) == 1


def test_deep_nesting_is_refused() -> None:
    text = "<a>" * 50_000 + "</a>" * 50_000

    assert "more than 32 elements deep" in refused(log(text))


def test_too_many_tags_are_refused() -> None:
    assert "more tags" in refused(log("<a/>" * 200_001))


def test_more_gpus_than_a_host_has_are_refused() -> None:
    assert "more than 128 GPUs" in refused(log(gpu() * 129))
    assert "more than 128 GPUs" in refused(log(gpu() * 129 + "<gpu >&</gpu>"))


def test_a_truncated_log_is_refused() -> None:
    assert "truncated" in refused(TWO[: len(TWO) // 2].encode())


def test_a_log_without_one_readable_gpu_is_refused() -> None:
    assert "malformed" in refused(log("<gpu >&</gpu>"))


def test_a_malformed_head_is_refused() -> None:
    assert "malformed" in refused(log("<a></b>" + gpu()))


def test_four_mebibytes_are_the_limit() -> None:
    assert "larger than 4 MiB" in refused(b" " * (4 * MIB + 1))


def test_a_log_without_gpus_is_a_reading() -> None:
    reading = read(log("<attached_gpus>0</attached_gpus>"))

    assert (reading.gpus, reading.attached) == ((), 0)
