"""A simulated machine whose gate is asked to reboot goes down and is back."""

from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.gate.protocol import Refused
from monitor.simulator.faults import Faults
from monitor.simulator.gate.site import Site
from monitor.simulator.gate.verbs import Verbs
from monitor.simulator.gate.watching import Watching
from monitor.simulator.inside import Inside
from monitor.simulator.machine.booting import Pace

START = 1_760_000_000.0
PACE = Pace(answers=2.0, away=8.0)
REBOOTED = (
    *("gpu_lost", "nvidia_smi_hang", "driver_mismatch", "xid"),
    *("gpu_reset_required", "gpu_hardware", "out_of_memory"),
)
SERVICE = {"service": "studio", "change": "c1", "token": 7}


class Machine:
    """A machine in a time of its own, and the gate that a key opens."""

    def __init__(self, folder: Path, role: str) -> None:
        self.passed = 100.0
        self.faults = Faults(self._changed)
        self._due: list[tuple[float, Callable[[], None]]] = []
        self.inside = Inside(
            "studio",
            self.faults,
            gpus=2,
            speed=1.0,
            durations=None,
            clock=lambda: START + self.passed,
            cut=lambda: None,
            monotonic=lambda: self.passed,
            later=self._later,
            pace=PACE,
        )
        self.site = self.inside.site(canaries=folder, root=folder)
        self.verbs = _verbs(self.site, role)

    @property
    def boot(self) -> str:
        return self.inside.world.boot.id

    def asks(self, do: str, **more: object) -> dict[str, object]:
        asked = {"verb": "act", "do": do, **SERVICE, **more}
        return dict(self.verbs.answer(asked).body)

    def reboots(self, **more: object) -> dict[str, object]:
        process = self.inside.world.service.process
        assert process is not None
        named = [{"pid": process.pid, "start_ticks": process.start_ticks}]
        about: dict[str, object] = {
            "nonce": self.asks("prepare", **{"for": "reboot"}, **more)[
                "nonce"
            ],
            "boot_id": self.boot,
            "processes": named,
        }
        return self.asks("reboot", **about, **more)

    def pass_time(self, seconds: float) -> None:
        until = self.passed + seconds
        while due := sorted(one for one in self._due if one[0] <= until)[:1]:
            self._due.remove(due[0])
            self.passed = due[0][0]
            due[0][1]()
        self.passed = until

    def _later(self, seconds: float, do: Callable[[], None]) -> None:
        self._due.append((self.passed + seconds, do))

    def _changed(self, name: str) -> None:
        self.inside.changed(name)


def _verbs(site: Site, role: str) -> Verbs:
    watching = Watching(site.world, lambda _: None)
    return Verbs(site, "ffmon", watching, role)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path, "reboot")


def refused(reason: str) -> pytest.RaisesExc[Refused]:
    return pytest.raises(Refused, check=lambda e: e.reason == reason)


def test_it_answers_goes_down_and_is_back_in_another_boot(
    machine: Machine,
) -> None:
    before = machine.boot
    answer = machine.reboots()
    asked_at_once = machine.asks("became")["state"]
    machine.pass_time(PACE.answers)
    is_down = machine.faults.is_on("rebooting")
    process = machine.inside.world.service.process

    machine.pass_time(PACE.away)

    assert answer["state"] == asked_at_once == "running"
    assert answer["boot_id"] == before
    assert (is_down, process) == (True, None)
    assert machine.boot != before
    assert machine.inside.world.service.process is not None
    assert machine.asks("became")["state"] == "done"
    assert machine.faults.active() == {}


@pytest.mark.parametrize("fault", REBOOTED)
def test_what_a_reboot_heals_is_over(machine: Machine, fault: str) -> None:
    machine.faults.switch_on(fault, 79 if fault == "xid" else None)
    before = machine.boot
    machine.reboots()

    machine.pass_time(PACE.answers + PACE.away)

    smi = machine.inside.nvidia_smi
    assert machine.faults.active() == {}
    assert machine.boot != before
    assert (smi.hangs, smi.query(machine.passed).code) == (False, 0)
    assert machine.inside.world.kernel.after(None).entries == []


def test_what_it_does_not_heal_is_still_there(machine: Machine) -> None:
    machine.faults.switch_on("disk_full")
    machine.reboots()

    machine.pass_time(PACE.answers + PACE.away)

    assert set(machine.faults.active()) == {"disk_full"}


def test_one_that_does_not_go_down_has_failed_after_five_minutes(
    machine: Machine,
) -> None:
    machine.reboots()
    machine._due.clear()  # noqa: SLF001 - systemd forgot it
    machine.pass_time(299.0)
    still = machine.asks("became")["state"]

    machine.pass_time(1.0)

    assert still == "running"
    assert machine.asks("became")["state"] == "failed"


def test_nothing_else_is_done_while_it_goes_down(machine: Machine) -> None:
    machine.reboots()

    with refused("locked"):
        machine.reboots(change="c2", token=8)


@pytest.mark.parametrize(
    ("role", "do"),
    [("act", "reboot"), ("reboot", "restart"), ("reboot", "free-gpu-memory")],
)
def test_a_key_opens_only_its_own_role(
    tmp_path: Path, role: str, do: str
) -> None:
    machine = Machine(tmp_path, role)

    for asked in ({"do": do}, {"do": "prepare", "for": do}):
        with refused("forbidden"):
            machine.asks(**asked)


def test_a_reboot_key_greets_as_root(machine: Machine) -> None:
    greeting = machine.verbs.answer({"verb": "hello"}).body

    assert (greeting["role"], greeting["user"]) == ("reboot", "root")
    with refused("unknown_verb"):
        machine.verbs.answer({"verb": "files"})


def test_before_a_reboot_people_and_packages_are_told(
    machine: Machine,
) -> None:
    seen = machine.asks("prepare", **{"for": "reboot"})["machine"]

    assert isinstance(seen, dict)
    assert (seen["people"], seen["packages"]) == ([], [])
    assert seen["inhibitors"] == []


def test_before_memory_is_freed_the_cards_are_told(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "act")

    do = "free-gpu-memory"
    seen = machine.asks("prepare", **{"for": do})["gpu"]

    assert isinstance(seen, dict)
    assert seen["code"] == 0
    assert "<nvidia_smi_log>" in str(seen["stdout"])
    for asked in ({"do": "prepare"}, {"do": "became", "for": do}):
        assert set(machine.asks(**asked)) & {"gpu", "machine"} == set()


def test_a_machine_that_nobody_would_start_refuses(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "reboot")
    acting = machine.inside._acting  # noqa: SLF001 - as without `later`
    acting._reboot = None  # noqa: SLF001

    with refused("unsupported"):
        machine.reboots()
