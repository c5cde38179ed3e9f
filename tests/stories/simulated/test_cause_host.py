"""The machine: away, full, or closed to us."""

import pytest

from tests.stories.simulated.house import House
from tests.stories.simulated.settings import (
    ADDRESS,
    Document,
    one_server,
    without_host,
)
from tests.stories.simulated.story import Story, a_fault


async def test_a_machine_without_power_is_host_unreachable(
    house: House,
) -> None:
    await a_fault(house, "rebooting", "host_unreachable", within=45, over=45)


async def test_a_machine_without_a_cable_is_host_unreachable(
    house: House,
) -> None:
    story = Story(house)
    house.street.pull_cable(ADDRESS)
    await story.is_named("host_unreachable", within=60)

    house.street.plug_cable(ADDRESS)
    await story.is_over(within=100)

    assert story.causes == ["none", "host_unreachable", "none"]
    assert story.pages == ["critical"]


async def test_a_disk_without_room_is_disk_full(house: House) -> None:
    await a_fault(house, "disk_full", "disk_full", within=45, over=45)


@pytest.mark.parametrize("why", ["auth", "host_key"])
async def test_a_machine_that_turns_us_away_is_ssh_unavailable(
    house: House, why: str
) -> None:
    story = Story(house)
    house.machine.refuses_ssh = why
    house.machine.cut()
    await story.is_named("ssh_unavailable", within=60, severity="warning")

    house.machine.refuses_ssh = ""
    await story.is_over(within=100)

    assert story.causes == ["none", "ssh_unavailable", "none"]
    assert story.pages == ["warning"]


async def test_an_sshd_that_is_gone_is_ssh_unavailable(house: House) -> None:
    await a_fault(
        house,
        "ssh_down",
        "ssh_unavailable",
        within=45,
        severity="warning",
        over=100,
    )


class TestWithoutAHost:
    """Only TCP and ping are seen."""

    @pytest.fixture
    def settings(self) -> Document:
        return without_host(one_server())

    async def test_what_answers_nothing_is_host_unreachable(
        self, house: House
    ) -> None:
        await a_fault(
            house, "rebooting", "host_unreachable", within=60, over=45
        )
