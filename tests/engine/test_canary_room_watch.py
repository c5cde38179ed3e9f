"""A canary under a watch: cold, usual, slow, too fast, held back."""

import json

from monitor.domain.answer import Answer
from monitor.domain.canary.budget import Share
from monitor.domain.canary.job import Job
from monitor.domain.canary.plan import CanaryInput, CanaryPlan
from monitor.domain.canary.reading import CanaryReading, Operation, Result
from monitor.domain.fleet import Host, Target
from monitor.domain.gpu.reading import Gpu, GpuReading
from monitor.domain.health import Health
from monitor.domain.judgement import Track
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.domain.status import StatusReading
from monitor.engine.board import Board
from monitor.engine.canary_room import CanaryRoom
from monitor.engine.check import Check, Rules
from monitor.engine.events import Event, Skipped
from monitor.engine.warmth import Warmth
from monitor.engine.watch import Watch
from monitor.ports import Due
from monitor.probes.canary import CanaryProbe
from tests.fakes.canary_files import FakeCanaryFiles
from tests.fakes.clock import FakeClock
from tests.fakes.facefusion import FakeFaceFusion, answer
from tests.fakes.images import FakeImages
from tests.fakes.probe import STUDIO, FakeProbe, check_of, seen
from tests.fakes.store import FakeStore

FACE = CheckKey(kind=Kind.TARGET, subject="studio", check="canary.face")
CARDS = CheckKey(kind=Kind.HOST, subject="gpu1", check="gpu")
PLAN = CanaryPlan(
    canary="face",
    operation=Operation.ENHANCE,
    model="gfpgan_1.4",
    timeout=120,
)
OUTPUT = "/srv/output/1.png"


class House:
    """One server on a Tesla T4, its canary, and all that judges it."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.files = FakeCanaryFiles(self.clock)
        self.seconds = 6.0
        self.planned = False
        self.told: list[Event] = []
        self.status = check_of(FakeProbe(self.clock))
        self.cards = check_of(FakeProbe(self.clock, CARDS), kind="gpu")
        self.board = Board(
            [Target(name="studio", url="http://x", dialect="rest")],
            [Host(name="gpu1")],
            [self.status, self.cards],
        )
        self.room = CanaryRoom(
            clock=self.clock,
            board=self.board,
            warmth=Warmth(),
            planned=lambda _: self.planned,
        )
        self.check = self._canary()
        self.board.rewire(
            self.board.targets.values(),
            self.board.hosts.values(),
            [self.status, self.cards, self.check],
        )
        self.room.furnish([Share(target="studio", host="gpu1", budget=0.5)])
        self.watch = Watch(
            clock=self.clock,
            board=self.board,
            store=FakeStore(),
            tell=self._tell,
            rules=Rules(hold=self.room.gate),
        )

    def _canary(self) -> Check:
        probe = CanaryProbe(
            FACE,
            PLAN,
            facefusion=FakeFaceFusion(self.clock, runs=self._work),
            files=self.files,
            images=FakeImages(),
            clock=self.clock,
            inputs=[CanaryInput(image=b"portrait")],
            around=lambda: self.room.around(FACE, PLAN),
        )
        return Check(
            key=FACE,
            kind="canary",
            probe=probe,
            interval=300.0,
            timeout=120.0,
            deadline=200.0,
        )

    def _work(self, _: Job) -> Answer:
        self.files.outputs[OUTPUT] = b"enhanced"
        body = json.dumps({"output_path": OUTPUT}).encode()
        return answer(body, duration=self.seconds)

    def _tell(self, event: Event) -> None:
        self.told.append(event)
        self.room.heard(event)

    async def run(self, seconds: float | None = None) -> Observation | None:
        """Let five minutes pass, and the canary be due."""
        self.clock.pass_time(300.0)
        self._post_cards()
        self.seconds = seconds or self.seconds
        due = Due(at=self.clock.now())
        looked = await self.watch.turn(self.check, due)
        return None if looked is None else looked.seen

    async def runs(self, times: int, seconds: float | None = None) -> None:
        for _ in range(times):
            assert await self.run(seconds) is not None

    def _post_cards(self) -> None:
        card = Gpu(uuid="GPU-0", index=0, name="Tesla T4", pci_bus_id="")
        self._post(
            self.cards, seen(key=CARDS, reading=GpuReading(gpus=(card,)))
        )

    def queue(self, size: int) -> None:
        reading = StatusReading(dialect="rest", queue_size=size)
        at = self.clock.now() + 300.0
        self._post(self.status, seen(key=STUDIO, at=at, reading=reading))

    def _post(self, check: Check, look: Observation) -> None:
        self.board.post(check, look, Track(health=Health.HEALTHY))

    def health(self) -> Health:
        return self.board.entry(FACE).track.health


def reading(look: Observation | None) -> CanaryReading:
    assert look is not None
    assert isinstance(look.reading, CanaryReading)
    return look.reading


async def test_the_first_run_is_cold_and_the_second_is_not() -> None:
    house = House()

    cold, warm = reading(await house.run(50.0)), reading(await house.run(6.0))

    assert (cold.result, cold.counted) == (Result.COLD, False)
    assert (warm.result, warm.counted) == (Result.OK, True)
    assert house.health() is Health.HEALTHY


async def test_after_ten_runs_the_server_is_measured_by_itself() -> None:
    house = House()
    await house.runs(11, 6.0)

    slow = reading(await house.run(9.1))
    fast = await house.run(2.9)

    assert (slow.result, slow.baseline) == (Result.SLOW, 6.0)
    assert not slow.counted
    assert (reading(fast).result, reading(fast).counted) == (Result.OK, True)
    assert fast is not None
    assert fast.reason == "too_fast"


async def test_three_slow_runs_of_five_make_it_degraded() -> None:
    house = House()
    await house.runs(11, 6.0)

    for seconds in (9.5, 6.0, 9.5):
        await house.run(seconds)
    assert house.health() is Health.HEALTHY
    await house.run(9.5)

    assert house.health() is Health.DEGRADED


async def test_a_server_that_really_got_faster_is_believed_in_time() -> None:
    house = House()
    await house.runs(41, 6.0)

    await house.runs(3, 2.0)
    assert house.health() is Health.DEGRADED
    await house.runs(40, 2.0)

    assert house.health() is Health.HEALTHY
    assert reading(await house.run(2.0)).baseline == 2.0


async def test_maintenance_leaves_the_baseline_as_it_is() -> None:
    house = House()
    await house.runs(11, 6.0)
    house.planned = True
    await house.runs(30, 8.0)
    house.planned = False

    assert reading(await house.run(6.0)).baseline == 6.0


async def test_a_busy_server_is_asked_every_other_time() -> None:
    house = House()
    await house.runs(11, 6.0)

    looks = []
    for _ in range(4):
        house.queue(3)
        looks.append(await house.run(20.0))

    first, second, third, fourth = looks
    assert first is third is None
    for look in (second, fourth):
        assert look is not None
        assert reading(look).result is Result.SLOW
        assert look.health is Health.UNKNOWN
    assert house.health() is Health.HEALTHY
    skipped = [e for e in house.told if isinstance(e, Skipped)]
    assert [(e.reason, e.because) for e in skipped] == [
        ("busy", "the server is busy: 3 jobs in its queue")
    ] * 2
