"""What canaries are wired with."""

from collections.abc import Iterator
from typing import Any

import pytest

from monitor.adapters.canary_files.shelf import MemoryShelf
from monitor.adapters.images import PillowImages
from monitor.adapters.net.system import SystemNet
from monitor.config import Settings
from monitor.config.sections.targets import Target
from monitor.daemon.canaries import Extras, checks
from monitor.daemon.canary_plans import plan_of, share_of
from monitor.daemon.tools import Tools
from monitor.domain.answer import Answer
from monitor.domain.canary.budget import Share
from monitor.domain.canary.circumstances import Circumstances
from monitor.domain.canary.job import Age, Batch, Enhance
from monitor.domain.canary.plan import CanaryPlan, Part
from monitor.domain.canary.reading import Operation
from monitor.domain.observation import CheckKey
from monitor.engine.check import Check
from monitor.probes.batch import BatchProbe
from monitor.probes.canary import CanaryProbe
from tests.fakes.backend_jobs import FakeBatches
from tests.fakes.clock import FakeClock
from tests.fakes.facefusion import FakeFaceFusion, answer

FACE = "http://sc:8000/uploads/face.jpg"
BACKEND = {
    "url": "http://sc:8000",
    "character_id": "canary",
    "image_url": FACE,
}
BATCH = {"operation": "batch"}


class Nowhere:
    """An address that always answers the same."""

    async def get(self, url: str, *, within: float, limit: int) -> Answer:
        del url, within, limit
        return answer()


def around(key: CheckKey, plan: CanaryPlan) -> Circumstances:
    return Circumstances(version=f"{key.label}: {plan.title}")


@pytest.fixture
def tools() -> Iterator[Tools]:
    images = PillowImages()
    clock = FakeClock()
    yield Tools(
        clock=clock,
        hosts={},
        shelf=MemoryShelf(clock),
        images=images,
        public_url="http://us",
        net=SystemNet(),
        around=around,
        on_step=lambda _: None,
    )
    images.close()


def target(*canaries: dict[str, Any], **settings: Any) -> Target:  # noqa: ANN401 - any setting
    ssh = {
        "address": "10.0.0.1",
        "user": "ffmon",
        "key_file": "/k",
        "known_hosts_file": "/h",
    }
    document = {
        "hosts": [{"name": "gpu1", "ssh": ssh}],
        "targets": [
            {
                "name": "studio",
                "url": "http://10.0.0.1:9002",
                "canary_files": {"via": "url"},
                "canaries": canaries,
                **settings,
            }
        ],
    }
    (made,) = Settings.model_validate(document).targets
    return made


def wired(
    asked: Target, tools: Tools, extras: Extras | None = None
) -> list[Check]:
    server = FakeFaceFusion()
    return list(checks(asked, server, Nowhere(), tools, extras))


def with_backend() -> Extras:
    backend = FakeBatches(FakeClock())
    return Extras(backend=backend, backend_http=Nowhere())


def test_a_check_knows_its_labels_and_benchmark_before_it_ran(
    tools: Tools,
) -> None:
    (check,) = wired(
        target({"operation": "enhance", "model": "codeformer"}), tools
    )

    assert check.labels == (
        ("canary", "enhance-codeformer"),
        ("operation", "enhance"),
        ("model", "codeformer"),
    )
    assert check.benchmark == (2.0, 3.0)


def test_canaries_of_one_host_share_a_lane(tools: Tools) -> None:
    age = {"operation": "age"}

    (one,) = wired(target(age, host="gpu1", name="a"), tools)
    (two,) = wired(target(age, host="gpu1", name="b"), tools)
    (three,) = wired(target(age, name="gpu1"), tools)

    assert one.lane == two.lane == "host gpu1"
    assert three.lane == "gpu1"


@pytest.mark.parametrize(("interval", "again"), [("5m", 60.0), ("45s", 45.0)])
def test_a_slow_run_is_repeated_after_a_minute_or_its_interval(
    tools: Tools, interval: str, again: float
) -> None:
    (check,) = wired(target({"operation": "age", "interval": interval}), tools)

    assert check.patience.confirm_interval == again
    assert check.patience.degraded_of == (3, 5)


def test_settings_become_a_plan() -> None:
    canary = {
        "operation": "age",
        "target_age": 60,
        "blend": 0.7,
        "benchmark": {"high": "9s"},
    }
    asked = target(canary, benchmark={"factor": 2.0, "tolerance": 2.0})

    plan = plan_of(asked, asked.canaries[0])

    assert plan == CanaryPlan(
        canary="age",
        operation=Operation.AGE,
        target_age=60,
        blend=0.7,
        timeout=120.0,
        high=9.0,
        factor=2.0,
        tolerance=2.0,
    )


def test_a_factor_that_nobody_set_is_none() -> None:
    asked = target({"operation": "age"}, benchmark={"tolerance": 2.0})

    assert plan_of(asked, asked.canaries[0]).factor is None


def test_budgets_go_by_the_gpus_of_a_target() -> None:
    assert share_of(target()) == Share(target="studio", budget=0.05)
    asked = target(host="gpu1", gpus=[0, 1], canary_budget="10%")
    assert share_of(asked) == Share(
        target="studio", host="gpu1", gpus=(0, 1), budget=0.1
    )


def test_a_canary_asks_what_is_known_for_itself(tools: Tools) -> None:
    canaries = ({"operation": "age"}, {"operation": "swap"}, BATCH)
    asked = target(*canaries, backend=BACKEND)

    known = [
        check.probe.around().version
        for check in wired(asked, tools, with_backend())
        if isinstance(check.probe, CanaryProbe | BatchProbe)
    ]

    assert known == [
        "studio/canary.age: age 45",
        "studio/canary.swap-inswapper_128: swap inswapper_128",
        "studio/canary.batch: batch",
    ]


def test_a_batch_goes_through_the_backend(tools: Tools) -> None:
    asked = target(BATCH, backend=BACKEND)

    (check,) = wired(asked, tools, with_backend())

    assert isinstance(check.probe, BatchProbe)
    assert check.probe.job == Batch(
        character_id="canary",
        image_url=FACE,
        operations=(
            Enhance(source_path=FACE, model="gfpgan_1.4"),
            Age(source_path=FACE, age=45),
        ),
    )
    assert check.benchmark == (3.0, 5.0)
    assert check.key.label == "studio/canary.batch"


def test_a_batch_does_what_is_configured() -> None:
    parts = [
        {"operation": "age", "target_age": 70},
        {"operation": "enhance", "model": "codeformer"},
    ]
    asked = target({**BATCH, "operations": parts}, backend=BACKEND)

    plan = plan_of(asked, asked.canaries[0])

    assert plan.parts == (
        Part(operation=Operation.AGE, target_age=70),
        Part(operation=Operation.ENHANCE, model="codeformer"),
    )
    assert not plan.verifiable


@pytest.mark.parametrize(
    "backend",
    [
        None,
        {"url": "http://sc:8000"},
        {"url": "http://sc:8000", "character_id": "canary"},
        {"url": "http://sc:8000", "image_url": FACE},
    ],
)
def test_a_batch_that_lacks_something_is_not_run(
    tools: Tools, backend: dict[str, str] | None
) -> None:
    assert wired(target(BATCH, backend=backend), tools, with_backend()) == []


def test_a_batch_without_a_way_to_the_backend_is_not_run(
    tools: Tools,
) -> None:
    assert wired(target(BATCH, backend=BACKEND), tools) == []
    half = Extras(backend=FakeBatches(FakeClock()))
    assert wired(target(BATCH, backend=BACKEND), tools, half) == []
