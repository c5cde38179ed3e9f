"""The probe, at a shell whose answers are written down beforehand."""

from pathlib import Path

import pytest

from monitor.domain.errors import CannotReach
from monitor.domain.gpu.reading import GpuReading
from monitor.domain.health import Health
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.probes.gpu import GpuProbe
from monitor.probes.gpu_script import script
from tests.fakes.clock import FakeClock
from tests.fakes.shell import FakeShell, ran

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


class House:
    """A probe with its shell and its clock."""

    def __init__(self, *answers: object) -> None:
        self.clock = FakeClock()
        self.shell = FakeShell(self.clock, *answers)
        self.probe = GpuProbe(KEY, self.shell, self.clock, within=10.0)


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


async def test_the_host_gets_our_constant_script_and_nothing_else() -> None:
    house = House(ran(TWO), ran(LOST + ONLY_SECOND, code=15))

    await house.probe.look()
    await house.probe.look()

    assert house.shell.scripts == [script(10.0)] * 2


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


async def test_a_driver_mismatch_is_named() -> None:
    text = b"Failed to initialize NVML: Driver/library version mismatch\n"
    house = House(ran(text, code=18))

    seen = await house.probe.look()

    assert (seen.health, seen.reason) == (Health.UNHEALTHY, "driver_mismatch")
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

    seen = await house.probe.look()

    assert faults(seen) == [("gpu_lost", FIRST_UUID)]


async def test_a_large_answer_is_read_all_the_same() -> None:
    banner = b"Welcome.\n" * 100_000
    house = House(ran(banner + TWO))

    seen = await house.probe.look()

    assert seen.health is Health.HEALTHY
