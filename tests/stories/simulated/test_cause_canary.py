"""Jobs of ours: refused, failing, or done wrong."""

import pytest

from tests.stories.simulated.house import House
from tests.stories.simulated.story import a_fault

RUNS = 8 * 60.0
"""Seconds within which one of the canaries has run and was confirmed."""
ALL_RAN = 10 * 60.0


async def test_one_whose_jobs_end_without_a_result_is_processing_failed(
    house: House,
) -> None:
    await a_fault(
        house,
        "null_result",
        "processing_failed",
        within=RUNS,
        remedies=["restart"],
        over=ALL_RAN,
    )


@pytest.mark.parametrize("fault", ["unchanged_image", "blank_image"])
async def test_one_whose_pictures_are_no_good_is_invalid_output(
    house: House, fault: str
) -> None:
    await a_fault(
        house,
        fault,
        "invalid_output",
        within=RUNS,
        remedies=["restart"],
        over=ALL_RAN,
    )


async def test_one_that_refuses_our_jobs_is_canary_input_rejected(
    house: House,
) -> None:
    await a_fault(
        house,
        "input_refused",
        "canary_input_rejected",
        within=RUNS,
        severity="warning",
        health="unknown",
        over=ALL_RAN,
    )


async def test_one_that_declines_our_picture_is_content_declined(
    house: House,
) -> None:
    await a_fault(
        house,
        "content_declined",
        "content_declined",
        within=RUNS,
        severity="warning",
        health="unknown",
        over=ALL_RAN,
    )
