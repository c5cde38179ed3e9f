"""Whether it is us: no server is paged for our own faults."""

from tests.stories.simulated.house import House
from tests.stories.simulated.story import Story


async def test_without_our_own_network_we_are_blind(house: House) -> None:
    story = Story(house)
    house.street.is_gone = True
    await story.is_named(
        "monitor_blind", within=60, health="unknown", severity="critical"
    )

    house.street.is_gone = False
    await story.is_over(within=100)

    assert story.causes == ["none", "monitor_blind", "none"]
    assert story.pages == []  # facefusion_monitor_blind tells, once


async def test_a_loop_of_ours_that_is_late_is_blind_to_what_looks_bad(
    house: House,
) -> None:
    story = Story(house)
    house.loop_lag = 12.0
    story.breaks("hang")
    await story.is_named(
        "monitor_blind", within=60, health="unknown", severity="critical"
    )

    story.heals("hang")
    house.loop_lag = 0.0
    await story.is_over(within=60)

    assert story.causes == ["none", "monitor_blind", "none"]
    assert story.pages == []
