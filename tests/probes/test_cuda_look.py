"""The look at CUDA asks the gate once and ends in one line."""

from monitor.domain.errors import CannotReach
from monitor.domain.health import Health
from monitor.probes.cuda import CudaLook
from tests.domain.machine_parts import AT
from tests.domain.service_parts import ASKED
from tests.fakes.clock import FakeClock
from tests.fakes.gate import FakeGate

PART = {
    "nvcc": None,
    "pid": 70,
    "python": "/opt/ff/bin/python",
    "packages": [{"name": "onnxruntime", "version": "1.20.0"}],
    "providers": [],
    "loaded": None,
    "devices": None,
}


class House:
    def __init__(self) -> None:
        clock = FakeClock(AT)
        self.gate = FakeGate(clock)
        self.look = CudaLook(self.gate, clock, asked=ASKED, within=8.0)


async def test_what_is_installed_makes_the_line() -> None:
    house = House()
    house.gate.will_observe("cuda", PART)

    line = await house.look.look()

    assert (line.check, line.health) == ("cuda", Health.DEGRADED)
    assert line.reason == "no_gpu_build"
    assert "onnxruntime 1.20.0" in line.facts
    assert line.seconds > 0


async def test_it_asks_for_the_service_and_nothing_else() -> None:
    house = House()
    house.gate.will_observe("cuda", PART)

    await house.look.look()

    assert house.gate.asked == [{"cuda": ASKED.question}]


async def test_a_host_that_is_away_is_unknown() -> None:
    house = House()
    house.gate.fails(CannotReach("cannot reach gpu1", reason="refused"))

    line = await house.look.look()

    assert (line.health, line.reason) == (Health.UNKNOWN, "refused")
    assert line.because == "cannot reach gpu1"


async def test_a_host_that_cannot_tell_has_no_facts() -> None:
    house = House()
    house.gate.gap("cuda", "", "cannot observe cuda there: old Python")

    line = await house.look.look()

    assert (line.reason, line.facts) == ("unseen", ())
    assert line.because == "cannot observe cuda there: old Python"
