"""A whole day of a healthy server: nothing is said of it."""

import pytest

from tests.stories.simulated.house import House

DAY = 86_400.0
LOOKS = 36_000
"""Looks of a day, at the intervals that are the default."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


async def test_a_healthy_day_has_no_diagnosis(house: House) -> None:
    began = house.looks

    await house.pass_time(DAY)

    assert house.causes == ["none"]
    assert house.pages == []
    assert house.looks - began > LOOKS
