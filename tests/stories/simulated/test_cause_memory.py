"""GPU memory that a server takes and does not give back."""

import pytest

from tests.stories.simulated.house import House
from tests.stories.simulated.story import a_fault

HOUR = 3600.0


@pytest.mark.timeout(240)  # a slow machine took over the usual minute
async def test_one_that_holds_more_each_hour_is_gpu_memory_leak(
    house: House,
) -> None:
    await a_fault(
        house,
        "gpu_memory_leak",
        "gpu_memory_leak",
        within=8 * HOUR,
        severity="warning",
        remedies=["restart", "free-gpu-memory"],
        over=600,
    )
