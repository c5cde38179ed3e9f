"""A simulated gate lets one monitor act once, with a key for it."""

import pytest

from monitor.gate.protocol import Refused
from monitor.simulator.gate.acting import LASTS, Acting, Fenced
from monitor.simulator.gate.site import Answer
from monitor.simulator.machine.process import STOPPED
from monitor.simulator.machine.world import Doing, World

NOW = 1_760_000_000.0


class Machine:
    """A world, and who acts on it; restarts are counted."""

    def __init__(self) -> None:
        self.passed = 100.0
        self.restarts = 0
        self.world = World("studio", Doing, lambda: NOW)
        self.acting = Acting(self.world, lambda: self.passed, self._restart)

    def asks(self, do: str, **more: object) -> Answer:
        about = {"service": "studio", "change": "c1", "token": 7}
        return self.acting.answer({"do": do, **about, **more})

    def restarts_with(self, word: object, /, **more: object) -> Answer:
        process = self.world.service.process
        assert process is not None
        named = [{"pid": process.pid, "start_ticks": process.start_ticks}]
        about: dict[str, object] = {
            "nonce": word,
            "boot_id": self.world.boot.id,
            "processes": named,
        }
        asked = {"do": "restart", "service": "studio", "change": "c1"}
        return self.acting.answer({**asked, "token": 7, **about, **more})

    def _restart(self) -> None:
        self.restarts += 1
        self.world.end(STOPPED, NOW)
        self.world.start(NOW)


@pytest.fixture
def machine() -> Machine:
    return Machine()


def refused(reason: str) -> pytest.RaisesExc[Refused]:
    return pytest.raises(Refused, check=lambda e: e.reason == reason)


def test_a_restart_is_done_once_and_told_afterwards(machine: Machine) -> None:
    before = machine.asks("became")
    nonce = machine.asks("prepare")["nonce"]

    answer = machine.restarts_with(nonce)

    assert before["state"] == "none"
    assert answer["state"] == "done"
    assert machine.asks("became")["state"] == "done"
    assert machine.asks("became", change="c2")["state"] == "none"
    with refused("nonce"):
        machine.restarts_with(nonce)
    assert machine.restarts == 1


def test_a_nonce_opens_nothing_when_its_time_is_over(machine: Machine) -> None:
    nonce = machine.asks("prepare")["nonce"]

    machine.passed += LASTS + 0.1

    with refused("nonce"):
        machine.restarts_with(nonce)


def test_a_monitor_that_was_paused_is_fenced(machine: Machine) -> None:
    nonce = machine.asks("prepare")["nonce"]
    machine.asks("prepare", change="c2", token=8)

    with pytest.raises(Fenced) as fenced:
        machine.restarts_with(nonce)
    with refused("fenced"):
        machine.asks("prepare", change="c3", token=8)

    assert fenced.value.highest == 8
    assert machine.restarts == 0


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"boot_id": "another"}, "boot"),
        ({"processes": []}, "identity"),
        ({"processes": [{"pid": 1, "start_ticks": 1}]}, "identity"),
        ({"processes": [[]]}, "identity"),
        ({"processes": None}, "identity"),
        ({"nonce": "0" * 32}, "nonce"),
        ({"service": "attic; reboot"}, "unknown_service"),
        ({"token": 0}, "bad_request"),
        ({"token": True}, "bad_request"),
        ({"change": None}, "bad_request"),
        ({"do": "reboot"}, "forbidden"),
    ],
)
def test_what_does_not_fit_does_nothing(
    machine: Machine, more: dict[str, object], reason: str
) -> None:
    nonce = machine.asks("prepare")["nonce"]

    with refused(reason):
        machine.restarts_with(nonce, **more)

    assert machine.restarts == 0


@pytest.mark.parametrize(
    ("aims", "do"),
    [("restart", "free-gpu-memory"), ("free-gpu-memory", "restart")],
)
def test_a_nonce_opens_only_the_effect_that_it_is_for(
    machine: Machine, aims: str, do: str
) -> None:
    nonce = machine.asks("prepare", **{"for": aims})["nonce"]

    with refused("nonce"):
        machine.restarts_with(nonce, do=do)

    assert machine.restarts == 0


def test_it_remembers_the_newest_hundred(machine: Machine) -> None:
    for number in range(1, 103):
        about = {"change": f"c{number}", "token": number}
        nonce = machine.asks("prepare", **about)["nonce"]
        machine.restarts_with(nonce, **about)

    states = [
        machine.asks("became", change=f"c{number}")["state"]
        for number in (1, 2, 3, 102)
    ]

    assert states == ["none", "none", "done", "done"]


def test_freeing_its_memory_ends_it_and_starts_it_again(
    machine: Machine,
) -> None:
    before = machine.world.service.process

    answer = machine.restarts_with(
        machine.asks("prepare", **{"for": "free-gpu-memory"})["nonce"],
        do="free-gpu-memory",
    )

    assert answer["state"] == "done"
    assert machine.restarts == 1
    assert machine.world.service.process is not before
