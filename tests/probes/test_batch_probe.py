"""Several operations in one request, through the backend."""

import asyncio
import json

import pytest

from monitor.domain.canary.batch import job_for
from monitor.domain.canary.bounds import Bounds
from monitor.domain.canary.circumstances import Circumstances
from monitor.domain.canary.plan import CanaryPlan, Part
from monitor.domain.canary.reading import CanaryReading, Operation, Result
from monitor.domain.errors import CannotReach, CannotTouch, InvalidJob
from monitor.domain.health import Health
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.probes.batch import BatchProbe
from tests.fakes.backend_jobs import FakeBatches, FakeUploads
from tests.fakes.clock import FakeClock
from tests.fakes.facefusion import answer
from tests.fakes.images import FakeImages

KEY = CheckKey(kind=Kind.TARGET, subject="studio", check="canary.batch")
PLAN = CanaryPlan(
    canary="batch",
    operation=Operation.BATCH,
    timeout=60,
    verifiable=False,
    parts=(
        Part(operation=Operation.ENHANCE, model="gfpgan_1.4"),
        Part(operation=Operation.AGE, target_age=50),
    ),
)
FACE = "http://sc/uploads/face.jpg"
URLS = ["http://sc/uploads/1.png", "http://sc/uploads/2.png"]


class House:
    def __init__(self) -> None:
        self.clock = FakeClock(5000.0)
        self.backend = FakeBatches(self.clock)
        self.uploads = FakeUploads({FACE: b"face"})
        self.server = FakeUploads({})
        self.images = FakeImages()
        self.around = Circumstances()
        self.steps: list[str] = []
        self.bounds = Bounds()
        self.ways = 2
        self.does(*[{"success": True, "result_url": url} for url in URLS])
        self.uploads.images |= dict.fromkeys(URLS, b"changed")

    def does(self, *results: object, seconds: float = 4.0) -> None:
        body = json.dumps({"results": results}).encode()
        self.backend.reply = answer(body, duration=seconds)

    async def look(self) -> Observation:
        probe = BatchProbe(
            key=KEY,
            plan=PLAN,
            job=job_for(PLAN, character_id="c1", image_url=FACE),
            backend=self.backend,
            files=(self.uploads, self.server)[: self.ways],
            images=self.images,
            clock=self.clock,
            around=lambda: self.around,
            on_step=self.steps.append,
            bounds=self.bounds,
        )
        return await probe.look()


def reading(seen: Observation) -> CanaryReading:
    assert isinstance(seen.reading, CanaryReading)
    return seen.reading


async def test_a_good_batch_is_ok_beside_the_sum_of_its_parts() -> None:
    house = House()

    seen = await house.look()

    assert (seen.key, seen.probe, seen.at) == (KEY, "canary", 5000.0)
    assert (seen.health, seen.reason) == (Health.HEALTHY, "")
    assert seen.because == "batch took 4.00 s (benchmark 3 to 5 s)"
    assert reading(seen) == CanaryReading(
        canary="batch",
        operation=Operation.BATCH,
        model="",
        result=Result.OK,
        duration=4.0,
        output_valid=True,
        benchmark=(3.0, 5.0),
        ratio=0.8,
        counted=True,
    )
    assert house.steps == ["batch", "fetching and comparing"]


async def test_the_job_is_what_was_planned() -> None:
    house = House()

    await house.look()

    assert house.backend.jobs == [
        job_for(PLAN, character_id="c1", image_url=FACE)
    ]


async def test_every_output_is_compared_with_the_image() -> None:
    house = House()
    house.uploads.images[URLS[1]] = b"face"

    seen = await house.look()

    assert [pair[:2] for pair in house.images.pairs] == [
        (b"face", b"changed"),
        (b"face", b"face"),
    ]
    assert reading(seen).result is Result.INVALID_OUTPUT
    assert (seen.health, seen.reason) == (Health.UNHEALTHY, "unchanged")


async def test_an_output_that_is_no_image_is_invalid() -> None:
    house = House()
    house.uploads.images[URLS[0]] = b""

    seen = await house.look()

    assert (seen.health, seen.reason) == (Health.UNHEALTHY, "unreadable")


@pytest.mark.parametrize(
    "error",
    [
        CannotTouch("cannot fetch it: no address on sc"),
        CannotReach("cannot reach sc: refused", reason="refused"),
    ],
)
async def test_outputs_that_cannot_be_fetched_are_unverified(
    error: Exception,
) -> None:
    house = House()
    house.uploads.fails = house.server.fails = error

    seen = await house.look()

    assert reading(seen).result is Result.UNVERIFIED
    assert reading(seen).output_valid is None
    assert (seen.health, seen.reason) == (Health.HEALTHY, "unverified")
    assert seen.because.endswith(f"; {error}")


async def test_an_output_may_be_at_the_server_itself() -> None:
    house = House()
    for url in URLS:
        house.server.images[url] = house.uploads.images.pop(url)

    seen = await house.look()

    assert reading(seen).result is Result.OK


async def test_without_a_way_nothing_can_be_fetched() -> None:
    house = House()
    house.ways = 0

    seen = await house.look()

    assert reading(seen).result is Result.UNVERIFIED
    assert seen.because.endswith(f"; cannot fetch {FACE}: there is no way")


async def test_a_fetch_that_never_ends_is_cut_off() -> None:
    house = House()
    house.bounds = Bounds(fetch=0.01, compare=0.01)
    house.images.hangs = True

    seen = await house.look()

    assert reading(seen).result is Result.UNVERIFIED
    assert seen.because.endswith(
        "; cannot finish fetching and comparing within 0.02 s"
    )


async def test_a_failed_part_is_degraded_and_has_no_ratio() -> None:
    house = House()
    house.does({"success": False, "error": "no"}, {"success": False})

    seen = await house.look()

    assert (seen.health, seen.reason) == (
        Health.DEGRADED,
        "processing_failed",
    )
    assert reading(seen).ratio is None
    assert reading(seen).duration == 4.0


async def test_a_slow_batch_is_slow() -> None:
    house = House()
    done = [{"success": True, "result_url": url} for url in URLS]
    house.does(*done, seconds=8.0)

    seen = await house.look()

    assert reading(seen).result is Result.SLOW
    assert seen.health is Health.DEGRADED


@pytest.mark.parametrize(
    ("error", "result", "health", "reason"),
    [
        (
            CannotReach("cannot reach sc", reason="refused"),
            Result.ERROR,
            Health.DEGRADED,
            "refused",
        ),
        (
            CannotReach("cannot reach sc", reason="timeout"),
            Result.TIMEOUT,
            Health.DEGRADED,
            "timeout",
        ),
        (
            InvalidJob("cannot run this"),
            Result.ERROR,
            Health.UNKNOWN,
            "invalid_job",
        ),
    ],
)
async def test_a_backend_that_does_not_answer_is_degraded_at_most(
    error: Exception, result: Result, health: Health, reason: str
) -> None:
    house = House()
    house.backend.reply = error

    seen = await house.look()

    assert (reading(seen).result, seen.health) == (result, health)
    assert seen.reason == reason


async def test_a_batch_ends_at_its_hard_deadline() -> None:
    house = House()
    house.backend.released = asyncio.Event()
    house.bounds = Bounds(slack=-59.99)

    seen = await house.look()

    assert reading(seen).result is Result.TIMEOUT
    assert seen.because == "cannot finish the batch within 60 s"
