"""Each fault shows in the metric that names it, heals, and stays alone."""

from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from monitor.simulator.faults import FAULTS
from tests.stories.conftest import NAMES, Town, well
from tests.stories.daemon import Scrape

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]

SICK = "attic"
SPARED = 1
"""Looks at the others that a busy test machine may cost, in one story."""
Shows = Callable[[Scrape], bool]


def down(scrape: Scrape) -> bool:
    return (
        scrape.value("facefusion_up", target=SICK) == 0
        and scrape.health(SICK) == "unhealthy"
    )


def down_with(code: float) -> Shows:
    return lambda s: (
        down(s) and code == s.value("facefusion_status_code", target=SICK)
    )


def ran(result: str, operation: str = "enhance") -> Shows:
    return lambda s: bool(
        s.value(
            "facefusion_canary_runs_total",
            target=SICK,
            operation=operation,
            result=result,
        )
    )


def invalid(scrape: Scrape) -> bool:
    return (
        scrape.value(
            "facefusion_canary_output_valid", target=SICK, operation="swap"
        )
        == 0
        and ran("invalid_output")(scrape)
        and ran("invalid_output", "swap")(scrape)
        and scrape.health(SICK) == "unhealthy"
    )


def null(scrape: Scrape) -> bool:
    return (
        ran("error")(scrape)
        and ran("error", "swap")(scrape)
        and scrape.value(
            "facefusion_canary_success", target=SICK, operation="swap"
        )
        == 0
        and scrape.health(SICK) == "unhealthy"
        and scrape.value("facefusion_up", target=SICK) == 1
    )


def slow(scrape: Scrape) -> bool:
    ratio = scrape.value(
        "facefusion_canary_benchmark_ratio",
        target=SICK,
        operation="enhance",
    )
    return ran("slow")(scrape) and ratio is not None and ratio > 1.5


def loading(scrape: Scrape) -> bool:
    took = scrape.value(
        "facefusion_canary_last_duration_seconds",
        target=SICK,
        operation="enhance",
    )
    return took is not None and took >= 3.0


def stepped_aside(scrape: Scrape) -> bool:
    skipped = [
        s.value
        for s in scrape.samples
        if s.name == "facefusion_canary_skipped_total"
        and (s.labels["target"], s.labels["reason"]) == (SICK, "busy")
    ]
    return any(skipped) and scrape.health(SICK) == "healthy"


def no_ssh(scrape: Scrape) -> bool:
    return (
        scrape.value(
            "facefusion_probe_success", host=f"{SICK}-gpu", probe="gpu"
        )
        == 0
        and scrape.value("facefusion_monitor_ssh_connections", state="down")
        == 1
    )


def fault(name: str) -> Shows:
    return lambda s: (
        s.value("facefusion_gpu_fault", host=f"{SICK}-gpu", fault=name) == 1
    )


def one_gpu_left(scrape: Scrape) -> bool:
    seen = [
        s
        for s in scrape.samples
        if s.name == "facefusion_gpu_temperature_celsius"
        and s.labels["host"] == f"{SICK}-gpu"
    ]
    known = [
        s
        for s in scrape.samples
        if s.name == "facefusion_gpu_info"
        and s.labels["host"] == f"{SICK}-gpu"
    ]
    return fault("gpu_lost")(scrape) and (len(seen), len(known)) == (1, 2)


def not_from_a_page(scrape: Scrape) -> bool:
    name = "facefusion_probe_success"
    return (
        scrape.value(name, target=SICK, probe="browser") == 0
        and scrape.value("facefusion_up", target=SICK) == 1
    )


STORIES: dict[str, tuple[float | None, Shows]] = {
    "refused": (None, down),
    "hang": (None, down),
    "slow": (8.5, slow),
    "cold": (None, loading),
    "busy": (None, stepped_aside),
    "cors": (None, not_from_a_page),
    "error_500": (None, down_with(500)),
    "null_result": (None, null),
    "unchanged_image": (None, invalid),
    "blank_image": (None, invalid),
    "not_found": (None, down_with(404)),
    "bad_gateway": (None, down_with(200)),
    "ssh_down": (None, no_ssh),
    "gpu_lost": (None, one_gpu_left),
    "nvidia_smi_hang": (None, fault("gpu_wedged")),
}


@pytest_asyncio.fixture(loop_scope="module")
async def healed(town: Town) -> AsyncIterator[Town]:
    await town.all_well()
    yield town
    for name in town.host(SICK).faults.active():
        town.host(SICK).faults.switch_off(name)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", STORIES)
async def test_a_fault_shows_heals_and_is_noticed_by_nobody_else(
    healed: Town, name: str
) -> None:
    value, shows = STORIES[name]
    others = [n for n in NAMES if n != SICK]
    before = await healed.daemon.scrape()

    healed.host(SICK).faults.switch_on(name, value)
    broken = await healed.daemon.until(shows, within=45)
    healed.host(SICK).faults.switch_off(name)
    after = await healed.all_well()

    for other in others:
        assert broken.health(other) == "healthy"
        assert well(broken, other)
        more = _failures(after, other) - _failures(before, other)
        assert more <= SPARED, [
            look for look in healed.failed_looks() if other in str(look[1])
        ]


def _failures(scrape: Scrape, target: str) -> float:
    """Return how many looks at a server and its machine failed."""
    name = "facefusion_probe_failures_total"
    status = scrape.value(name, target=target, probe="status")
    gpu = scrape.value(name, host=f"{target}-gpu", probe="gpu")
    return (status or 0) + (gpu or 0)


async def test_every_fault_of_the_simulator_has_a_story() -> None:
    assert set(STORIES) == set(FAULTS)
