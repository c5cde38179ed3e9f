"""What nothing explains, and what nobody knows; without a host."""

import pytest

from monitor.domain.diagnosis.following import NO_DATA_WARNS
from monitor.domain.observation import CheckKey, Kind
from tests.stories.simulated.house import House
from tests.stories.simulated.settings import (
    ADDRESS,
    Document,
    one_server,
    without_host,
)
from tests.stories.simulated.story import Story

PORT = 9002


@pytest.fixture
def settings() -> Document:
    return without_host(one_server())


async def test_a_silence_that_may_be_anything_is_unexplained(
    house: House,
) -> None:
    house.street.may_ping = False
    story = Story(house)
    house.street.firewall(ADDRESS, PORT)
    await story.is_named("unexplained", within=75)

    house.street.no_firewall(ADDRESS, PORT)
    await story.is_over(within=45)

    assert story.causes == ["none", "unexplained", "none"]
    assert story.pages == ["critical"]


async def test_a_server_that_is_not_looked_at_any_more_is_no_data(
    house: House,
) -> None:
    status = CheckKey(kind=Kind.TARGET, subject=house.name, check="status")
    check = house.board.entry(status).check
    story = Story(house)
    house.schedule.remove(status)  # a fault of ours
    await story.is_named(
        "no_data", within=90, severity="info", health="unknown", lasts=500
    )
    await house.pass_time(NO_DATA_WARNS)
    await story.is_named(
        "no_data", within=0, severity="warning", health="unknown"
    )

    house.schedule.add(check)
    await story.is_over(within=45)

    assert story.causes == ["none", "no_data", "none"]
    assert story.pages == ["warning"]
