import asyncio
import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from typing_extensions import override

from monitor.domain.answer import Answer
from monitor.domain.canary.baseline import Baseline
from monitor.domain.canary.bounds import Bounds
from monitor.domain.canary.circumstances import Circumstances
from monitor.domain.canary.image import Box
from monitor.domain.canary.job import Age, Enhance, Job, Swap
from monitor.domain.canary.plan import CanaryInput, CanaryPlan
from monitor.domain.canary.reading import CanaryReading, Operation, Result
from monitor.domain.errors import CannotReach, CannotTouch
from monitor.domain.health import Health
from monitor.domain.observation import CheckKey, Kind, Observation
from monitor.probes.canary import CanaryProbe
from tests.fakes.canary_files import FOLDER, FakeCanaryFiles
from tests.fakes.clock import FakeClock
from tests.fakes.facefusion import FakeFaceFusion, answer
from tests.fakes.images import GOOD, FakeImages

KEY = CheckKey(kind=Kind.TARGET, subject="studio", check="canary.face")
PLAN = CanaryPlan(
    canary="face",
    operation=Operation.ENHANCE,
    model="gfpgan_1.4",
    blend=0.8,
    timeout=60,
)
FACE = Box(x=1, y=2, width=3, height=4)
PORTRAIT = CanaryInput(image=b"portrait", face=FACE)
OTHER = CanaryInput(image=b"other", face=None)
OUTPUT = "/srv/output/1.png"
SOON = Bounds(place=0.01, fetch=0.01, compare=0.01, clean=0.01, slack=0.0)


class Stuck(FakeFaceFusion):
    """A server that takes a job and never answers."""

    def __init__(self) -> None:
        super().__init__()
        self.taken = asyncio.Event()

    @override
    async def run(self, job: Job, *, within: float) -> Answer:
        self.taken.set()
        await asyncio.Event().wait()
        return await super().run(job, within=within)


class House:
    """A canary with everything around it."""

    def __init__(
        self,
        plan: CanaryPlan = PLAN,
        *,
        runs: Callable[[Job], Answer | Exception] | None = None,
        output: bytes = b"enhanced",
        bounds: Bounds | None = None,
    ) -> None:
        self.clock = FakeClock(5000.0)
        self.server = FakeFaceFusion(self.clock, runs=runs or self.work)
        self.files = FakeCanaryFiles(self.clock)
        self.images = FakeImages()
        self.plan = plan
        self.output = output
        self.bounds = bounds or Bounds()
        self.around = Circumstances()
        self.steps: list[str] = []
        self.seconds = 1.2

    def work(self, _: Job) -> Answer:
        self.files.outputs[OUTPUT] = self.output
        body = json.dumps({"output_path": OUTPUT}).encode()
        return answer(body, duration=self.seconds)

    def probe(self) -> CanaryProbe:
        swap = self.plan.operation is Operation.SWAP
        return CanaryProbe(
            KEY,
            self.plan,
            facefusion=self.server,
            files=self.files,
            images=self.images,
            clock=self.clock,
            inputs=(OTHER, PORTRAIT) if swap else (PORTRAIT,),
            around=lambda: self.around,
            on_step=self.steps.append,
            bounds=self.bounds,
        )

    async def look(self) -> Observation:
        return await self.probe().look()

    @property
    def clean(self) -> bool:
        return not self.files.inputs and not self.files.outputs


def reading(seen: Observation) -> CanaryReading:
    assert isinstance(seen.reading, CanaryReading)
    return seen.reading


async def test_every_step_is_given_its_own_time() -> None:
    house = House(bounds=Bounds(place=1, fetch=2, compare=3, clean=4, slack=0))

    await house.look()

    assert house.files.within == {"place": 1, "fetch": 2, "clean": 4}


async def test_a_good_run_is_ok_and_says_how_long_it_took() -> None:
    house = House()

    seen = await house.look()

    assert seen.key == KEY
    assert seen.probe == "canary"
    assert seen.at == 5000.0
    assert seen.health is Health.HEALTHY
    assert seen.succeeded
    assert seen.because.startswith("enhance gfpgan_1.4 took 1.20 s")
    assert reading(seen) == CanaryReading(
        canary="face",
        operation=Operation.ENHANCE,
        model="gfpgan_1.4",
        result=Result.OK,
        duration=1.2,
        output_valid=True,
        benchmark=(1.0, 2.0),
        ratio=0.6,
        counted=True,
    )


async def test_a_run_says_where_it_ran_and_what_is_usual_there() -> None:
    house = House()
    house.around = Circumstances(
        gpu="Tesla T4",
        version="3.5.0",
        baseline=Baseline(median=1.1, spread=0.1, runs=50),
    )

    run = reading(await house.look())

    assert (run.gpu, run.version) == ("Tesla T4", "3.5.0")
    assert (run.baseline, run.counted) == (1.1, True)


async def test_a_cold_run_is_a_success_that_does_not_count() -> None:
    house = House()
    house.seconds, house.around = 40.0, Circumstances(cold=True)

    seen = await house.look()

    assert seen.succeeded
    assert seen.health is Health.HEALTHY
    assert reading(seen).result is Result.COLD
    assert reading(seen).counted is False


async def test_a_cold_run_that_yields_nothing_has_failed() -> None:
    house = House(output=b"portrait")
    house.around = Circumstances(cold=True)

    assert reading(await house.look()).result is Result.INVALID_OUTPUT


async def test_what_is_known_is_asked_once_as_the_run_begins() -> None:
    house = House()
    asked: list[float] = []

    def around() -> Circumstances:
        asked.append(house.clock.now())
        return house.around

    probe = house.probe()
    probe.around = around
    await probe.look()

    assert asked == [5000.0]


async def test_the_steps_are_told_in_order() -> None:
    house = House()

    await house.look()

    assert house.steps == [
        "uploading",
        "enhance gfpgan_1.4",
        "fetching",
        "comparing",
    ]
    assert house.files.log == ["place", "fetch", "clean"]


@pytest.mark.parametrize(
    ("plan", "job"),
    [
        (
            PLAN,
            Enhance(
                source_path=f"{FOLDER}/1-0.jpg", model="gfpgan_1.4", blend=0.8
            ),
        ),
        (
            replace(PLAN, operation=Operation.AGE, model="", target_age=45),
            Age(source_path=f"{FOLDER}/1-0.jpg", age=45, blend=0.8),
        ),
        (
            replace(PLAN, operation=Operation.SWAP, model="inswapper_256"),
            Swap(
                source_face_path=f"{FOLDER}/1-0.jpg",
                target_image_path=f"{FOLDER}/1-1.jpg",
                model="inswapper_256",
            ),
        ),
    ],
)
async def test_the_job_is_the_plans_on_the_placed_images(
    plan: CanaryPlan, job: Job
) -> None:
    house = House(plan)

    seen = await house.look()

    assert house.server.jobs == [job]
    assert reading(seen).result is Result.OK


async def test_the_output_is_compared_with_the_image_that_was_changed() -> (
    None
):
    house = House(
        replace(PLAN, operation=Operation.SWAP, model="inswapper_128")
    )

    await house.look()

    assert house.images.pairs == [(b"portrait", b"enhanced", FACE)]


async def test_the_duration_is_the_jobs_alone() -> None:
    house = House()

    house.files.takes = {"place": 5, "fetch": 20, "clean": 1}

    seen = await house.look()

    assert reading(seen).duration == 1.2
    assert seen.duration == pytest.approx(27.2)
    assert reading(seen).result is Result.OK


@pytest.mark.parametrize(
    ("seconds", "health"), [(4.5, Health.DEGRADED), (31, Health.UNHEALTHY)]
)
async def test_a_run_over_the_benchmark_is_slow(
    seconds: float, health: Health
) -> None:
    house = House()
    house.seconds = seconds

    seen = await house.look()

    assert reading(seen).result is Result.SLOW
    assert reading(seen).output_valid is True
    assert seen.health is health
    assert seen.reason == "slow"


async def test_on_another_gpu_only_the_ratio_is_shown() -> None:
    house = House()
    house.seconds, house.around = 4.5, Circumstances(gpu="Tesla T4")

    seen = await house.look()

    assert reading(seen).result is Result.OK
    assert reading(seen).ratio == pytest.approx(2.25)


async def test_an_unchanged_output_is_never_ok() -> None:
    house = House(output=b"portrait")

    seen = await house.look()

    assert reading(seen).result is Result.INVALID_OUTPUT
    assert reading(seen).output_valid is False
    assert seen.health is Health.UNHEALTHY
    assert seen.reason == "unchanged"
    assert house.clean


async def test_a_weak_blend_is_judged_as_one() -> None:
    house = House()
    house.images.finds = replace(GOOD, face_difference=5.0)

    assert reading(await house.look()).result is Result.OK


async def test_an_output_that_is_no_image_is_invalid() -> None:
    house = House(output=b"")

    seen = await house.look()

    assert reading(seen).result is Result.INVALID_OUTPUT
    assert seen.reason == "unreadable"
    assert reading(seen).duration == 1.2


async def test_an_output_that_is_not_there_leaves_the_run_unverified() -> None:
    house = House(runs=lambda _: answer(b'{"output_path": "/gone.png"}'))

    seen = await house.look()

    assert reading(seen).result is Result.UNVERIFIED
    assert reading(seen).output_valid is None
    assert seen.health is Health.UNKNOWN
    assert "cannot fetch /gone.png" in seen.because
    assert house.clean


async def test_a_null_result_is_an_error() -> None:
    house = House(runs=lambda _: answer(b'{"output_path": null}'))

    seen = await house.look()

    assert reading(seen).result is Result.ERROR
    assert seen.reason == "processing_failed"
    assert seen.health is Health.UNHEALTHY
    assert reading(seen).duration == 0.012
    assert reading(seen).ratio is None
    assert house.clean


@pytest.mark.parametrize(
    ("reply", "result", "health", "reason"),
    [
        (
            answer(code=500),
            Result.ERROR,
            Health.UNHEALTHY,
            "processing_failed",
        ),
        (answer(code=422), Result.ERROR, Health.UNKNOWN, "input_rejected"),
        (
            answer(b'{"error": "content declined"}', code=400),
            Result.DECLINED,
            Health.UNKNOWN,
            "declined",
        ),
        (
            answer(b"<html><title>502</title>", content_type="text/html"),
            Result.ERROR,
            Health.UNHEALTHY,
            "error_page",
        ),
        (
            CannotReach("cannot reach gpu1", reason="refused"),
            Result.ERROR,
            Health.UNHEALTHY,
            "refused",
        ),
        (answer(duration=61), Result.TIMEOUT, Health.UNHEALTHY, "timeout"),
    ],
)
async def test_a_job_that_fails_says_how_and_is_cleaned_up(
    reply: Answer | Exception, result: Result, health: Health, reason: str
) -> None:
    house = House(runs=lambda _: reply)

    seen = await house.look()

    assert (reading(seen).result, seen.health) == (result, health)
    assert seen.reason == reason
    assert reading(seen).output_valid is None
    assert reading(seen).benchmark == (1.0, 2.0)
    assert house.files.log == ["place", "clean"]
    assert house.clean


async def test_a_server_that_never_answers_meets_the_hard_deadline() -> None:
    house = House(replace(PLAN, timeout=0.01), bounds=SOON)
    house.server = Stuck()

    seen = await house.look()

    assert reading(seen).result is Result.TIMEOUT
    assert reading(seen).duration is None
    assert seen.because == "cannot finish enhance gfpgan_1.4 within 0.01 s"
    assert house.clean


@pytest.mark.parametrize(
    "error",
    [
        CannotTouch("cannot upload to gpu1: disk full"),
        CannotReach("cannot reach gpu1: refused", reason="refused"),
    ],
)
async def test_without_its_images_no_job_is_sent(error: Exception) -> None:
    house = House()
    house.files.fails["place"] = error

    seen = await house.look()

    assert house.server.jobs == []
    assert reading(seen).result is Result.ERROR
    assert seen.health is Health.UNKNOWN
    assert seen.reason == "files"
    assert seen.because == str(error)


async def test_an_upload_that_hangs_is_given_up() -> None:
    house = House(bounds=SOON)
    house.files.hangs.add("place")

    seen = await house.look()

    assert seen.reason == "files"
    assert seen.because == "cannot finish uploading within 0.01 s"
    assert house.server.jobs == []


async def test_a_fetch_that_hangs_leaves_the_run_unverified() -> None:
    house = House(bounds=SOON)
    house.files.hangs.add("fetch")

    seen = await house.look()

    assert reading(seen).result is Result.UNVERIFIED
    assert reading(seen).duration == 1.2
    assert house.clean


async def test_a_comparison_that_hangs_leaves_the_run_unverified() -> None:
    house = House(bounds=SOON)
    house.images.hangs = True

    seen = await house.look()

    assert reading(seen).result is Result.UNVERIFIED
    assert "comparing" in seen.because
    assert house.clean


async def test_a_job_outside_the_guides_ranges_is_not_sent() -> None:
    house = House(replace(PLAN, model="gfpgan_9"))

    seen = await house.look()

    assert house.server.jobs == []
    assert seen.reason == "invalid_job"
    assert seen.health is Health.UNKNOWN
    assert house.clean


@pytest.mark.parametrize(
    "error",
    [
        CannotTouch("cannot remove /var/tmp/x.jpg: permission denied"),
        CannotReach("cannot reach gpu1: reset", reason="reset"),
    ],
)
async def test_a_failed_clean_is_told_but_changes_no_result(
    error: Exception,
) -> None:
    house = House()
    house.files.fails["clean"] = error

    seen = await house.look()

    assert reading(seen).result is Result.OK
    assert seen.succeeded
    assert seen.because.endswith(f"; {error}")


async def test_a_clean_that_hangs_is_given_up() -> None:
    house = House(bounds=SOON)
    house.files.hangs.add("clean")

    seen = await house.look()

    assert reading(seen).result is Result.OK
    assert seen.because.endswith("; cannot finish cleaning up within 0.01 s")


async def test_a_look_that_is_cut_off_still_cleans_up() -> None:
    house = House()
    house.server = server = Stuck()
    look = asyncio.create_task(house.look())
    await server.taken.wait()

    look.cancel()

    with pytest.raises(asyncio.CancelledError):
        await look
    assert house.files.log == ["place", "clean"]
    assert house.clean


async def test_a_clean_that_is_cut_off_goes_on_to_its_end() -> None:
    house = House()
    house.files.hangs.add("clean")
    probe = house.probe()
    look = asyncio.create_task(probe.look())
    await house.files.reached["clean"].wait()

    look.cancel()
    with pytest.raises(asyncio.CancelledError):
        await look
    house.files.released.set()

    await asyncio.wait_for(house.files.cleaned.wait(), 1)
    assert house.clean


async def test_a_bug_in_a_step_is_not_swallowed_and_still_cleaned_up() -> None:
    house = House(runs=lambda _: ZeroDivisionError())

    with pytest.raises(ZeroDivisionError):
        await house.look()

    assert house.clean
