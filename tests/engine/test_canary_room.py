"""What is known as a canary sets out."""

from dataclasses import replace

from monitor.domain.canary.baseline import Baseline
from monitor.domain.canary.budget import Share
from monitor.domain.canary.circumstances import Circumstances
from monitor.domain.canary.plan import CanaryPlan
from monitor.domain.canary.reading import CanaryReading, Operation, Result
from monitor.domain.fleet import Host, Target
from monitor.domain.gpu.reading import Gpu, GpuReading
from monitor.domain.health import Health
from monitor.domain.judgement import Track
from monitor.domain.observation import CheckKey, Kind, Reading
from monitor.domain.status import StatusReading
from monitor.engine.board import Board
from monitor.engine.canary_room import CanaryRoom
from monitor.engine.check import Check
from monitor.engine.events import Looked
from monitor.engine.warmth import Warmth
from tests.fakes.clock import FakeClock
from tests.fakes.probe import STUDIO, FakeProbe, check_of, seen

FACE = CheckKey(kind=Kind.TARGET, subject="studio", check="canary.face")
CARDS = CheckKey(kind=Kind.HOST, subject="gpu1", check="gpu")
PLAN = CanaryPlan(
    canary="face", operation=Operation.ENHANCE, model="codeformer", timeout=60
)
SHARE = Share(target="studio", host="gpu1", gpus=(1,))
CHECKS = {
    FACE: check_of(FakeProbe(FakeClock(), FACE), kind="canary"),
    STUDIO: check_of(FakeProbe(FakeClock(), STUDIO)),
    CARDS: check_of(FakeProbe(FakeClock(), CARDS), kind="gpu"),
}
GPUS = GpuReading(
    gpus=tuple(
        Gpu(uuid=f"GPU-{index}", index=index, name=name, pci_bus_id="")
        for index, name in ((1, "Tesla T4"), (0, "NVIDIA A10"))
    )
)
RUN = CanaryReading(
    canary="face",
    operation=Operation.ENHANCE,
    model="codeformer",
    result=Result.OK,
    duration=2.0,
    gpu="Tesla T4",
    version="3.5.0",
    counted=True,
)


class House:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.planned = False
        self.board = Board(
            [Target(name="studio", url="http://x", dialect="rest")],
            [Host(name="gpu1")],
            CHECKS.values(),
        )
        self.room = CanaryRoom(
            clock=self.clock,
            board=self.board,
            warmth=Warmth(),
            planned=lambda key: self.planned and key == FACE,
        )
        self.room.furnish([SHARE])

    def look(
        self, key: CheckKey, reading: Reading, health: Health = Health.HEALTHY
    ) -> None:
        check: Check = CHECKS[key]
        look = seen(
            health, key=key, at=self.clock.now(), reading=reading, probe="x"
        )
        track = Track(health=health)
        self.board.post(check, look, track)
        self.room.heard(
            Looked(check=check, seen=look, track=track, changed=None)
        )

    def around(self) -> Circumstances:
        return self.room.around(FACE, PLAN)


def test_nothing_is_known_of_a_server_that_nobody_looked_at() -> None:
    assert House().around() == Circumstances(cold=True)


def test_everything_that_was_heard_is_known() -> None:
    house = House()
    house.look(CARDS, GPUS)
    house.look(STUDIO, StatusReading(dialect="rest", version="3.5.0"))
    for _ in range(10):
        house.look(FACE, RUN)

    assert house.around() == Circumstances(
        gpu="Tesla T4",
        version="3.5.0",
        baseline=Baseline(median=2.0, spread=0.0, runs=10),
    )


def test_another_version_has_another_baseline_and_is_cold() -> None:
    house = House()
    house.look(CARDS, GPUS)
    house.look(STUDIO, StatusReading(dialect="rest", version="3.5.0"))
    for _ in range(10):
        house.look(FACE, RUN)
    house.look(STUDIO, StatusReading(dialect="rest", version="3.6.0"))

    assert house.around() == Circumstances(
        gpu="Tesla T4", version="3.6.0", cold=True
    )


def test_a_server_on_all_gpus_is_known_by_its_first() -> None:
    house = House()
    house.look(CARDS, GPUS)
    house.room.furnish([replace(SHARE, gpus=())])

    assert house.around().gpu == "NVIDIA A10"


def test_a_gpu_is_known_by_its_uuid_too() -> None:
    house = House()
    house.look(CARDS, GPUS)
    house.room.furnish([replace(SHARE, gpus=("GPU-1",))])

    assert house.around().gpu == "Tesla T4"


def test_a_gpu_that_the_host_does_not_have_has_no_name() -> None:
    house = House()
    house.look(CARDS, GPUS)

    house.room.furnish([replace(SHARE, gpus=(7,))])
    assert house.around().gpu == ""
    house.room.furnish([])
    assert house.around().gpu == ""


def test_maintenance_freezes_the_baseline() -> None:
    house = House()
    assert not house.around().frozen

    house.planned = True

    assert house.around().frozen


def test_an_unhealthy_server_freezes_the_baseline_and_a_degraded_not() -> None:
    house = House()
    reading = StatusReading(dialect="rest")

    house.look(STUDIO, reading, Health.DEGRADED)
    assert not house.around().frozen
    house.look(STUDIO, reading, Health.UNHEALTHY)

    assert house.around().frozen


def test_a_run_that_met_a_busy_server_knows_it() -> None:
    house = House()
    house.look(STUDIO, StatusReading(dialect="rest", queue_size=2))

    assert house.room.gate(CHECKS[FACE]) is not None
    assert house.room.gate(CHECKS[FACE]) is None

    assert house.around().busy == "2 jobs in its queue"
