"""The way to a server: firewalls."""

import pytest

from tests.stories.simulated.house import House
from tests.stories.simulated.settings import (
    ADDRESS,
    Document,
    one_server,
    without_host,
)
from tests.stories.simulated.story import Story
from tests.stories.simulated.street import Firewall

PORT = 9002


async def _is_blocked(house: House, does: Firewall) -> None:
    story = Story(house)
    house.street.firewall(ADDRESS, PORT, does)
    await story.is_named("network_blocked", within=60)

    house.street.no_firewall(ADDRESS, PORT)
    await story.is_over(within=45)

    assert story.causes == ["none", "network_blocked", "none"]
    assert story.pages == ["critical"]


@pytest.mark.parametrize("does", ["drop", "reject", "prohibit"])
async def test_a_server_behind_a_firewall_is_network_blocked(
    house: House, does: Firewall
) -> None:
    await _is_blocked(house, does)


class TestWithoutAHost:
    """Only TCP and ping are seen."""

    @pytest.fixture
    def settings(self) -> Document:
        return without_host(one_server())

    async def test_a_port_that_drops_all_is_network_blocked(
        self, house: House
    ) -> None:
        await _is_blocked(house, "drop")
