"""The same server through the backend and with a browser's eyes."""

from typing import Any

import pytest
import pytest_asyncio

from monitor.simulator.backend import SimulatedBackend
from tests.stories.conftest import WITH_BATCH, Town
from tests.stories.daemon import Scrape

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]

NAME = "attic"
REASONS = {
    "backend_offline_body": "offline",
    "backend_404": "no_such_api",
    "backend_422": "request_refused",
    "backend_500": "backend_error",
    "backend_503": "unavailable",
    "backend_down": "refused",
}


@pytest_asyncio.fixture(loop_scope="module")
async def well_town(town: Town) -> Town:
    await town.all_well()
    return town


def backend_of(town: Town) -> SimulatedBackend:
    assert town.fleet.backend is not None
    return town.fleet.backend


def looked(wanted: float, probe: str) -> Any:  # noqa: ANN401 - a predicate
    def holds(scrape: Scrape) -> bool:
        name = "facefusion_probe_success"
        return scrape.value(name, target=NAME, probe=probe) == wanted

    return holds


async def check_of(town: Town, name: str) -> dict[str, Any]:
    answer = await town.daemon.client.get(f"/api/v1/targets/{NAME}")
    return next(c for c in answer.json()["checks"] if c["name"] == name)


@pytest.mark.timeout(90)
@pytest.mark.parametrize("fault", REASONS)
async def test_what_the_backend_gets_wrong_is_told_apart_and_never_down(
    well_town: Town, fault: str
) -> None:
    backend = backend_of(well_town)
    backend.faults.switch_on(fault)
    try:
        scrape = await well_town.daemon.until(looked(0, "backend"), within=30)
        check = await check_of(well_town, "backend")
    finally:
        backend.faults.switch_off(fault)
    await well_town.daemon.until(looked(1, "backend"), within=30)

    assert scrape.value("facefusion_up", target=NAME) == 1
    assert check["last"]["reason"] == REASONS[fault]
    assert check["health"] != "unhealthy"


@pytest.mark.timeout(90)
async def test_a_server_that_refuses_the_page_degrades_and_is_up(
    well_town: Town,
) -> None:
    host = well_town.host(NAME)
    host.faults.switch_on("cors")
    try:
        scrape = await well_town.daemon.until(
            lambda s: looked(0, "browser")(s) and s.health(NAME) == "degraded",
            within=30,
        )
        check = await check_of(well_town, "browser")
    finally:
        host.faults.switch_off("cors")
    await well_town.daemon.until(
        lambda s: s.health(NAME) == "healthy", within=30
    )

    assert scrape.value("facefusion_up", target=NAME) == 1
    assert check["last"]["reason"] == "cors_blocked"


@pytest.mark.timeout(90)
async def test_a_batch_goes_through_the_backend(well_town: Town) -> None:
    scrape = await well_town.daemon.until(
        lambda s: (
            s.value(
                "facefusion_canary_success",
                target=WITH_BATCH,
                operation="batch",
            )
            == 1
        ),
        within=60,
    )

    low = scrape.value(
        "facefusion_canary_benchmark_seconds",
        target=WITH_BATCH,
        operation="batch",
        bound="low",
    )
    assert low is not None


@pytest.mark.timeout(60)
async def test_the_way_to_a_server_is_measured(well_town: Town) -> None:
    scrape = await well_town.daemon.until(looked(1, "network"), within=30)

    length = scrape.value(
        "facefusion_probe_duration_seconds", target=NAME, probe="network"
    )
    assert length is not None
    assert length < 1
