"""The server: silent, or with the wrong answers."""

import pytest

from tests.stories.simulated.house import House
from tests.stories.simulated.settings import (
    Document,
    one_server,
    without_host,
)
from tests.stories.simulated.story import a_fault


async def test_one_that_answers_nothing_and_does_nothing_is_hung(
    house: House,
) -> None:
    await a_fault(
        house, "hang", "hung", within=75, remedies=["restart"], over=45
    )


async def test_one_that_somebody_suspended_is_hung(house: House) -> None:
    await a_fault(
        house, "suspended", "hung", within=75, remedies=["restart"], over=45
    )


async def test_one_whose_gpu_works_on_a_video_is_busy(house: House) -> None:
    await a_fault(
        house,
        "video",
        "busy",
        within=75,
        severity="info",
        lasts=1200,
        over=45,
    )


@pytest.mark.parametrize("fault", ["error_500", "bad_gateway"])
async def test_one_that_answers_errors_is_server_error(
    house: House, fault: str
) -> None:
    await a_fault(
        house,
        fault,
        "server_error",
        within=45,
        remedies=["restart"],
        over=40,
    )


async def test_one_that_knows_no_path_is_not_restarted(house: House) -> None:
    await a_fault(
        house, "not_found", "server_error", within=45, lasts=1200, over=40
    )


class TestWithoutAHost:
    """Nobody sees whether it works."""

    @pytest.fixture
    def settings(self) -> Document:
        return without_host(one_server())

    async def test_a_silent_one_is_busy_for_half_an_hour_and_then_hung(
        self, house: House
    ) -> None:
        await a_fault(
            house,
            "hang",
            "busy",
            within=75,
            severity="info",
            lasts=1500,
            over=45,
        )
        house.diagnoses.clear()
        house.server.faults.switch_on("hang")

        assert 1750 < await house.until("hung", within=1900) < 1900
