import pytest

from monitor.domain.canary.bounds import Bounds, longest_look
from monitor.domain.canary.job import Age, Enhance, Job, Swap
from monitor.domain.canary.plan import (
    CanaryInput,
    CanaryPlan,
    check_name,
    default_name,
    images_needed,
    job_for,
)
from monitor.domain.canary.reading import Operation
from monitor.domain.errors import InvalidJob

ENHANCE = CanaryPlan(
    canary="face",
    operation=Operation.ENHANCE,
    model="gfpgan_1.4",
    blend=0.8,
    timeout=60,
)
AGE = CanaryPlan(
    canary="age", operation=Operation.AGE, target_age=45, timeout=60
)
SWAP = CanaryPlan(
    canary="swap", operation=Operation.SWAP, model="inswapper_128", timeout=60
)
BATCH = CanaryPlan(canary="batch", operation=Operation.BATCH, timeout=60)


def test_the_check_is_named_after_the_canary() -> None:
    assert check_name(ENHANCE) == "canary.face"


@pytest.mark.parametrize(
    ("operation", "model", "name"),
    [
        (Operation.ENHANCE, "gfpgan_1.4", "enhance-gfpgan_1.4"),
        (Operation.AGE, "", "age"),
    ],
)
def test_a_canary_without_a_name_is_named_after_its_job(
    operation: Operation, model: str, name: str
) -> None:
    assert default_name(operation, model) == name


@pytest.mark.parametrize(
    ("plan", "title"),
    [
        (ENHANCE, "enhance gfpgan_1.4"),
        (AGE, "age 45"),
        (SWAP, "swap inswapper_128"),
        (BATCH, "batch"),
    ],
)
def test_a_plan_has_a_title_for_people(plan: CanaryPlan, title: str) -> None:
    assert plan.title == title


@pytest.mark.parametrize(
    ("plan", "locations", "job"),
    [
        (
            ENHANCE,
            ["/in/a.jpg"],
            Enhance(source_path="/in/a.jpg", model="gfpgan_1.4", blend=0.8),
        ),
        (AGE, ["/in/a.jpg"], Age(source_path="/in/a.jpg", age=45, blend=1)),
        (
            SWAP,
            ["/in/a.jpg", "/in/b.jpg"],
            Swap(
                source_face_path="/in/a.jpg",
                target_image_path="/in/b.jpg",
                model="inswapper_128",
            ),
        ),
    ],
)
def test_a_plan_becomes_the_job_that_it_describes(
    plan: CanaryPlan, locations: list[str], job: Job
) -> None:
    assert job_for(plan, locations) == job
    assert images_needed(plan.operation) == len(locations)


@pytest.mark.parametrize(
    ("plan", "locations", "words"),
    [
        (ENHANCE, [], "on 0 images: it takes 1"),
        (ENHANCE, ["/a", "/b"], "on 2 images: it takes 1"),
        (SWAP, ["/a"], "on 1 images: it takes 2"),
        (ENHANCE, ["/a\n"], "control characters"),
        (BATCH, ["/a"], "batch"),
    ],
)
def test_a_job_that_cannot_be_run_is_refused(
    plan: CanaryPlan, locations: list[str], words: str
) -> None:
    with pytest.raises(InvalidJob, match=words):
        job_for(plan, locations)


def test_a_plan_without_a_benchmark_has_no_ratio() -> None:
    assert BATCH.benchmark is None
    assert BATCH.ratio(5.0) is None
    assert ENHANCE.ratio(None) is None
    assert ENHANCE.ratio(5.0) == pytest.approx(2.5)


def test_an_image_is_never_shown() -> None:
    assert "secret" not in repr(CanaryInput(image=b"secret"))


def test_a_look_ends_after_all_its_steps() -> None:
    bounds = Bounds(place=1, fetch=2, compare=3, clean=4, slack=0.5)

    assert longest_look(ENHANCE, bounds) == 60 + 10 + 2.5
    assert longest_look(ENHANCE) > 60
