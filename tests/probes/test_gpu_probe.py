"""The probe, at an nvidia-smi whose answers are written down beforehand."""

import asyncio
from pathlib import Path

import pytest

from monitor.domain.errors import CannotReach
from monitor.domain.gpu.guard import GSP_PAUSE
from monitor.domain.gpu.reading import GpuReading
from monitor.domain.health import Health
from monitor.domain.kernel.event import KernelReading, XidEvent
from monitor.domain.machine.reading import DriverProcess, MachineReading
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.ports import Ran
from monitor.probes.gpu import GpuProbe
from monitor.probes.host_notes import HostNotes
from tests.fakes.clock import FakeClock
from tests.fakes.shell import FakeNvidiaSmi, FakeShell, ran

CAPTURES = Path(__file__).parents[1] / "captures" / "nvidia_smi"
TWO = (CAPTURES / "two_gpus.xml").read_bytes()
HEAD, FIRST, SECOND = TWO.split(b"\t<gpu id=")
ONLY_SECOND = HEAD + b"\t<gpu id=" + SECOND
FIRST_UUID = "GPU-aaaaaaaa-0000-0000-0000-000000000001"
LOST = (
    b"Unable to determine the device handle for GPU0: 0000:0A:00.0: GPU is"
    b" lost.  Reboot the system to recover this GPU\n"
)
KEY = CheckKey(kind=Kind.HOST, subject="gpu1", check="gpu")


STUCK = DriverProcess(pid=4242, name="nvidia-smi", state="D", age=300.0)


class House:
    """A probe with its nvidia-smi, its clock and notes about its host.

    The host's clock is ten seconds ahead of ours.
    """

    AHEAD = 10.0

    def __init__(self, *answers: object) -> None:
        self.clock = FakeClock()
        self.smi = FakeNvidiaSmi(self.clock, *answers)
        self.notes = HostNotes()
        self.probe = GpuProbe(
            KEY, self.smi, self.clock, self.notes, within=10.0, interval=15.0
        )

    def host_was_seen(
        self,
        *drivers: DriverProcess,
        kernel: KernelReading | None = None,
        on_bus: tuple[str, ...] | None = None,
        boot_id: str = "b1",
    ) -> None:
        """Leave the notes that a look at the machine leaves now."""
        machine = MachineReading(
            way="stdin",
            boot_id=boot_id,
            clock_offset=self.AHEAD,
            drivers=drivers,
            gpus_on_bus=on_bus,
            kernel=kernel,
        )
        self.notes.saw(machine, self.clock.now())

    def said(self, number: int, at: float | None = None) -> KernelReading:
        """Return a kernel log with an Xid of the first card, now."""
        host_now = self.clock.now() + self.AHEAD
        event = XidEvent(
            boot_id="b1",
            at=host_now if at is None else at,
            pci_bus_id="0000:0a:00",
            xid=number,
        )
        return KernelReading(
            source="journal", cursor=None, boot_id="b1", xids=(event,)
        )


def reading(seen: Observation) -> GpuReading:
    assert isinstance(seen.reading, GpuReading)
    return seen.reading


def faults(seen: Observation) -> list[tuple[str, str]]:
    return [(fault.fault, fault.uuid) for fault in reading(seen).faults]


async def test_healthy_gpus_are_a_healthy_look() -> None:
    house = House(ran(TWO))

    seen = await house.probe.look()

    assert (seen.key, seen.probe) == (KEY, "gpu")
    assert seen.at == 1_000_000.0
    assert seen.duration == pytest.approx(0.1)
    assert (seen.health, seen.reason) == (Health.HEALTHY, "")
    assert seen.because == "2 GPUs answer"
    assert len(reading(seen).gpus) == 2


async def test_a_lost_gpu_keeps_its_uuid_and_hides_no_healthy_one() -> None:
    house = House(ran(TWO), ran(LOST + ONLY_SECOND, code=15))
    await house.probe.look()

    seen = await house.probe.look()

    assert (seen.health, seen.reason) == (Health.DEGRADED, "gpu_lost")
    assert faults(seen) == [("gpu_lost", FIRST_UUID)]
    assert "NVIDIA GeForce RTX 3090" in seen.because
    assert [gpu.index for gpu in reading(seen).gpus] == [0]


async def test_a_gpu_that_vanishes_without_a_word_is_missed() -> None:
    house = House(ran(TWO), ran(ONLY_SECOND), ran(TWO))
    await house.probe.look()

    gone = await house.probe.look()
    back = await house.probe.look()

    assert faults(gone) == [("gpu_lost", FIRST_UUID)]
    assert back.health is Health.HEALTHY


async def test_a_missing_gpu_is_missed_until_it_is_back() -> None:
    house = House(ran(TWO), ran(ONLY_SECOND))
    await house.probe.look()
    await house.probe.look()

    still = await house.probe.look()

    assert faults(still) == [("gpu_lost", FIRST_UUID)]


async def test_all_gpus_gone_is_unhealthy_and_names_each() -> None:
    house = House(ran(TWO), ran(b"No devices were found\n", code=6))
    await house.probe.look()

    seen = await house.probe.look()

    assert (seen.health, seen.reason) == (Health.UNHEALTHY, "gpu_lost")
    assert len(faults(seen)) == 2
    assert reading(seen).gpus == ()


@pytest.mark.parametrize("code", [75, 124, 137])
async def test_a_stuck_nvidia_smi_is_a_wedged_host(code: int) -> None:
    house = House(ran(TWO), ran(code=code))
    await house.probe.look()

    seen = await house.probe.look()

    assert (seen.health, seen.reason) == (Health.UNHEALTHY, "gpu_wedged")
    assert faults(seen) == [("gpu_wedged", "")]
    assert reading(seen).gpus == ()


async def test_a_driver_mismatch_is_named_and_leaves_jobs_running() -> None:
    text = b"Failed to initialize NVML: Driver/library version mismatch\n"
    house = House(ran(text, code=18))

    seen = await house.probe.look()

    assert (seen.health, seen.reason) == (Health.DEGRADED, "driver_mismatch")
    assert faults(seen) == [("driver_mismatch", "")]


async def test_a_corrupted_inforom_degrades_but_keeps_the_readings() -> None:
    text = b"\nWARNING: infoROM is corrupted at gpu 0000:0A:00.0\n"
    house = House(ran(TWO + text, code=14))

    seen = await house.probe.look()

    assert (seen.health, seen.reason) == (Health.DEGRADED, "gpu_hardware")
    assert faults(seen) == [("gpu_hardware", FIRST_UUID)]
    assert len(reading(seen).gpus) == 2


async def test_a_host_without_nvidia_smi_is_a_setting_not_a_fault() -> None:
    house = House(ran(code=127, stderr=b"sh: nvidia-smi: not found"))

    seen = await house.probe.look()

    assert (seen.health, seen.reason) == (Health.UNHEALTHY, "not_installed")
    assert reading(seen).faults == ()


async def test_an_answer_that_is_no_xml_says_what_it_is() -> None:
    house = House(ran(b"<html>502</html>"))

    seen = await house.probe.look()

    assert (seen.health, seen.reason) == (Health.UNHEALTHY, "unreadable")
    assert "an HTML page" in seen.because


@pytest.mark.parametrize("reason", ["auth", "host_key", "refused", "reset"])
async def test_a_host_that_cannot_be_reached_is_unhealthy(reason: str) -> None:
    refusal = CannotReach("cannot reach gpu1: no", reason=reason)
    house = House(ran(TWO), refusal)
    await house.probe.look()

    seen = await house.probe.look()

    assert (seen.health, seen.reason) == (Health.UNHEALTHY, reason)
    assert seen.because == "cannot reach gpu1: no"
    assert seen.reading is None


async def test_a_host_that_does_not_answer_takes_the_whole_deadline() -> None:
    house = House(FakeShell.HANGS)

    seen = await house.probe.look()

    assert (seen.reason, seen.duration) == ("timeout", 10.0)


async def test_a_failed_look_forgets_no_gpu() -> None:
    house = House(ran(TWO), FakeShell.HANGS, ran(ONLY_SECOND))
    await house.probe.look()
    await house.probe.look()
    house.clock.pass_time(60)

    seen = await house.probe.look()

    assert faults(seen) == [("gpu_lost", FIRST_UUID)]


async def test_a_large_answer_is_read_all_the_same() -> None:
    banner = b"Welcome.\n" * 100_000
    house = House(ran(banner + TWO))

    seen = await house.probe.look()

    assert seen.health is Health.HEALTHY


async def test_a_hung_nvidia_smi_is_not_asked_again_at_once() -> None:
    house = House(ran(TWO), ran(code=124), ran(code=75), ran(TWO))
    await house.probe.look()
    await house.probe.look()
    house.clock.pass_time(30)
    await house.probe.look()

    held = await house.probe.look()
    house.clock.pass_time(60)
    back = await house.probe.look()

    assert (held.health, held.reason) == (Health.UNHEALTHY, "gpu_wedged")
    assert held.because == (
        "an earlier nvidia-smi still hangs, 2 in a row; it is tried again in"
        " 1 min"
    )
    assert faults(held) == [("gpu_wedged", "")]
    assert reading(held).gpus == ()
    assert back.health is Health.HEALTHY
    assert house.smi.asked == 4


async def test_one_slow_run_is_told_and_held_against_nobody() -> None:
    house = House(ran(TWO), ran(code=124))
    await house.probe.look()
    slow = await house.probe.look()

    held = await house.probe.look()
    house.clock.pass_time(30)
    slow_again = await house.probe.look()
    held_again = await house.probe.look()

    assert [one.health for one in (slow, held, slow_again, held_again)] == [
        Health.UNHEALTHY,
        Health.UNKNOWN,
        Health.UNHEALTHY,
        Health.UNHEALTHY,
    ]
    assert faults(held) == [("gpu_wedged", "")]


async def test_a_lost_line_is_no_fault_of_a_gpu() -> None:
    house = House(FakeShell.HANGS, ran(TWO))
    await house.probe.look()

    held = await house.probe.look()
    house.clock.pass_time(1)
    house.host_was_seen()
    back = await house.probe.look()

    assert (held.health, held.reason) == (Health.UNKNOWN, "timeout")
    assert held.reading is None
    assert back.health is Health.HEALTHY


async def test_a_refused_line_starts_nothing_and_is_tried_again() -> None:
    refusal = CannotReach("cannot reach gpu1: no", reason="refused")
    house = House(refusal, ran(TWO))
    await house.probe.look()

    seen = await house.probe.look()

    assert seen.health is Health.HEALTHY


async def test_a_frozen_nvidia_smi_is_one_process_after_an_hour() -> None:
    house = House(ran(TWO))
    await house.probe.look()
    house.smi.freeze()

    looks = []
    while house.clock.now() < 1_000_000.0 + 3600:
        looks.append(await house.probe.look())
        house.clock.pass_time(15)

    assert house.smi.started == 2
    assert house.smi.asked <= 12
    assert all(faults(seen) == [("gpu_wedged", "")] for seen in looks)
    assert looks[-1].health is Health.UNHEALTHY


async def test_nothing_is_started_beside_a_process_stuck_in_the_kernel() -> (
    None
):
    house = House(ran(TWO))
    await house.probe.look()
    house.host_was_seen(STUCK)

    seen = await house.probe.look()
    house.clock.pass_time(30)
    house.host_was_seen()
    gone = await house.probe.look()

    assert (seen.health, seen.reason) == (Health.UNHEALTHY, "gpu_wedged")
    assert "pid 4242, state D" in seen.because
    assert faults(seen) == [("gpu_wedged", "")]
    assert gone.health is Health.HEALTHY
    assert house.smi.asked == 2


async def test_a_loop_of_somebody_is_waited_for_without_a_fault() -> None:
    house = House(ran(TWO))
    loop = DriverProcess(pid=7, name="nvidia-smi", state="S", age=9000.0)
    house.host_was_seen(loop)
    await house.probe.look()
    house.clock.pass_time(30)
    house.host_was_seen(
        DriverProcess(pid=7, name="nvidia-smi", state="D", age=9030.0)
    )

    seen = await house.probe.look()

    assert (seen.health, seen.reason) == (Health.UNKNOWN, "gpu_wedged")
    assert seen.reading is None


@pytest.mark.parametrize("number", [119, 120])
async def test_a_dead_gpu_processor_stops_the_asking(number: int) -> None:
    house = House(ran(TWO))
    await house.probe.look()
    house.clock.pass_time(15)
    house.host_was_seen(kernel=house.said(number))

    held = await house.probe.look()
    house.clock.pass_time(GSP_PAUSE)
    back = await house.probe.look()
    house.clock.pass_time(15)
    still = await house.probe.look()

    assert faults(held) == [("gpu_wedged", FIRST_UUID)]
    assert f"no answer came since Xid {number}" in held.because
    assert "NVIDIA GeForce RTX 3090" in held.because
    assert (back.health, still.health) == (Health.HEALTHY, Health.HEALTHY)
    assert house.smi.asked == 3


async def test_a_dead_processor_that_answered_since_stops_nothing() -> None:
    house = House(ran(TWO))
    kernel = house.said(119)
    house.clock.pass_time(1)
    await house.probe.look()
    house.host_was_seen(kernel=kernel)

    seen = await house.probe.look()

    assert seen.health is Health.HEALTHY
    assert house.smi.asked == 2


async def test_a_new_boot_is_looked_at_at_once() -> None:
    house = House(ran(code=75), ran(TWO))
    house.host_was_seen()
    await house.probe.look()
    house.notes.drivers = None
    held = await house.probe.look()
    house.notes.boot_id = "b2"

    seen = await house.probe.look()

    assert held.reason == "gpu_wedged"
    assert seen.health is Health.HEALTHY


async def test_a_fallen_gpu_is_explained_by_the_kernel() -> None:
    house = House(ran(TWO), ran(ONLY_SECOND))
    await house.probe.look()
    house.host_was_seen(kernel=house.said(79), on_bus=("0000:0a:00.0",))

    seen = await house.probe.look()

    assert faults(seen) == [("gpu_lost", FIRST_UUID)]
    assert "Xid 79" in seen.because
    assert "still sees it on the PCI bus" in seen.because
    assert reading(seen).faults[0].advice == "reboot"
    assert len(reading(seen).gpus) == 1


async def test_old_notes_about_the_bus_do_not_count() -> None:
    house = House(ran(TWO))
    house.host_was_seen(on_bus=("0000:0f:00.0",))

    new = await house.probe.look()
    house.clock.pass_time(121)
    old = await house.probe.look()

    assert (new.reason, old.reason) == ("gpu_lost", "")


async def test_a_failure_without_words_is_explained_by_the_kernel() -> None:
    house = House(ran(b"Something failed\n", code=255))
    alone = await house.probe.look()
    house.host_was_seen(kernel=house.said(79))

    seen = await house.probe.look()

    assert (alone.reason, seen.reason) == ("failed", "gpu_lost")
    assert reading(seen).faults[0].pci_bus_id == "0000:0a:00"


async def test_memory_is_whose_processes_hold_it() -> None:
    house = House(ran(TWO))
    held = {
        process.pid: process.memory_bytes
        for gpu in reading(await house.probe.look()).gpus
        for process in gpu.processes
    }
    house.notes.own("studio", [4242], house.clock.now())

    fresh = await house.probe.look()
    house.clock.pass_time(121)
    old = await house.probe.look()

    assert (FIRST_UUID, "studio", held[4242]) in reading(fresh).owners
    assert {owner for _, owner, _ in reading(old).owners} == {"other"}
    assert sum(n for _, _, n in reading(old).owners) == sum(
        n for _, _, n in reading(fresh).owners
    )


class GivenUp:
    """An nvidia-smi whose caller is given up on the first time."""

    def __init__(self) -> None:
        self.asked = 0

    async def collect(self, *, within: float) -> Ran:
        self.asked += 1
        assert within == 10.0
        if self.asked == 1:
            raise asyncio.CancelledError
        return ran(TWO)


async def test_a_look_that_is_given_up_counts_as_a_hang() -> None:
    clock, smi = FakeClock(), GivenUp()
    probe = GpuProbe(KEY, smi, clock, HostNotes(), within=10.0, interval=15.0)
    with pytest.raises(asyncio.CancelledError):
        await probe.look()

    held = await probe.look()
    clock.pass_time(30)
    back = await probe.look()

    assert held.because.startswith("nvidia-smi was given up")
    assert back.health is Health.HEALTHY
    assert smi.asked == 2


def test_notes_keep_what_a_look_could_not_tell() -> None:
    house = House(ran(TWO))
    kernel = house.said(79)
    house.host_was_seen(STUCK, kernel=kernel, on_bus=("0000:0a:00.0",))

    house.notes.saw(MachineReading(way="plain"), 5.0)

    notes = house.notes
    assert (notes.kernel, notes.boot_id) == (kernel, "b1")
    assert (notes.drivers, notes.drivers_at) == (None, 5.0)
    assert (notes.gpus_on_bus, notes.clock_offset) == (None, None)


def test_a_disowned_process_is_the_others() -> None:
    notes = HostNotes()
    notes.own("studio", [1], 0.0)

    mine = notes.owner(1, 5.0, 120.0)
    notes.disown("studio")

    assert (mine, notes.owner(1, 5.0, 120.0)) == ("studio", "other")


async def test_an_answer_is_remembered_without_the_hosts_clock() -> None:
    house = House(ran(TWO))
    house.host_was_seen(kernel=house.said(119))
    house.notes.clock_offset = None
    await house.probe.look()
    house.clock.pass_time(GSP_PAUSE)
    await house.probe.look()

    seen = await house.probe.look()

    assert seen.health is Health.HEALTHY
    assert house.smi.asked == 2
