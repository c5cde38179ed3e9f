"""What ends each start, and what a process cannot get over."""

import pytest

from tests.stories.simulated.house import House
from tests.stories.simulated.story import Story, a_fault


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ("model_corrupt", "model_files_corrupt"),
        ("dependency_missing", "dependency_missing"),
    ],
)
async def test_what_each_start_ends_for_is_named(
    house: House, fault: str, cause: str
) -> None:
    story = Story(house)
    story.breaks(fault)
    await story.is_named(cause, within=75, lasts=300)

    story.heals(fault)
    await story.is_over(within=150)

    assert story.causes == ["none", "starting", cause, "none"]
    assert story.pages == ["critical", "warning"]  # it answers again


async def test_a_cuda_error_is_suspected_until_a_canary_fails(
    house: House,
) -> None:
    story = Story(house)
    story.breaks("cuda_fault")
    await story.is_named("cuda_fault", within=20, severity="warning")
    await house.pass_time(480)
    await story.is_named("cuda_fault", within=0, remedies=["restart"])

    story.heals("cuda_fault")
    await story.is_over(within=15)

    assert story.causes == ["none", "cuda_fault", "none"]
    assert story.pages == ["warning", "critical"]


async def test_gpu_memory_that_ran_out_is_suspected_until_a_canary_fails(
    house: House,
) -> None:
    story = Story(house)
    story.breaks("out_of_memory")
    await story.is_named("gpu_memory_exhausted", within=45, severity="warning")
    await house.pass_time(480)
    await story.is_named(
        "gpu_memory_exhausted",
        within=0,
        remedies=["restart", "free-gpu-memory"],
    )

    story.heals("out_of_memory")
    await story.is_over(within=15)

    assert story.causes == ["none", "gpu_memory_exhausted", "none"]
    assert story.pages == ["warning", "critical"]


_ = a_fault
