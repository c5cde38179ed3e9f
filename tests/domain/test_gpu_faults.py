"""What is wrong with a host's GPUs, beside what is known of them."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.gpu.faults import DEPTH, complete
from monitor.domain.gpu.inventory import Identity, learn, slot
from monitor.domain.gpu.reading import Gpu, GpuFault, GpuReading
from monitor.domain.gpu.recovery_action import (
    recovery_action_code,
    wants_recovery,
)
from monitor.domain.gpu.verdict import judge
from monitor.domain.health import Health

A = Gpu(uuid="GPU-a", index=0, name="RTX 3090", pci_bus_id="00000000:0A:00.0")
B = Gpu(uuid="GPU-b", index=1, name="RTX 4090", pci_bus_id="00000000:0B:00.0")
BOTH = GpuReading(gpus=(A, B), attached=2)
KNOWN = learn((), BOTH)
ONLY_B = GpuReading(gpus=(B,), attached=1)


def fault(
    name: str,
    *,
    uuid: str = "",
    pci_bus_id: str = "",
    health: Health = Health.UNHEALTHY,
) -> GpuFault:
    return GpuFault(
        fault=name,
        because="it says so",
        uuid=uuid,
        pci_bus_id=pci_bus_id,
        health=health,
    )


def who(reading: GpuReading) -> list[tuple[str, str]]:
    return [(found.fault, found.uuid) for found in reading.faults]


def test_healthy_gpus_have_no_faults() -> None:
    assert complete(BOTH, KNOWN) == BOTH


@pytest.mark.parametrize(
    "gpu",
    [
        replace(
            A, clock_events=(("sw_power_cap", True),), power_draw_watts=35
        ),
        replace(A, mig_enabled=True, utilization_ratio=None),
        replace(A, utilization_ratio=1.0, memory_used_bytes=0, processes=()),
        replace(A, recovery_action="None", row_remap_failed=False),
        replace(A, tlimit_celsius=-1.0, temperature_celsius=90.0),
    ],
)
def test_what_only_looks_bad_is_no_fault(gpu: Gpu) -> None:
    assert complete(GpuReading(gpus=(gpu,)), ()).faults == ()


def test_a_lost_gpu_keeps_its_uuid_through_its_slot() -> None:
    """The sentence has a 4-digit domain, the reading an 8-digit one."""
    spoken = fault("gpu_lost", pci_bus_id="0000:0a:00.0")

    reading = complete(replace(ONLY_B, faults=(spoken,)), KNOWN)

    (found,) = reading.faults
    assert (found.fault, found.uuid) == ("gpu_lost", "GPU-a")
    assert found.pci_bus_id == "00000000:0A:00.0"
    assert found.because == (
        "RTX 3090 at 00000000:0A:00.0 (GPU-a): it says so"
    )
    assert reading.gpus == (B,)


def test_a_lost_gpu_that_was_never_seen_is_named_by_its_slot() -> None:
    spoken = fault("gpu_lost", pci_bus_id="0000:24:00.0")

    (found,) = complete(replace(BOTH, faults=(spoken,)), KNOWN).faults

    assert (found.uuid, found.pci_bus_id) == ("", "0000:24:00.0")
    assert found.because == "GPU 0000:24:00.0: it says so"


def test_a_fault_may_know_no_more_than_a_uuid() -> None:
    spoken = fault("gpu_hardware", uuid="GPU-z")

    (found,) = complete(replace(BOTH, faults=(spoken,)), ()).faults

    assert found.because == "GPU GPU-z: it says so"


def test_a_gpu_that_is_not_listed_any_more_is_lost() -> None:
    reading = complete(ONLY_B, KNOWN)

    (found,) = reading.faults
    assert (found.fault, found.uuid) == ("gpu_lost", "GPU-a")
    assert "RTX 3090" in found.because


def test_another_card_in_its_slot_replaces_a_gpu() -> None:
    new = replace(A, uuid="GPU-new")

    reading = complete(GpuReading(gpus=(new, B)), KNOWN)

    assert reading.faults == ()


def test_a_missing_gpu_with_another_fault_is_not_blamed_twice() -> None:
    spoken = fault("gpu_reset_required", pci_bus_id="0000:0A:00.0")

    reading = complete(replace(ONLY_B, faults=(spoken,)), KNOWN)

    assert who(reading) == [("gpu_reset_required", "GPU-a")]


def test_a_gpu_the_driver_counts_but_nobody_lists_is_lost() -> None:
    reading = complete(replace(ONLY_B, attached=2), ())

    (found,) = reading.faults
    assert (found.fault, found.uuid) == ("gpu_lost", "")
    assert "counts 2 GPUs, nvidia-smi describes 1" in found.because


def test_a_count_that_a_named_loss_explains_is_no_second_fault() -> None:
    spoken = fault("gpu_lost", pci_bus_id="0000:0A:00.0")
    reading = replace(ONLY_B, attached=2, faults=(spoken,))

    assert who(complete(reading, KNOWN)) == [("gpu_lost", "GPU-a")]
    assert who(complete(reading, ())) == [("gpu_lost", "")]


def test_a_fault_of_a_listed_gpu_explains_no_count() -> None:
    sick = replace(B, row_remap_failed=True)

    reading = complete(GpuReading(gpus=(sick,), attached=2), ())

    assert who(reading) == [("gpu_lost", ""), ("gpu_hardware", "GPU-b")]


@pytest.mark.parametrize("action", ["Reset", "Reboot", "Power Cycle"])
def test_any_action_the_driver_asks_for_is_a_fault(action: str) -> None:
    reading = GpuReading(gpus=(replace(A, recovery_action=action), B))

    (found,) = complete(reading, KNOWN).faults

    assert (found.fault, found.uuid) == ("gpu_reset_required", "GPU-a")
    assert f'"{action}"' in found.because


def test_a_failed_row_remap_degrades_the_card() -> None:
    reading = GpuReading(gpus=(replace(A, row_remap_failed=True),))

    (found,) = complete(reading, ()).faults

    assert found.fault == "gpu_hardware"
    assert found.health is Health.DEGRADED


def test_a_loss_without_a_name_is_that_of_all_who_do_not_answer() -> None:
    """Exit code 9 or 6: the driver is gone, or says it has no GPU."""
    reading = GpuReading(faults=(fault("gpu_lost"),))

    assert who(complete(reading, KNOWN)) == [
        ("gpu_lost", "GPU-a"),
        ("gpu_lost", "GPU-b"),
    ]
    assert who(complete(reading, ())) == [("gpu_lost", "")]


def test_a_loss_without_a_name_goes_to_the_only_one_missing() -> None:
    reading = replace(ONLY_B, faults=(fault("gpu_lost"),))

    assert who(complete(reading, KNOWN)) == [("gpu_lost", "GPU-a")]


def test_a_loss_without_a_name_stays_when_all_known_gpus_answer() -> None:
    reading = replace(BOTH, faults=(fault("gpu_lost"),))

    assert who(complete(reading, KNOWN)) == [("gpu_lost", "")]


@pytest.mark.parametrize(
    "name", ["gpu_wedged", "driver_mismatch", "container_gpu_lost"]
)
def test_a_fault_of_the_host_stays_the_hosts(name: str) -> None:
    reading = GpuReading(faults=(fault(name),))

    assert who(complete(reading, KNOWN)) == [(name, "")]


def test_what_an_exit_code_says_of_a_card_is_the_only_cards() -> None:
    alone = GpuReading(gpus=(A,), faults=(fault("gpu_hardware"),))
    among = replace(BOTH, faults=(fault("gpu_hardware"),))

    assert who(complete(alone, ())) == [("gpu_hardware", "GPU-a")]
    assert who(complete(among, ())) == [("gpu_hardware", "")]


def test_a_host_without_a_single_gpu_has_lost_them() -> None:
    reading = complete(GpuReading(attached=0), ())

    assert who(reading) == [("gpu_lost", "")]
    assert "lists no GPU" in reading.faults[0].because


def test_the_deepest_fault_comes_first_and_each_once() -> None:
    spoken = (
        fault("gpu_hardware", uuid="GPU-a"),
        fault("gpu_lost", pci_bus_id="0000:24:00.0"),
        fault("gpu_hardware", pci_bus_id="0000:0A:00.0"),
        fault("gpu_wedged"),
    )

    reading = complete(replace(BOTH, faults=spoken), KNOWN)

    assert who(reading) == [
        ("gpu_lost", ""),
        ("gpu_wedged", ""),
        ("gpu_hardware", "GPU-a"),
    ]


def test_two_lost_gpus_without_uuids_stay_two() -> None:
    spoken = (
        fault("gpu_lost", pci_bus_id="0000:24:00.0"),
        fault("gpu_lost", pci_bus_id="0000:25:00.0"),
    )

    assert len(complete(replace(BOTH, faults=spoken), KNOWN).faults) == 2


def test_a_missing_gpu_stays_known_until_its_slot_is_taken() -> None:
    missing = learn(KNOWN, ONLY_B)
    replaced = learn(missing, GpuReading(gpus=(replace(A, uuid="GPU-n"),)))

    assert {identity.uuid for identity in missing} == {"GPU-a", "GPU-b"}
    assert {identity.uuid for identity in replaced} == {"GPU-n", "GPU-b"}


def test_a_gpu_that_moved_is_the_same_gpu() -> None:
    moved = replace(A, pci_bus_id="00000000:0C:00.0")

    known = learn(KNOWN, GpuReading(gpus=(moved, B)))

    assert [identity.pci_bus_id for identity in known] == [
        "00000000:0C:00.0",
        "00000000:0B:00.0",
    ]


def test_the_inventory_is_bounded() -> None:
    gpus = tuple(replace(A, uuid=f"GPU-{n}") for n in range(200))

    assert len(learn((), GpuReading(gpus=gpus))) == 128


def test_a_gpu_without_a_name_still_has_a_label() -> None:
    nobody = Identity(uuid="GPU-x", pci_bus_id="1:2", name="")

    assert nobody.label == "GPU at 1:2 (GPU-x)"


@pytest.mark.parametrize(
    ("printed", "normal"),
    [
        ("00000000:0A:00.0", "00000000:0A:00.0"),
        ("0000:0a:00.0", "00000000:0A:00.0"),
        (" 0000:0A:00.0\n", "00000000:0A:00.0"),
        ("", ""),
    ],
)
def test_slots_compare_in_every_spelling(printed: str, normal: str) -> None:
    assert slot(printed) == normal


def test_all_is_well_with_gpus_and_no_fault() -> None:
    one = judge(GpuReading(gpus=(A,)))
    two = judge(BOTH)

    assert (one.health, one.reason) == (Health.HEALTHY, "")
    assert one.because == "1 GPU answers"
    assert two.because == "2 GPUs answer"


def test_one_sick_gpu_of_two_is_degraded() -> None:
    verdict = judge(replace(BOTH, faults=(fault("gpu_lost", uuid="GPU-a"),)))

    assert (verdict.health, verdict.reason) == (Health.DEGRADED, "gpu_lost")


def test_no_gpu_left_is_unhealthy() -> None:
    sick = (
        fault("gpu_lost", uuid="GPU-a"),
        fault("gpu_reset_required", uuid="GPU-b"),
    )

    verdict = judge(replace(BOTH, faults=sick))
    wedged = judge(GpuReading(faults=(fault("gpu_wedged"),)))

    assert verdict.health is Health.UNHEALTHY
    assert verdict.because == "it says so (and 1 more)"
    assert (wedged.health, wedged.reason) == (Health.UNHEALTHY, "gpu_wedged")


def test_a_driver_that_was_upgraded_leaves_running_jobs_alone() -> None:
    mismatch = fault("driver_mismatch")

    alone = judge(GpuReading(faults=(mismatch,)))
    beside = judge(GpuReading(faults=(fault("gpu_lost"), mismatch)))

    assert (alone.health, alone.reason) == (Health.DEGRADED, "driver_mismatch")
    assert beside.health is Health.UNHEALTHY


def test_the_only_gpu_may_merely_complain() -> None:
    complaint = fault("gpu_hardware", uuid="GPU-b", health=Health.DEGRADED)

    verdict = judge(replace(ONLY_B, faults=(complaint,)))

    assert verdict.health is Health.DEGRADED


@pytest.mark.parametrize(
    ("action", "code"),
    [
        (None, None),
        ("None", 0),
        ("Reset", 1),
        ("GPU_RESET", 1),
        ("Reboot", 2),
        ("NODE_REBOOT", 2),
        ("Drain P2P", 3),
        ("DRAIN_P2P", 3),
        ("Drain and Reset", 4),
        ("DRAIN_AND_RESET", 4),
        ("RECOVER_IMEX_DOMAIN", 5),
        ("BUS_RESET", 6),
        ("SYSTEM_REBOOT", 7),
        ("Power Cycle", None),
    ],
)
def test_recovery_actions_have_nvmls_numbers(
    action: str | None, code: int | None
) -> None:
    assert recovery_action_code(action) == code
    assert replace(A, recovery_action=action).recovery_action_code == code
    assert wants_recovery(action) == (action not in {None, "None"})


PROMISED = {
    # Every facefusion_gpu_* of DESIGN §3.4 that a Gpu fills.
    "info": ("uuid", "index", "name", "pci_bus_id"),
    "utilization_ratio": ("utilization_ratio",),
    "memory_controller_utilization_ratio": (
        "memory_controller_utilization_ratio",
    ),
    "memory_total_bytes": ("memory_total_bytes",),
    "memory_used_bytes": ("memory_used_bytes",),
    "memory_free_bytes": ("memory_free_bytes",),
    "temperature_celsius": ("temperature_celsius",),
    "power_draw_watts": ("power_draw_watts",),
    "power_limit_watts": ("power_limit_watts",),
    "fan_speed_ratio": ("fan_speed_ratio",),
    "sm_clock_hertz": ("sm_clock_hertz",),
    "memory_clock_hertz": ("memory_clock_hertz",),
    "performance_state": ("performance_state",),
    "pcie_link_generation": ("pcie_link_generation",),
    "pcie_link_width": ("pcie_link_width",),
    "memory_temperature_celsius": ("memory_temperature_celsius",),
    "encoder_utilization_ratio": ("encoder_utilization_ratio",),
    "decoder_utilization_ratio": ("decoder_utilization_ratio",),
    "slowdown_temperature_celsius": ("slowdown_temperature_celsius",),
    "recovery_action": ("recovery_action", "recovery_action_code"),
    "pcie_replays_total": ("pcie_replays",),
    "ecc_errors_total": ("ecc_errors",),
    "clock_event_active": ("clock_events",),
    "process_memory_bytes": ("processes",),
}


def test_every_promised_metric_has_its_field() -> None:
    has = {field.name for field in fields(Gpu)} | {"recovery_action_code"}

    assert all(set(needed) <= has for needed in PROMISED.values())


GPUS = st.lists(
    st.builds(
        Gpu,
        uuid=st.sampled_from(["GPU-a", "GPU-b", "GPU-c"]),
        index=st.integers(0, 3),
        name=st.just("x"),
        pci_bus_id=st.sampled_from(["0000:0A:00.0", "00000000:0a:00.0", ""]),
        recovery_action=st.sampled_from([None, "None", "Reset", "?"]),
        row_remap_failed=st.sampled_from([None, True, False]),
    ),
    max_size=3,
).map(tuple)
FAULTS = st.lists(
    st.builds(
        GpuFault,
        fault=st.sampled_from(DEPTH),
        because=st.just("x"),
        uuid=st.sampled_from(["", "GPU-a", "GPU-z"]),
        pci_bus_id=st.sampled_from(["", "0000:0A:00.0", "0000:0F:00.0"]),
        health=st.sampled_from([Health.DEGRADED, Health.UNHEALTHY]),
    ),
    max_size=4,
).map(tuple)
READINGS = st.builds(
    GpuReading,
    gpus=GPUS,
    faults=FAULTS,
    attached=st.none() | st.integers(0, 4),
)


@given(READINGS, READINGS)
def test_no_named_fault_is_forgotten_and_no_gpu_hidden(
    earlier: GpuReading, now: GpuReading
) -> None:
    reading = complete(now, learn((), earlier))

    before = {found.fault for found in now.faults}
    after = [DEPTH.index(found.fault) for found in reading.faults]
    assert before <= {found.fault for found in reading.faults}
    assert after == sorted(after)
    assert reading.gpus == now.gpus


@given(READINGS, READINGS)
def test_a_known_gpu_answers_or_has_a_fault(
    earlier: GpuReading, now: GpuReading
) -> None:
    known = learn((), earlier)
    reading = complete(now, known)

    present = {gpu.uuid for gpu in now.gpus}
    taken = {slot(gpu.pci_bus_id) for gpu in now.gpus}
    for identity in known:
        gone = identity.uuid not in present
        if now.gpus and gone and slot(identity.pci_bus_id) not in taken:
            assert identity.uuid in {found.uuid for found in reading.faults}


@given(READINGS)
def test_a_verdict_is_healthy_exactly_without_faults(
    reading: GpuReading,
) -> None:
    verdict = judge(reading)

    assert (verdict.health is Health.HEALTHY) == (not reading.faults)
    assert bool(verdict.reason) == bool(reading.faults)
    assert verdict.because
