"""The kernel's Xids beside what the GPUs answer."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.domain.gpu.advice import ADVICE
from monitor.domain.gpu.evidence import NOTHING, hanging, settle
from monitor.domain.gpu.faults import DEPTH, complete
from monitor.domain.gpu.inventory import learn
from monitor.domain.gpu.reading import Gpu, GpuFault, GpuReading
from monitor.domain.gpu.verdict import judge
from monitor.domain.health import Health
from monitor.domain.kernel.event import KernelReading, XidEvent

A = Gpu(
    uuid="GPU-a",
    index=0,
    name="RTX 3090",
    pci_bus_id="00000000:0A:00.0",
    recovery_action="None",
)
B = replace(A, uuid="GPU-b", index=1, pci_bus_id="00000000:0B:00.0")
BOTH = GpuReading(gpus=(A, B), attached=2)
ONLY_B = GpuReading(gpus=(B,), attached=1)
WEDGED = GpuReading(faults=(GpuFault(fault="gpu_wedged", because="it hangs"),))
KNOWN = learn((), BOTH)
LABEL_A = "RTX 3090 at 00000000:0A:00.0 (GPU-a)"


def event(number: int, *, bus: str = "0a", at: float = 100.0) -> XidEvent:
    return XidEvent(
        boot_id="b1", at=at, pci_bus_id=f"0000:{bus}:00", xid=number
    )


def kernel(*events: XidEvent) -> KernelReading:
    return KernelReading(
        source="journal", cursor="c", boot_id="b1", xids=events
    )


def of(reading: GpuReading) -> list[tuple[str, str, str]]:
    return [(one.fault, one.uuid, one.advice) for one in reading.faults]


def test_a_fallen_gpu_that_does_not_answer_is_lost_and_explained() -> None:
    reading = complete(ONLY_B, KNOWN, kernel(event(79)))

    (fault,) = reading.faults
    assert of(reading) == [("gpu_lost", "GPU-a", "reboot")]
    assert fault.because == (
        f"{LABEL_A}: nvidia-smi does not list it any more; look at lspci and"
        " the kernel log; the kernel said Xid 79 (fallen off the bus)"
    )
    assert reading.gpus == (B,)


def test_a_fallen_gpu_that_answers_is_back() -> None:
    assert complete(BOTH, KNOWN, kernel(event(79))).faults == ()


def test_a_fallen_gpu_that_nobody_knew_is_named_by_its_slot() -> None:
    reading = complete(ONLY_B, (), kernel(event(79)))

    (fault,) = reading.faults
    assert (fault.fault, fault.uuid) == ("gpu_lost", "")
    assert fault.because == (
        "GPU 0000:0a:00: the kernel said Xid 79 (fallen off the bus)"
    )


def test_a_counted_gpu_is_explained_by_its_xid() -> None:
    reading = complete(replace(ONLY_B, attached=2), (), kernel(event(79)))

    assert of(reading) == [("gpu_lost", "", "reboot")]


def test_a_hang_is_given_to_the_gpu_whose_processor_died() -> None:
    reading = complete(WEDGED, KNOWN, kernel(event(120), event(119)))

    (fault,) = reading.faults
    assert of(reading) == [("gpu_wedged", "GPU-a", "reboot")]
    assert fault.pci_bus_id == A.pci_bus_id
    assert fault.because == (
        f"{LABEL_A}: the kernel said Xid 119 (the GPU's own processor (GSP)"
        " does not answer); it hangs"
    )


def test_two_dead_processors_are_two_faults() -> None:
    seen = kernel(event(119), event(119, bus="0b"))

    reading = complete(WEDGED, KNOWN, seen)

    assert [uuid for _, uuid, _ in of(reading)] == ["GPU-a", "GPU-b"]


def test_a_host_without_a_driver_stays_that_beside_its_xid() -> None:
    spoken = GpuFault(fault="gpu_lost", because="no driver", advice="page")

    reading = complete(GpuReading(faults=(spoken,)), (), kernel(event(79)))

    assert of(reading) == [("gpu_lost", "", "reboot")]
    assert "no driver" in reading.faults[0].because


def test_a_sick_gpu_and_an_xid_of_another_kind_are_two_faults() -> None:
    reading = complete(ONLY_B, KNOWN, kernel(event(64)))

    assert of(reading) == [
        ("gpu_lost", "GPU-a", "page"),
        ("gpu_hardware", "GPU-a", "page"),
    ]


@pytest.mark.parametrize("number", [48, 54, 64, 74, 147, 172])
def test_bad_hardware_stays_bad_until_the_next_boot(number: int) -> None:
    seen = kernel(event(number))
    settled = settle(NOTHING, BOTH, seen)

    (fault,) = complete(BOTH, KNOWN, seen, settled).faults

    assert (fault.fault, fault.uuid) == ("gpu_hardware", "GPU-a")
    assert fault.health is Health.DEGRADED
    assert complete(BOTH, KNOWN, kernel(), settled).faults == ()


def test_bad_hardware_that_does_not_answer_is_unhealthy() -> None:
    (fault,) = complete(ONLY_B, (), kernel(event(64))).faults

    assert fault.health is Health.UNHEALTHY


@pytest.mark.parametrize("number", [46, 62, 95, 140, 155])
def test_a_reset_is_owed_until_the_driver_asks_for_none(number: int) -> None:
    seen = kernel(event(number))
    wants = replace(BOTH, gpus=(replace(A, recovery_action="Reset"), B))

    owed = complete(wants, KNOWN, seen)
    gone = complete(ONLY_B, KNOWN, seen, settle(NOTHING, wants, seen))
    done = complete(BOTH, KNOWN, seen)
    later = complete(ONLY_B, KNOWN, seen, settle(NOTHING, BOTH, seen))

    assert of(owed) == [("gpu_reset_required", "GPU-a", "drain_reset")]
    assert owed.faults[0].health is Health.UNHEALTHY
    assert f"Xid {number}" in owed.faults[0].because
    assert [fault for fault, _, _ in of(gone)] == [
        "gpu_lost",
        "gpu_reset_required",
    ]
    assert done.faults == ()
    assert of(later) == [("gpu_lost", "GPU-a", "page")]


def test_a_driver_that_asks_for_nothing_and_says_nothing_proves_nothing() -> (
    None
):
    silent = replace(BOTH, gpus=(replace(A, recovery_action=None), B))

    (fault,) = complete(silent, KNOWN, kernel(event(95))).faults

    assert (fault.fault, fault.health) == (
        "gpu_reset_required",
        Health.DEGRADED,
    )
    assert fault.because.endswith(
        "; this driver does not say whether that is settled"
    )


def test_what_the_driver_asks_for_is_more_than_what_an_xid_advises() -> None:
    wants = replace(BOTH, gpus=(replace(A, recovery_action="Reboot"), B))

    reading = complete(wants, KNOWN, kernel(event(95)))

    assert of(reading) == [("gpu_reset_required", "GPU-a", "reboot")]


@pytest.mark.parametrize("number", [13, 31, 43, 45, 63, 94, 109, 154, 9999])
def test_an_applications_xid_is_no_fault_of_the_gpu(number: int) -> None:
    assert complete(BOTH, KNOWN, kernel(event(number))).faults == ()


def test_the_newest_xid_of_a_fault_is_the_one_told() -> None:
    seen = kernel(event(64, at=1.0), event(48, at=2.0))

    (fault,) = complete(BOTH, KNOWN, seen).faults

    assert "Xid 48" in fault.because
    assert fault.advice == "drain_reset"


def test_an_xid_tells_what_a_vague_complaint_did_not() -> None:
    vague = GpuFault(
        fault="gpu_hardware",
        because="ERR!",
        uuid="GPU-a",
        advice="watch",
        health=Health.DEGRADED,
    )

    reading = complete(
        replace(BOTH, faults=(vague,)), KNOWN, kernel(event(54))
    )

    assert of(reading) == [("gpu_hardware", "GPU-a", "page")]


def test_a_gpu_that_says_it_is_lost_does_not_answer() -> None:
    lost = GpuFault(fault="gpu_lost", because="GPU is lost", uuid="GPU-a")
    seen = kernel(event(79))

    settled = settle(NOTHING, replace(BOTH, faults=(lost,)), seen)

    assert settled == NOTHING


def test_an_answer_settles_a_dead_processor_for_good() -> None:
    seen = kernel(event(119))
    settled = settle(NOTHING, BOTH, seen)
    newer = kernel(event(119), event(120, at=200.0))

    assert hanging(seen, NOTHING) == event(119)
    assert hanging(seen, settled) is None
    assert hanging(seen, settle(settled, WEDGED, seen)) is None
    assert hanging(newer, settled) == event(120, at=200.0)
    assert hanging(None, NOTHING) is None
    assert hanging(kernel(event(79)), NOTHING) is None


def test_an_answer_settles_only_what_was_before_it() -> None:
    seen = kernel(event(119, at=100.0), event(120, at=300.0))

    settled = settle(NOTHING, BOTH, seen, until=200.0)

    assert settled.answered == {event(119, at=100.0)}
    assert settled.sound == settled.answered


def test_the_gpu_beside_it_settles_nothing() -> None:
    assert settle(NOTHING, ONLY_B, kernel(event(119))) == NOTHING


def test_events_of_an_earlier_boot_are_forgotten() -> None:
    settled = settle(NOTHING, BOTH, kernel(event(119)))

    assert settle(settled, BOTH, kernel()) == NOTHING
    assert settle(settled, BOTH, None) == settled


@pytest.mark.parametrize(
    ("on_bus", "advice", "says"),
    [
        (("0000:0a:00.0", "0000:0b:00.0"), "reboot", "still sees it"),
        (("0000:0b:00.0",), "page", "gone from the PCI bus"),
        (None, "page", "look at lspci"),
    ],
)
def test_a_lost_gpu_is_looked_for_on_the_bus(
    on_bus: tuple[str, ...] | None, advice: str, says: str
) -> None:
    reading = complete(ONLY_B, KNOWN, on_bus=on_bus)

    assert of(reading) == [("gpu_lost", "GPU-a", advice)]
    assert says in reading.faults[0].because


def test_a_card_on_the_bus_that_was_never_listed_is_told() -> None:
    on_bus = ("0000:0a:00.0", "0000:0b:00.0")

    (fault,) = complete(ONLY_B, (), on_bus=on_bus).faults
    counted = complete(replace(ONLY_B, attached=2), (), on_bus=on_bus)

    assert (fault.fault, fault.pci_bus_id) == ("gpu_lost", "0000:0a:00.0")
    assert "vfio-pci" in fault.because
    assert len(counted.faults) == 1


def test_a_driver_without_gpus_names_those_on_the_bus() -> None:
    reading = complete(GpuReading(), (), on_bus=("0000:0a:00.0",))

    assert [fault.pci_bus_id for fault in reading.faults] == ["0000:0a:00.0"]


def test_a_hung_nvidia_smi_says_nothing_about_the_bus() -> None:
    reading = complete(WEDGED, (), on_bus=("0000:0a:00.0",))

    assert of(reading) == [("gpu_wedged", "", "reboot")]


def test_heat_is_told_and_is_no_fault() -> None:
    hot = replace(
        A,
        clock_events=(
            ("sw_power_cap", True),
            ("hw_thermal_slowdown", True),
            ("sw_thermal_slowdown", False),
        ),
    )
    reading = complete(GpuReading(gpus=(hot, B)), ())

    verdict = judge(reading)

    assert reading.faults == ()
    assert verdict.health is Health.HEALTHY
    assert verdict.because == (
        "2 GPUs answer; heat slows down RTX 3090 at 00000000:0A:00.0"
        " (hw_thermal_slowdown)"
    )


EVENTS = st.lists(
    st.builds(
        event,
        st.sampled_from([13, 46, 48, 64, 79, 95, 119, 120, 143, 9999]),
        bus=st.sampled_from(["0a", "0b", "0c"]),
        at=st.sampled_from([1.0, 2.0, 3.0]),
    ),
    max_size=6,
).map(lambda events: kernel(*events))
GPUS = st.lists(
    st.sampled_from(
        [A, B, replace(A, recovery_action="Reset"), replace(B, name="")]
    ),
    max_size=2,
    unique_by=lambda gpu: gpu.uuid,
).map(tuple)
FAULTS = st.lists(
    st.builds(
        GpuFault,
        fault=st.sampled_from(DEPTH),
        because=st.just("x"),
        uuid=st.sampled_from(["", "GPU-a"]),
        pci_bus_id=st.sampled_from(["", "0000:0B:00.0", "0000:0F:00.0"]),
        advice=st.sampled_from(["", "watch", "ticket"]),
    ),
    max_size=3,
).map(tuple)
READINGS = st.builds(GpuReading, gpus=GPUS, faults=FAULTS)
ON_BUS = st.none() | st.lists(
    st.sampled_from(["0000:0a:00.0", "0000:0d:00.0"]), unique=True
).map(tuple)


@given(READINGS, READINGS, EVENTS, ON_BUS)
def test_each_kind_of_fault_of_a_gpu_is_told_once_with_advice(
    earlier: GpuReading,
    now: GpuReading,
    seen: KernelReading,
    on_bus: tuple[str, ...] | None,
) -> None:
    before = settle(NOTHING, earlier, seen)

    faults = complete(now, learn((), earlier), seen, before, on_bus).faults

    kinds = [(f.fault, f.uuid or f.pci_bus_id) for f in faults]
    depths = [DEPTH.index(f.fault) for f in faults]
    assert len(set(kinds)) == len(kinds)
    assert depths == sorted(depths)
    assert {f.fault for f in now.faults} <= {f.fault for f in faults}
    assert {f.advice for f in faults} <= ADVICE


@given(READINGS, EVENTS)
def test_what_has_been_settled_stays_settled(
    now: GpuReading, seen: KernelReading
) -> None:
    settled = settle(NOTHING, BOTH, seen)

    after = settle(settled, now, seen)

    assert after.answered >= settled.answered
    assert after.sound >= settled.sound


def test_bad_hardware_of_nobody_in_particular_is_given_to_nobody() -> None:
    spoken = GpuFault(fault="gpu_hardware", because="x", advice="ticket")

    reading = complete(
        replace(BOTH, faults=(spoken,)), KNOWN, kernel(event(48))
    )

    assert of(reading) == [
        ("gpu_hardware", "", "ticket"),
        ("gpu_hardware", "GPU-a", "drain_reset"),
    ]


def test_a_card_that_is_not_hot_is_not_told_of() -> None:
    cool = replace(A, clock_events=(("hw_thermal_slowdown", False),))

    assert judge(GpuReading(gpus=(cool,))).because == "1 GPU answers"
