"""The GPUs: lost, wedged, in need of a reset, worn out."""

import pytest

from tests.stories.simulated.house import House
from tests.stories.simulated.settings import Document, one_server
from tests.stories.simulated.story import Story, a_fault


async def test_a_card_that_fell_off_the_bus_is_gpu_lost(house: House) -> None:
    await a_fault(
        house,
        "gpu_lost",
        "gpu_lost",
        within=45,
        remedies=["reboot"],
        over=45,
    )


async def test_the_kernels_word_for_it_is_gpu_lost_too(house: House) -> None:
    await a_fault(
        house,
        "xid",
        "gpu_lost",
        value=79,
        within=45,
        remedies=["reboot"],
        over=45,
    )


async def test_an_nvidia_smi_that_waits_for_ever_is_gpu_wedged(
    house: House,
) -> None:
    await a_fault(
        house,
        "nvidia_smi_hang",
        "gpu_wedged",
        within=60,
        remedies=["reboot"],
        over=45,
    )


async def test_a_card_that_wants_a_reset_is_gpu_reset_required(
    house: House,
) -> None:
    await a_fault(
        house,
        "gpu_reset_required",
        "gpu_reset_required",
        within=45,
        remedies=["reboot"],
        lasts=900,
        over=45,
    )


async def test_a_driver_changed_under_its_users_is_driver_mismatch(
    house: House,
) -> None:
    await a_fault(
        house,
        "driver_mismatch",
        "driver_mismatch",
        within=45,
        severity="warning",  # jobs go on
        remedies=["reboot"],
        over=45,
    )


async def test_a_row_that_could_not_be_remapped_is_gpu_hardware(
    house: House,
) -> None:
    await a_fault(
        house,
        "gpu_hardware",
        "gpu_hardware",
        within=45,
        severity="warning",  # it still works
        over=45,
    )


async def test_a_container_without_leave_is_container_gpu_lost(
    house: House,
) -> None:
    await a_fault(
        house,
        "container_gpu_lost",
        "container_gpu_lost",
        within=45,
        remedies=["restart"],
        over=45,
    )


class TestOnOneCard:
    """A server that uses the first card only."""

    @pytest.fixture
    def settings(self) -> Document:
        settings = one_server()
        settings["targets"][0]["gpus"] = [0]
        return settings

    async def test_another_card_that_is_lost_is_the_hosts_own_matter(
        self, house: House
    ) -> None:
        story = Story(house)
        story.breaks("gpu_lost", 1)
        await house.pass_time(1200)

        assert story.causes == ["none"]

    async def test_its_own_card_that_is_lost_is_gpu_lost(
        self, house: House
    ) -> None:
        await a_fault(
            house,
            "gpu_lost",
            "gpu_lost",
            value=0,
            within=45,
            remedies=["reboot"],
            over=45,
        )
