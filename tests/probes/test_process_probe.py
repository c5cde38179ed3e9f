"""The probe of a service, at a gate whose answers are written beforehand."""

import math
from dataclasses import replace

import pytest
from typing_extensions import override

from monitor.domain.errors import CannotReach
from monitor.domain.health import Health
from monitor.domain.kernel.event import KernelReading, XidEvent
from monitor.domain.machine.reading import DriverProcess, MachineReading
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.domain.service.reading import GpuShare, ServiceReading
from monitor.ports import GateAnswer
from monitor.probes.host_notes import OTHER, HostNotes
from monitor.probes.process import ProcessProbe
from tests.domain.machine_parts import AT
from tests.domain.service_parts import ASKED, process, service, unit
from tests.fakes.clock import FakeClock
from tests.fakes.gate import FakeGate, Parts

KEY = CheckKey(kind=Kind.TARGET, subject="studio", check="process")
PMON = (
    "# gpu        pid  type    sm   mem   enc   dec   command\n"
    "# Idx          #   C/G     %     %     %     %   name\n"
    "    0        812     C    37    12     -     -   python\n"
    "    0        999     C    50    12     -     -   other\n"
)
GONE = {
    "unit": unit(active_state="failed", result="signal", main_pid=0),
    "processes": [],
    "listeners": [],
}


class House:
    """A probe with its gate, its clock and its notes; all is well there."""

    def __init__(self, *, wants_pmon: bool = True) -> None:
        self.clock = FakeClock(AT)
        self.gate = FakeGate(self.clock)
        self.notes = HostNotes()
        self.drive()
        self.gate.will_observe("service", service())
        self.gate.will_observe("pmon", {"code": 0, "stdout": PMON})
        self.probe = ProcessProbe(
            KEY,
            self.gate,
            self.clock,
            self.notes,
            asked=replace(ASKED, wants_pmon=wants_pmon),
            within=8.0,
        )

    def drive(self, *states: str, xid: int = 0) -> None:
        """Note nvidia-smi processes in these states, as of now."""
        event = XidEvent(boot_id="b", at=AT, pci_bus_id="0:1", xid=xid)
        seen = MachineReading(
            way="stdin",
            drivers=tuple(
                DriverProcess(pid=7, name="nvidia-smi", state=state, age=9.0)
                for state in states
            ),
            kernel=KernelReading(
                source="journal",
                cursor=None,
                boot_id="b",
                xids=(event,) if xid else (),
            ),
        )
        self.notes.saw(seen, self.clock.now())

    @property
    def asked(self) -> list[str]:
        """Return the parts that were asked for, in order."""
        return [part for parts in self.gate.asked for part in parts]


def reading(seen: Observation) -> ServiceReading:
    assert isinstance(seen.reading, ServiceReading)
    return seen.reading


async def test_a_service_without_trouble_is_a_healthy_look() -> None:
    house = House()

    seen = await house.probe.look()

    assert (seen.key, seen.probe) == (KEY, "process")
    assert seen.at == AT
    assert seen.duration == pytest.approx(0.1)
    assert (seen.health, seen.reason) == (Health.HEALTHY, "")
    assert reading(seen).server is not None
    assert reading(seen).cpu_ratio is None
    assert reading(seen).gpu_shares is None


async def test_what_is_asked_comes_from_the_settings() -> None:
    house = House()

    await house.probe.look()

    assert house.gate.asked == [
        {
            "service": {
                "manager": "systemd",
                "unit": "facefusion.service",
                "directory": "/opt/facefusion",
                "port": 9002,
            }
        }
    ]
    assert house.gate.withins == [8.0]


async def test_a_server_that_was_killed_is_down_and_says_how() -> None:
    house = House()
    killed = unit(
        active_state="failed",
        result="signal",
        exit_code="killed",
        exit_status=9,
        main_pid=0,
    )
    house.gate.will_observe("service", {**GONE, "unit": killed})

    seen = await house.probe.look()

    assert (seen.health, seen.reason) == (Health.UNHEALTHY, "process_down")
    assert "was killed by SIGKILL" in seen.because


async def test_cpu_time_is_told_from_the_second_look_on() -> None:
    house = House(wants_pmon=False)
    await house.probe.look()
    house.clock.pass_time(9.9)
    busy = service(processes=[process(cpu_seconds=135.5)])
    house.gate.will_observe("service", busy)

    seen = await house.probe.look()

    assert reading(seen).cpu_ratio == pytest.approx(1.5)


async def test_three_starts_in_ten_minutes_are_a_loop() -> None:
    house = House(wants_pmon=False)
    reasons = []

    for restarts in (0, 1, 2, 3):
        again = service(unit=unit(restarts=restarts))
        house.gate.will_observe("service", again)
        reasons.append((await house.probe.look()).reason)
        house.clock.pass_time(30.0)

    assert reasons == ["", "", "", "crash_loop"]


async def test_shares_of_a_gpu_are_those_of_its_own_processes() -> None:
    house = House()
    await house.probe.look()

    seen = await house.probe.look()

    assert house.asked == ["service", "service", "pmon"]
    assert house.gate.withins[1:] == [8.0, 4.0]
    assert reading(seen).gpu_shares == (GpuShare(gpu=0, pid=812, ratio=0.37),)
    assert reading(seen).gaps == ()


async def test_nvidia_smi_is_not_asked_where_nobody_wants_it() -> None:
    house = House(wants_pmon=False)
    await house.probe.look()

    seen = await house.probe.look()

    assert house.asked == ["service", "service"]
    assert reading(seen).gpu_shares is None


@pytest.mark.parametrize(
    ("states", "xid"), [(["S", "D"], 0), ([], 119), ([], 120)]
)
async def test_nvidia_smi_is_not_asked_where_it_would_hang(
    states: list[str], xid: int
) -> None:
    house = House()
    house.drive(*states, xid=xid)
    await house.probe.look()

    await house.probe.look()

    assert "pmon" not in house.asked


async def test_nvidia_smi_is_not_asked_after_notes_that_are_too_old() -> None:
    house = House()
    await house.probe.look()
    house.clock.pass_time(120.0)

    await house.probe.look()

    assert "pmon" not in house.asked


async def test_nvidia_smi_is_not_asked_where_nobody_looked() -> None:
    house = House()
    house.notes.drivers_at = None
    await house.probe.look()

    await house.probe.look()

    assert "pmon" not in house.asked


async def test_nvidia_smi_is_not_asked_without_a_gate() -> None:
    house = House()
    house.gate.way = "plain"
    await house.probe.look()

    await house.probe.look()

    assert "pmon" not in house.asked


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"code": 0, "stdout": "nonsense"}, "cannot read nvidia-smi pmon"),
        ({"code": 0}, "cannot read nvidia-smi pmon"),
        ({}, "cannot read pmon.code: it is missing"),
        (None, "cannot observe pmon: nobody told the fake"),
    ],
)
async def test_a_failing_nvidia_smi_is_a_gap_and_no_fault(
    part: dict[str, object] | None, words: str
) -> None:
    house = House()
    await house.probe.look()
    if part is None:
        house.gate.forgets("pmon")
    else:
        house.gate.will_observe("pmon", part)

    seen = await house.probe.look()

    assert seen.health is Health.HEALTHY
    assert reading(seen).gpu_shares is None
    assert [gap.part for gap in reading(seen).gaps] == ["pmon"]
    assert words in seen.because


async def test_a_failing_driver_is_told_by_the_look_at_the_gpus() -> None:
    house = House()
    await house.probe.look()
    house.gate.will_observe("pmon", {"code": 18, "stdout": "Failed"})

    seen = await house.probe.look()

    assert seen.health is Health.HEALTHY
    assert reading(seen).gpu_shares is None
    assert reading(seen).gaps == ()
    assert "pmon" not in seen.because


class PmonFails(FakeGate):
    """A gate that loses its line when nvidia-smi is asked."""

    @override
    async def observe(self, parts: Parts, *, within: float) -> GateAnswer:
        if "pmon" in parts:
            raise CannotReach("cannot reach gpu1: late", reason="timeout")
        return await super().observe(parts, within=within)


async def test_an_nvidia_smi_that_takes_too_long_hides_no_service() -> None:
    house = House()
    gate = PmonFails(house.clock)
    gate.will_observe("service", service())
    asked = replace(ASKED, wants_pmon=True)
    probe = ProcessProbe(
        KEY, gate, house.clock, house.notes, asked=asked, within=8.0
    )
    await probe.look()

    seen = await probe.look()

    assert seen.health is Health.HEALTHY
    assert reading(seen).gaps[0].because == "cannot reach gpu1: late"


async def test_whose_the_processes_are_is_noted() -> None:
    house = House()
    helper = process(pid=813, is_server=False, started_at=AT - 10)
    house.gate.will_observe("service", service(processes=[process(), helper]))

    await house.probe.look()

    now = house.clock.now()
    assert house.notes.owner(812, now, 60.0) == "studio"
    assert house.notes.owner(813, now, 60.0) == "studio"
    assert house.notes.owner(999, now, 60.0) == OTHER
    assert house.notes.started("studio") == AT - 3600
    assert house.notes.working("studio") is None
    assert house.notes.working("annex") is None


async def test_that_it_works_is_noted_from_the_second_look_on() -> None:
    house = House()
    await house.probe.look()

    await house.probe.look()

    assert house.notes.working("studio") is True


async def test_what_was_seen_is_noted_though_some_could_not_be() -> None:
    house = House()
    house.gate.gap("service", "processes", "cannot tell of all")

    await house.probe.look()

    assert house.notes.owner(812, house.clock.now(), 60.0) == "studio"


async def test_processes_that_are_gone_are_nobodys() -> None:
    house = House()
    await house.probe.look()
    house.gate.will_observe("service", GONE)

    await house.probe.look()

    assert house.notes.owner(812, house.clock.now(), 60.0) == OTHER
    assert house.notes.started("studio") == math.inf


async def test_processes_that_could_not_be_seen_stay_noted() -> None:
    house = House()
    await house.probe.look()
    house.gate.forgets("service")

    seen = await house.probe.look()

    assert (seen.health, seen.reason) == (Health.UNKNOWN, "unseen")
    assert house.notes.owner(812, house.clock.now(), 60.0) == "studio"


@pytest.mark.parametrize("reason", ["timeout", "auth", "gate_missing"])
async def test_a_host_that_cannot_be_reached_says_nothing_of_its_service(
    reason: str,
) -> None:
    house = House()
    house.gate.fails(CannotReach("cannot reach gpu1: no", reason=reason))

    seen = await house.probe.look()

    assert (seen.health, seen.reason) == (Health.UNKNOWN, reason)
    assert seen.because == "cannot reach gpu1: no"
    assert seen.reading is None
