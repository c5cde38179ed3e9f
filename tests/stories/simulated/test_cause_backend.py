"""The second ways: the backend, and users' browsers."""

import pytest

from tests.stories.simulated.house import House, opened
from tests.stories.simulated.settings import one_server
from tests.stories.simulated.story import Story, a_fault


@pytest.mark.parametrize(
    "fault", ["backend_offline_body", "backend_503", "backend_down"]
)
async def test_a_backend_that_says_otherwise_is_backend_disagrees(
    house: House, fault: str
) -> None:
    story = Story(house)
    house.backend.faults.switch_on(fault)
    await story.is_named("backend_disagrees", within=90, severity="warning")

    house.backend.faults.switch_off(fault)
    await story.is_over(within=120)

    assert story.causes == ["none", "backend_disagrees", "none"]
    assert story.pages == ["warning"]


async def test_browsers_without_leave_are_cors_blocked(house: House) -> None:
    await a_fault(
        house, "cors", "cors_blocked", within=90, severity="warning", over=90
    )


async def test_a_page_over_https_and_a_server_without_is_mixed_content(
    house: House,
) -> None:
    """It is how both are set up: it begins with a configuration."""
    after = await _opened_by("https://storycanvas.example")
    await after.pass_time(600)
    causes, pages = after.causes, [page.severity for page in after.told]
    held = after.diagnosis
    await after.close()

    assert causes == ["none", "mixed_content"]
    assert (held.cause, held.severity) == ("mixed_content", "warning")
    assert (held.health, held.remedies) == ("degraded", ())
    assert pages == ["warning"]
    assert house.causes == ["none"]  # the same with a page over http


async def _opened_by(origin: str) -> House:
    settings = one_server()
    settings["targets"][0]["browser"] = {"origin": origin}
    return await opened(settings)
