from dataclasses import replace

import pytest

from monitor.domain.diagnosis.case import Case, Look
from monitor.domain.diagnosis.cause import Remedy, Severity
from monitor.domain.diagnosis.finding import Finding
from monitor.domain.diagnosis.memory import NOTHING, Memory
from monitor.domain.diagnosis.memory.cards import Cards
from monitor.domain.diagnosis.rules.gpu import RULES
from monitor.domain.fleet import Target
from monitor.domain.gpu.reading import GpuFault, GpuReading
from monitor.domain.health import Health
from monitor.domain.kernel.event import KernelReading, XidEvent
from tests.domain.diagnosis.cases import (
    CANARY,
    DEGRADED,
    GPU,
    NOW,
    TARGET,
    UNHEALTHY,
    look,
    machine_reading,
    seen,
    service_reading,
    well,
)
from tests.domain.machine_parts import BOOT
from tests.domain.service_parts import process

OTHER = replace(GPU, uuid="GPU-2", index=1, pci_bus_id="00000000:02:00.0")
LOST = GpuFault(
    fault="gpu_lost",
    because="RTX 3090 at 00000000:02:00.0 (GPU-2): fallen off the bus",
    uuid="GPU-2",
    pci_bus_id="00000000:02:00.0",
    advice="reboot",
)
BOTH = seen("gpu", reading=GpuReading(gpus=(GPU, OTHER)))


def found(case: Case) -> list[Finding]:
    return [one for rule in RULES for one in rule(case)]


def bad_gpu(
    *faults: GpuFault, health: Health = UNHEALTHY, reading: bool = True
) -> Look:
    fault = faults[0] if faults else LOST
    return look(
        "gpu",
        health,
        reason=fault.fault,
        because=fault.because,
        reading=GpuReading(gpus=(GPU,), faults=faults) if reading else None,
    )


def using(*gpus: int | str) -> Target:
    return replace(TARGET, gpus=gpus)


def remembering(*, cards: bool = True) -> Memory:
    return replace(NOTHING, cards=Cards().learn(BOTH)) if cards else NOTHING


def test_a_healthy_server_has_no_gpu_fault() -> None:
    assert found(well()) == []
    assert found(well(without=("gpu", "host"))) == []


def test_a_lost_card_is_named_with_its_evidence() -> None:
    (one,) = found(well(bad_gpu(LOST)))

    assert one.cause == "gpu_lost"
    assert one.because == LOST.because
    assert one.health is None
    assert one.remedies == (Remedy.REBOOT,)
    assert [fact.because for fact in one.facts] == [LOST.because]


def test_a_fault_counts_once_the_check_is_believed_to_be_bad() -> None:
    last = bad_gpu(LOST).seen

    assert found(well(look("gpu", last=last))) == []


def test_a_fault_that_is_no_cause_is_left_to_others() -> None:
    assert found(well(bad_gpu(replace(LOST, fault="gpu_sad")))) == []


def test_a_gpu_check_without_a_reading_blames_no_card() -> None:
    assert found(well(bad_gpu(reading=False))) == []


@pytest.mark.parametrize(
    ("gpus", "concerned"),
    [
        ((), True),
        ((0,), False),
        ((1,), True),
        ((0, 1), True),
        (("GPU-1",), False),
        (("GPU-2",), True),
        (("MIG-5c2a",), True),
    ],
)
def test_only_the_cards_that_a_server_uses_are_its_concern(
    gpus: tuple[int | str, ...], *, concerned: bool
) -> None:
    case = well(bad_gpu(LOST), target=using(*gpus), memory=remembering())

    assert bool(found(case)) is concerned


@pytest.mark.parametrize(
    ("gpus", "concerned"),
    [((0,), False), ((1,), True), (("GPU-1",), False), (("GPU-2",), True)],
)
def test_a_card_that_was_lost_before_we_came_is_the_one_that_is_missing(
    gpus: tuple[int | str, ...], *, concerned: bool
) -> None:
    case = well(bad_gpu(LOST), target=using(*gpus))

    assert bool(found(case)) is concerned


def test_a_card_that_answers_is_known_without_memory() -> None:
    fault = replace(LOST, fault="gpu_hardware", uuid="GPU-1", pci_bus_id="")

    assert found(well(bad_gpu(fault), target=using(0)))
    assert not found(well(bad_gpu(fault), target=using(1)))


def test_a_fault_that_names_no_card_is_about_all_of_them() -> None:
    fault = replace(LOST, uuid="", pci_bus_id="")

    assert found(well(bad_gpu(fault), target=using(0), memory=remembering()))


def test_places_are_kept_from_before_a_loss() -> None:
    cards = Cards().learn(BOTH)
    lost = bad_gpu(LOST).seen

    assert lost is not None
    assert cards.learn(lost) == cards
    assert cards.learn(seen("gpu", reading=GpuReading())) == cards
    assert cards.learn(seen("status")) == cards
    assert cards.used(using(0), None) == ()


@pytest.mark.parametrize(
    ("advice", "remedies"),
    [
        ("reboot", (Remedy.REBOOT,)),
        ("drain_reset", (Remedy.REBOOT,)),
        ("restart_container", (Remedy.RESTART,)),
        ("page", ()),
        ("ticket", ()),
        ("watch", ()),
        ("fix_settings", ()),
        ("none", ()),
        ("", ()),
    ],
)
def test_remedies_follow_the_advice(
    advice: str, remedies: tuple[Remedy, ...]
) -> None:
    (one,) = found(well(bad_gpu(replace(LOST, advice=advice))))

    assert one.remedies == remedies


@pytest.mark.parametrize(
    ("advice", "severity"), [("ticket", Severity.INFO), ("page", None)]
)
def test_a_card_that_only_complains_degrades_and_wakes_nobody(
    advice: str, severity: Severity | None
) -> None:
    fault = GpuFault(
        fault="gpu_hardware",
        because="a GPU's infoROM is corrupted",
        health=DEGRADED,
        advice=advice,
    )

    (one,) = found(well(bad_gpu(fault, health=DEGRADED)))

    assert (one.cause, one.health) == ("gpu_hardware", DEGRADED)
    assert one.severity is severity


def test_each_fault_is_found() -> None:
    wants = replace(LOST, fault="gpu_reset_required", uuid="GPU-1")

    assert [one.cause for one in found(well(bad_gpu(LOST, wants)))] == [
        "gpu_lost",
        "gpu_reset_required",
    ]


MISMATCH = GpuFault(
    fault="driver_mismatch",
    because="driver and NVML differ",
    health=DEGRADED,
    advice="reboot",
)


def test_a_new_driver_degrades_while_jobs_still_run() -> None:
    (one,) = found(well(bad_gpu(MISMATCH, health=DEGRADED)))

    assert (one.cause, one.health) == ("driver_mismatch", DEGRADED)


@pytest.mark.parametrize("check", ["status", "process", CANARY])
def test_a_new_driver_is_as_bad_as_the_table_says_once_something_is_down(
    check: str,
) -> None:
    down = look(check, UNHEALTHY, reason="processing_failed")

    (one,) = found(well(bad_gpu(MISMATCH, health=DEGRADED), down))

    assert one.health is None


def test_a_new_driver_is_no_worse_for_a_server_that_somebody_stopped() -> None:
    stopped = look("process", UNHEALTHY, reason="stopped")
    refused = look("status", UNHEALTHY, reason="refused")

    (one,) = found(well(bad_gpu(MISMATCH, health=DEGRADED), stopped, refused))

    assert one.health is DEGRADED


def stuck(since: float = NOW - 60) -> Look:
    return look(
        "host",
        DEGRADED,
        reason="wedged_driver",
        because="nvidia-smi (pid 7) waits in the kernel",
        since=since,
    )


def silent(check: str) -> Look:
    return look(check, last_success=NOW - 600)


def test_an_nvidia_smi_that_waits_in_the_kernel_is_a_wedged_driver() -> None:
    (one,) = found(well(stuck(), silent("gpu"), silent(CANARY)))

    assert one.cause == "gpu_wedged"
    assert one.because == "nvidia-smi (pid 7) waits in the kernel"
    assert one.health is None
    (alone,) = found(well(stuck(), without=("gpu", CANARY)))
    assert alone.health is None


def test_a_driver_that_answers_since_is_not_wedged() -> None:
    assert found(well(stuck(), silent(CANARY))) == []


def test_a_wedged_driver_is_a_warning_while_canaries_succeed() -> None:
    (one,) = found(well(stuck(), silent("gpu")))

    assert one.health is DEGRADED


def test_a_machine_in_other_trouble_wedges_no_driver() -> None:
    full = look("host", UNHEALTHY, reason="disk_full")

    assert found(well(full, silent("gpu"))) == []
    unsure = replace(stuck(), since=None)
    assert found(well(unsure, silent("gpu"))) == []


def events(
    *ago: float,
    number: int = 109,
    bus: str = "0000:01:00",
    clock: float = 0.0,
) -> Look:
    xids = tuple(
        XidEvent(boot_id=BOOT, at=NOW - one, pci_bus_id=bus, xid=number)
        for one in sorted(ago, reverse=True)
    )
    kernel = KernelReading(source="kmsg", cursor="1", boot_id=BOOT, xids=xids)
    reading = machine_reading(kernel=kernel, clock=clock)
    return look("host", reading=reading)


FAILING = look(CANARY, UNHEALTHY, reason="timeout")


@pytest.mark.parametrize("number", [32, 38, 109])
def test_an_error_that_repeats_wants_a_reboot(number: int) -> None:
    (one,) = found(well(events(30, 7200, number=number), FAILING))

    assert one.cause == "gpu_reset_required"
    assert "came 2 times in 24 h" in one.because
    assert f"Xid {number}" in one.because
    assert one.remedies is None
    assert [fact.key.check for fact in one.facts] == ["host", CANARY]


@pytest.mark.parametrize(
    "seen_events",
    [
        events(30),
        events(30, 86_401),
        events(30, 60, number=31),
        look("host", reading=machine_reading()),
    ],
)
def test_once_a_day_is_no_repeat(seen_events: Look) -> None:
    assert found(well(seen_events, FAILING)) == []


def test_a_repeat_within_the_day_is_one() -> None:
    assert found(well(events(30, 86_400), FAILING))


@pytest.mark.parametrize("ahead", [-7200.0, 7200.0])
def test_a_day_is_measured_by_the_hosts_own_clock(ahead: float) -> None:
    def at(*ago: float) -> Look:
        return events(*(one - ahead for one in ago), clock=ahead)

    without = ("process",)

    assert found(well(at(30, 86_000), FAILING, without=without))
    assert not found(well(at(30, 86_800), FAILING, without=without))


def test_a_repeat_that_brought_nothing_down_is_nothing() -> None:
    assert found(well(events(30, 7200), without=(CANARY,))) == []


def test_a_repeat_after_which_a_canary_succeeded_is_over() -> None:
    down = look("status", UNHEALTHY, reason="timeout")

    assert found(well(events(30, 7200), down)) == []


def test_a_repeat_on_a_card_of_others_is_theirs() -> None:
    other = events(30, 7200, bus="0000:02:00")
    case = well(other, FAILING, target=using(0), memory=remembering())

    assert found(case) == []
    assert found(replace(case, target=using(1)))
    unknown = events(30, 7200, bus="0000:09:00")
    assert found(well(unknown, FAILING, target=using(0))) == []
    blind = well(other, FAILING, target=using(1), without=("gpu",))
    assert found(blind) == []


def test_a_repeat_of_the_server_before_is_over() -> None:
    young = service_reading(processes=[process(started_at=NOW - 10)])
    started = look("process", reading=young)

    quick = replace(TARGET, start_grace=5.0)

    for ago, is_its in ((13, False), (12, True)):
        case = well(events(ago, 7200), started, FAILING, target=quick)
        assert bool(found(case)) is is_its


def test_a_kernel_that_nobody_reads_tells_nothing() -> None:
    kernelless = replace(machine_reading(), kernel=None)

    assert found(well(look("host", reading=kernelless), FAILING)) == []
