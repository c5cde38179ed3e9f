"""Jobs that take too long, and why."""

import pytest

from tests.stories.simulated.house import House
from tests.stories.simulated.settings import Document, one_server
from tests.stories.simulated.story import Story, a_fault

RUNS = 8 * 60.0
"""Seconds within which one of the canaries has run and was confirmed."""
ALL_RAN = 10 * 60.0


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ("thermal_throttle", "thermal_throttling"),
        ("second_user", "gpu_busy"),
        ("host_overloaded", "host_overloaded"),
        ("slow", "slow"),
    ],
)
async def test_slow_jobs_have_a_reason(
    house: House, fault: str, cause: str
) -> None:
    await a_fault(
        house,
        fault,
        cause,
        within=RUNS,
        severity="warning",
        lasts=1200,
        over=ALL_RAN,
    )


async def test_jobs_on_the_cpu_are_cpu_fallback(house: House) -> None:
    await a_fault(
        house,
        "cpu_fallback",
        "cpu_fallback",
        within=RUNS,
        severity="warning",
        remedies=["restart"],
        lasts=1200,
        over=60,
    )


async def test_jobs_that_take_longer_than_any_gpu_needs_are_critical(
    house: House,
) -> None:
    await a_fault(house, "slow", "slow", value=30, within=RUNS, over=ALL_RAN)


class TestOnOneCard:
    """A server that uses the first card only: no other one is free."""

    @pytest.fixture
    def settings(self) -> Document:
        settings = one_server()
        settings["targets"][0]["gpus"] = [0]
        return settings

    async def test_others_work_that_lasts_is_gpu_busy(
        self, house: House
    ) -> None:
        await a_fault(
            house,
            "second_user",
            "gpu_busy",
            within=2 * RUNS,
            severity="warning",
            lasts=1200,
            over=2 * ALL_RAN,
        )

    async def test_its_own_users_work_that_lasts_is_no_fault(
        self, house: House
    ) -> None:
        story = Story(house)
        story.breaks("busy")
        story.breaks("slow", 3)
        await house.pass_time(5400)

        assert story.causes == ["none"]
