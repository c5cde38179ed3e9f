"""The process: gone, stopped, starting, elsewhere."""

import pytest

from tests.stories.simulated.house import House
from tests.stories.simulated.settings import (
    Document,
    one_server,
    without_host,
)
from tests.stories.simulated.story import Story, a_fault


async def test_a_killed_server_is_process_down(house: House) -> None:
    await a_fault(
        house,
        "process_killed",
        "process_down",
        within=10,
        remedies=["restart"],
        over=15,
    )


async def test_one_the_kernel_killed_for_memory_is_oom_killed(
    house: House,
) -> None:
    await a_fault(
        house,
        "oom_killed",
        "oom_killed",
        within=10,
        remedies=["restart"],
        over=15,
    )


async def test_one_that_somebody_stopped_is_stopped_by_operator(
    house: House,
) -> None:
    await a_fault(
        house,
        "operator_stop",
        "stopped_by_operator",
        within=10,
        severity="warning",
        health="unhealthy",
        over=15,
    )


async def test_a_planned_restart_is_starting_and_wakes_nobody(
    house: House,
) -> None:
    await a_fault(
        house,
        "restart",
        "starting",
        within=10,
        severity="info",
        lasts=40,
        over=15,
    )


async def test_one_that_never_listens_again_is_not_listening(
    house: House,
) -> None:
    await a_fault(
        house,
        "not_listening",
        "not_listening",
        within=10,
        remedies=["restart"],
        over=15,
    )


async def test_one_that_listens_for_itself_only_is_bound_to_loopback(
    house: House,
) -> None:
    await a_fault(
        house, "loopback_only", "bound_to_loopback", within=10, over=15
    )


@pytest.mark.parametrize("fault", ["port_drift", "port_taken"])
async def test_one_that_listens_on_the_next_port_is_port_drift(
    house: House, fault: str
) -> None:
    await a_fault(
        house,
        fault,
        "port_drift",
        within=10,
        remedies=["restart"],
        over=15,
    )


async def test_one_that_ends_after_each_start_is_a_crash_loop(
    house: House,
) -> None:
    story = Story(house)
    story.breaks("crash_loop")
    await story.is_named("crash_loop", within=75, lasts=300)

    story.heals("crash_loop")
    await story.is_over(within=150)

    assert story.causes == ["none", "starting", "crash_loop", "none"]
    assert story.pages == ["critical", "warning"]  # it answers again


class TestWithoutAHost:
    """Only the refusal is seen."""

    @pytest.fixture
    def settings(self) -> Document:
        return without_host(one_server())

    async def test_a_refusal_is_process_down(self, house: House) -> None:
        await a_fault(
            house,
            "refused",
            "process_down",
            within=45,
            remedies=["restart"],
            over=40,
        )
