"""Which way nvidia-smi is run, and what of an answer is believed."""

from collections.abc import AsyncGenerator, Mapping, Sequence

import pytest

from monitor.adapters.gate.nvidia import RemoteNvidiaSmi
from monitor.domain.errors import CannotReach
from monitor.ports import GateAnswer
from tests.fakes.clock import FakeClock
from tests.fakes.gate import FakeGate
from tests.fakes.shell import FakeShell, ran

Body = Mapping[str, object]
TOLD = {"code": 6, "stdout": "<xml ä>", "stderr": "oh", "duration": 0.5}


class FoundGate:
    """A FakeGate that tells how it was found, as the adapter does."""

    where = "host 'gpu1' (192.0.2.1:22)"

    def __init__(self, fake: FakeGate) -> None:
        self.fake = fake
        self.lost: CannotReach | None = None

    async def way(self, *, within: float) -> str:
        assert within > 0
        if self.lost:
            raise self.lost
        return self.fake.way

    async def hello(self, *, within: float) -> GateAnswer:
        return await self.fake.hello(within=within)

    async def observe(
        self, parts: Mapping[str, Body], *, within: float
    ) -> GateAnswer:
        return await self.fake.observe(parts, within=within)

    async def files(self, request: Body, *, within: float) -> GateAnswer:
        return await self.fake.files(request, within=within)

    def watch(self, services: Sequence[Body]) -> AsyncGenerator[Body, None]:
        return self.fake.watch(services)


@pytest.fixture
def gate() -> FoundGate:
    found = FoundGate(FakeGate(FakeClock()))
    found.fake.way = "installed"
    return found


@pytest.fixture
def shell() -> FakeShell:
    return FakeShell(FakeClock(), ran(b"by script", code=9))


async def test_an_installed_gate_is_asked(
    gate: FoundGate, shell: FakeShell
) -> None:
    gate.fake.will_observe("gpu", TOLD)

    told = await RemoteNvidiaSmi(shell, gate).collect(within=10)

    assert (told.code, told.stdout) == (6, "<xml ä>".encode())
    assert (told.stderr, told.duration) == (b"oh", 0.5)
    assert shell.scripts == []
    (asked,) = gate.fake.asked
    assert asked["gpu"]["within"] == pytest.approx(9, abs=0.1)


@pytest.mark.parametrize("way", ["stdin", "plain"])
async def test_elsewhere_the_script_is_run(
    gate: FoundGate, shell: FakeShell, way: str
) -> None:
    gate.fake.way = way

    told = await RemoteNvidiaSmi(shell, gate).collect(within=10)

    assert told.stdout == b"by script"
    assert gate.fake.asked == []
    assert "timeout -k 1 7" in shell.scripts[0]


async def test_a_gate_that_cannot_be_found_loses_no_look(
    gate: FoundGate, shell: FakeShell
) -> None:
    gate.lost = CannotReach("cannot start it", reason="gate_refused")

    told = await RemoteNvidiaSmi(shell, gate).collect(within=10)

    assert told.stdout == b"by script"


async def test_an_installed_gate_that_is_lost_is_not_gone_around(
    gate: FoundGate, shell: FakeShell
) -> None:
    gate.fake.will_observe("gpu", TOLD)
    smi = RemoteNvidiaSmi(shell, gate)
    await smi.collect(within=10)
    gate.lost = CannotReach("cannot start it", reason="closed")

    with pytest.raises(CannotReach, match="cannot start it"):
        await smi.collect(within=10)

    assert shell.scripts == []


async def test_a_gap_says_why_there_is_no_answer(
    gate: FoundGate, shell: FakeShell
) -> None:
    gate.fake.gap("gpu", "", "cannot end nvidia-smi: it is in D state")

    with pytest.raises(CannotReach, match="it is in D state") as caught:
        await RemoteNvidiaSmi(shell, gate).collect(within=10)

    assert caught.value.reason == "failed"


@pytest.mark.parametrize("name", ["code", "stdout", "duration"])
@pytest.mark.parametrize("value", [None, [], {}])
async def test_an_answer_without_its_words_is_unreadable(
    gate: FoundGate, shell: FakeShell, name: str, value: object
) -> None:
    gate.fake.will_observe("gpu", {**TOLD, name: value})

    with pytest.raises(CannotReach) as caught:
        await RemoteNvidiaSmi(shell, gate).collect(within=10)

    assert caught.value.reason == "unreadable"
